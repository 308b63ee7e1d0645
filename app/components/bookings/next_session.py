"""The session that comes next, large, with its countdown and Start: on top of both people's first screen."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import flet as ft

from app.api.models import Booking, Role
from app.components.bookings.session_chips import NoteRow, SessionChips
from app.components.bookings.start_button import Now, start_control, use_start_window
from app.components.design.avatar import Avatar
from app.components.design.buttons import SecondaryButton
from app.components.design.card import Card
from app.components.design.status_chip import StatusChip
from app.components.design.theme import (
    QUIET_INK,
    SPACE_4,
    SPACE_8,
    SPACE_12,
    SPACE_16,
    SPACE_24,
    Type,
    selection_border,
)
from app.components.frame.page_events import use_wide
from app.state.bookings.session_notes import session_notes
from app.state.core.status_word import StatusWord
from app.state.core.wall_time import duration_words, span_words

START_WIDTH = 208


@ft.component
def NextSession(
    booking: Booking,
    role: Role,
    now: Now,
    zone: ZoneInfo,
    on_start: Callable[[Booking], object],
    on_details: Callable[[Booking], object],
    photo_url: str | None = None,
    other_waiting: bool = False,
    tight: bool = False,
    selected: bool = False,
) -> ft.Control:
    """`role` is the viewer's, `zone` the viewer's, `now` the server's clock; `photo_url` (absolute) is the other's.

    `tight`: a session's details stand beside the list and leave little room; `selected`: they are this session's.
    """
    window = use_start_window(booking, now, zone)
    wide = use_wide() and not tight
    name = booking.other(role).name
    what = ft.Column(
        [
            ft.Text("Next session", theme_style=Type.LABEL, color=QUIET_INK),
            ft.Semantics(
                header=True,
                container=True,  # else its name runs together with Start's
                content=ft.Text(window.countdown or "Next session", theme_style=Type.FIGURE),
            ),
            _who(booking, name, now, zone, photo_url),
            ft.Row(
                [
                    *([StatusChip(StatusWord(f"{name} is waiting", "wait", "waiting"))] if other_waiting else []),
                    *SessionChips(booking.status, booking.payment_status),
                ],
                spacing=SPACE_8,
                run_spacing=SPACE_8,
                wrap=True,
            ),
            *(NoteRow(each) for each in session_notes(booking, role, now(), zone)),
        ],
        spacing=SPACE_12,
        tight=True,
        expand=wide,
    )
    start = ft.Column(
        [
            start_control(booking, window, on_start, expand=True, autofocus=True),
            SecondaryButton("Details", lambda: on_details(booking), expand=True),
        ],
        spacing=SPACE_8,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    if wide:
        body: ft.Control = ft.Row(
            [what, ft.Container(start, width=START_WIDTH)],
            spacing=SPACE_24,
            vertical_alignment=ft.CrossAxisAlignment.CENTER,
        )
    else:
        body = ft.Column([what, start], spacing=SPACE_16, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
    return Card(body, SPACE_24 if wide else SPACE_16, border=selection_border(selected))


def _who(booking: Booking, name: str, now: Now, zone: ZoneInfo, photo_url: str | None) -> ft.Control:
    span = span_words(booking.starts_at, booking.ends_at, zone, now())
    length = duration_words(booking.ends_at - booking.starts_at)
    words = ft.Column(
        [
            ft.Text(name, theme_style=Type.TITLE),
            ft.Text(f"{span} · {length}", theme_style=Type.BODY, color=QUIET_INK),
        ],
        spacing=SPACE_4,
        tight=True,
        expand=True,
    )
    return ft.Row([Avatar(name, photo_url), words], spacing=SPACE_16)
