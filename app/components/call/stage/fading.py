"""The controls of a call fade while nobody needs them, and come back at any sign of life."""

import time
from collections.abc import Callable

import flet as ft

from app.components.frame.clock import use_every
from app.components.frame.tasks import use_task
from app.state.core.hooks import use_ref

FADE_AFTER_S = 4.0
POLL_INTERVAL_S = 1.0
FADED = 0.01
"""Not 0: what is fully transparent leaves the tree that screen readers and the keyboard walk."""


def use_fading(calm: bool) -> tuple[bool, Callable[[], None], Callable[[bool], None]]:
    """Whether the controls are faded; what to call on any activity, and when keyboard focus enters or leaves them.

    They fade only while the call is calm, and never where a screen reader or reduced motion is on, or may be.
    """
    page = ft.context.page
    faded, set_faded = ft.use_state(False)
    may_fade, set_may_fade = ft.use_state(False)
    last_activity_s = use_ref(time.monotonic())
    focused = use_ref(0)

    async def ask_features() -> None:
        try:
            features = await ft.SemanticsService().get_accessibility_features()
        except (RuntimeError, TimeoutError, TypeError):  # a client that cannot tell: they stay
            return
        set_may_fade(not (features.accessible_navigation or features.disable_animations or features.reduce_motion))

    use_task(ask_features, [])

    def awake() -> None:
        last_activity_s.current = time.monotonic()
        set_faded(False)

    def focus(inside: bool) -> None:
        focused.current = max(0, focused.current + (1 if inside else -1))
        awake()

    def fade_when_quiet() -> None:
        quiet = time.monotonic() - last_activity_s.current > FADE_AFTER_S
        set_faded(quiet and calm and may_fade and not focused.current and page is not None)

    use_every(POLL_INTERVAL_S, fade_when_quiet)
    return faded and calm, awake, focus


def use_focus_inside(on_focus: Callable[[bool], None]) -> Callable[[bool], None]:
    """For a group of controls: passes on to `on_focus` when keyboard focus enters or leaves one of them. A group that
    goes while the focus is in it takes it along, as the bar does at another width: no blur is reported then.
    """
    inside = use_ref(0)

    def moved(enters: bool) -> None:
        inside.current = max(0, inside.current + (1 if enters else -1))
        on_focus(enters)

    def go() -> None:
        while inside.current:
            moved(False)

    ft.use_effect(lambda: None, [], go)
    return moved
