"""Hold the space bar to speak while muted."""

import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import flet as ft

from app.components.frame.clock import use_every
from app.components.frame.page_events import use_key
from app.state.call.call_session import CallSession
from app.state.core.hooks import use_ref

SPACE = (" ", "Space")
REPEATS_STOPPED_S = 1.5
"""A held key repeats itself. When it has, and then no longer does, its release went to another window."""
CHECK_EVERY_S = 0.5
KEY_PRESS_S = 0.5
"""A button pressed so soon after a key was pressed by it."""

Act = Callable[[], Awaitable[None]]


@dataclass
class HeldKey:
    """Follows one key: pure. `talks` from its press to its release."""

    talks: bool = False
    _repeated_at: float | None = field(default=None, repr=False)

    def press(self, key: str, muted: bool) -> bool:
        """Whether speaking begins with it."""
        if key not in SPACE or not muted:
            return False
        begins, self.talks, self._repeated_at = not self.talks, True, None
        return begins

    def repeat(self, key: str, now_s: float) -> None:
        if self.talks and key in SPACE:
            self._repeated_at = now_s

    def release(self, key: str = SPACE[0]) -> bool:
        """Whether speaking ends with it."""
        if key not in SPACE:
            return False
        ended, self.talks = self.talks, False
        return ended

    def lost(self, now_s: float) -> bool:
        """Whether the key must have been released where we do not see it; speaking then ends."""
        gone = self.talks and self._repeated_at is not None and now_s - self._repeated_at > REPEATS_STOPPED_S
        return self.release() if gone else False


@dataclass(frozen=True)
class PushToTalk:
    """`talking`: the person is speaking that way. `listening` makes the part of the screen that listens for the key,
    `listen` gives that part the keyboard's focus, and so does a button whose action went through `refocus_after`,
    unless a key pressed it.
    """

    talking: bool
    listening: Callable[[ft.Control], ft.KeyboardListener]
    listen: Callable[[], None]
    refocus_after: Callable[[Act], Act]


def use_push_to_talk(call: CallSession, awake: Callable[[], None]) -> PushToTalk:
    """The part that listens must not contain buttons: a focused button keeps its space bar, because keys go to the
    focused control and what is around it. `Page.on_keyboard_event` reports no release (flet 1.0.5): it cannot do this.
    """
    page = ft.context.page
    held_key = use_ref(HeldKey()).current
    listener: ft.Ref[ft.KeyboardListener] = use_ref(ft.Ref[ft.KeyboardListener]()).current
    talking, set_talking = ft.use_state(False)

    def talk(changed: bool) -> None:
        if changed:
            set_talking(held_key.talks)
            page.run_task(call.talk, held_key.talks)

    def listening(content: ft.Control) -> ft.KeyboardListener:
        return ft.KeyboardListener(
            content,
            ref=listener,
            autofocus=True,
            expand=True,
            on_key_down=lambda e: talk(held_key.press(e.key, not call.snapshot.microphone.enabled)),
            on_key_repeat=lambda e: held_key.repeat(e.key, time.monotonic()),
            on_key_up=lambda e: talk(held_key.release(e.key)),
        )

    def listen() -> None:
        awake()
        if listener.current is not None:
            page.run_task(_focus, listener.current)

    use_every(CHECK_EVERY_S, lambda: talk(held_key.lost(time.monotonic())))
    return PushToTalk(talking, listening, listen, use_pointer(listen))


def use_pointer(then: Callable[[], None]) -> Callable[[Act], Act]:
    """Wraps what a button does: `then` follows if it was pressed by mouse or finger instead of a key."""
    key_at_s = use_ref(0.0)

    def note(e: ft.KeyboardEvent) -> None:
        key_at_s.current = time.monotonic()

    use_key(note)

    def wrap(act: Act) -> Act:
        async def press() -> None:
            by_key = time.monotonic() - key_at_s.current < KEY_PRESS_S
            await act()
            if not by_key:
                then()

        return press

    return wrap


async def _focus(listener: ft.KeyboardListener) -> None:
    with contextlib.suppress(RuntimeError, TimeoutError):  # it has just gone
        await listener.focus()  # type: ignore[no-untyped-call]  # flet leaves it without types
