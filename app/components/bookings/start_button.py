"""Start, on exactly while the session may be joined, and the words that lead up to it."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import flet as ft

from app.api.models import Booking
from app.components.design.buttons import PrimaryButton
from app.components.frame.tasks import use_task
from app.state.bookings.start_window import StartWindow, start_window
from app.state.core.hooks import use_ref

LONGEST_SLEEP_S = 15.0  # the server's clock, as known here, may be corrected meanwhile, or the machine have slept
SHORTEST_SLEEP_S = 0.01
CHECK_S = 1.0  # after asking for a new drawing: whether it has come about

Now = Callable[[], datetime]


def use_start_window(booking: Booking, now: Now, zone: ZoneInfo, words_shown: bool = True) -> StartWindow:
    """Where Start stands now; the component is drawn again when that changes (the words too, if they are shown)."""
    current = start_window(booking, now(), zone)
    shown = use_ref(current)
    shown.current = current
    _, draw_again = ft.use_state(0)

    async def follow() -> None:
        window, longest_s = start_window(booking, now(), zone), LONGEST_SLEEP_S
        while window.changes_in_s is not None:
            await asyncio.sleep(min(max(window.changes_in_s, SHORTEST_SLEEP_S), longest_s))
            window, longest_s = start_window(booking, now(), zone), LONGEST_SLEEP_S
            was = shown.current
            if window.can_start != was.can_start or (words_shown and _words(window) != _words(was)):
                draw_again(lambda times: times + 1)
                longest_s = CHECK_S

    use_task(follow, [booking, zone])
    return current


def _words(window: StartWindow) -> tuple[str, str]:
    return window.countdown, window.reason


def start_control(
    booking: Booking,
    window: StartWindow,
    on_start: Callable[[Booking], object],
    expand: bool = False,
    autofocus: bool = False,
) -> ft.Control:
    """The button for a window that the caller follows itself. `autofocus`: Enter presses it, once it can be pressed."""
    start = (lambda: on_start(booking)) if window.can_start else None
    return PrimaryButton(
        "Start", start, window.reason, icon=ft.Icons.VIDEOCAM_OUTLINED, expand=expand, autofocus=autofocus
    )
