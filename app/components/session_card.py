"""A session as one row of a day: when, with whom, how it stands, and Start once it may be joined."""

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import flet as ft

from app.api.models import Booking
from app.components.avatar import Avatar
from app.components.shell import use_wide
from app.components.start_button import Now, start_control, use_start_window
from app.components.status_chip import SessionChips
from app.components.theme import CARD, QUIET_INK, RADIUS_MEDIUM, SPACE_4, SPACE_8, SPACE_12, SPACE_16, Type
from app.state.upcoming import other_name
from app.state.wall_time import duration_words, time_words


@dataclass(frozen=True)
class DayHeading:
    """Stands above a day's sessions."""

    words: str


def DayHeadingRow(heading: DayHeading) -> ft.Control:
    return ft.Container(
        ft.Semantics(header=True, content=ft.Text(heading.words, theme_style=Type.TITLE)),
        padding=ft.Padding.only(top=SPACE_12, left=SPACE_4),
    )


@ft.component
def SessionCard(
    booking: Booking,
    role: str,
    now: Now,
    zone: ZoneInfo,
    on_start: Callable[[Booking], object],
    photo_url: str | None = None,
) -> ft.Control:
    """`role` and `zone` are the viewer's, `now` is the server's clock; `photo_url` (absolute) is the other person's.

    Before the room opens a row says nothing of Start: the next session above it does.
    """
    wide = use_wide()
    chips = ft.Row(
        SessionChips(booking.status, booking.payment_status), spacing=SPACE_8, run_spacing=SPACE_8, wrap=True
    )
    who = _who(booking, other_name(booking, role), zone)
    avatar = Avatar(other_name(booking, role), photo_url)
    window = use_start_window(booking, now, zone, words_shown=False)
    start = [start_control(booking, window, on_start)] if window.can_start else []
    if wide:
        line = ft.Row([avatar, who, chips], spacing=SPACE_16, vertical_alignment=ft.CrossAxisAlignment.CENTER)
        chips.wrap = False
        chips.tight = True
    else:
        line = ft.Row([avatar, who], spacing=SPACE_12, vertical_alignment=ft.CrossAxisAlignment.START)
    return ft.Container(
        ft.Column([line, *([] if wide else [chips]), *start], spacing=SPACE_12, tight=True),
        bgcolor=CARD,
        border_radius=RADIUS_MEDIUM,
        padding=SPACE_16,
    )


def _who(booking: Booking, name: str, zone: ZoneInfo) -> ft.Control:
    span = f"{time_words(booking.starts_at, zone)}–{time_words(booking.ends_at, zone)}"
    length = duration_words(booking.ends_at - booking.starts_at)
    return ft.Column(
        [
            ft.Text(name, theme_style=Type.TITLE, max_lines=1, overflow=ft.TextOverflow.ELLIPSIS),
            ft.Text(f"{span} · {length} · {booking.price_words}", theme_style=Type.BODY, color=QUIET_INK),
        ],
        spacing=0,
        tight=True,
        expand=True,
    )
