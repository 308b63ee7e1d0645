"""A session as one row of a day: when, with whom, how it stands, the way to its details, and Start once it opens."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import flet as ft

from app.api.models import Booking, Role
from app.components.bookings.session_chips import NoteRow, SessionChips
from app.components.bookings.start_button import Now, start_control, use_start_window
from app.components.design.avatar import Avatar
from app.components.design.card import Card, Heading, Stacked
from app.components.design.theme import (
    QUIET_INK,
    RADIUS_MEDIUM,
    SPACE_4,
    SPACE_8,
    SPACE_12,
    SPACE_16,
    Type,
    rounded,
    selection_border,
)
from app.components.frame.page_events import use_wide
from app.state.bookings.session_notes import SessionNote, session_notes
from app.state.bookings.words.session_words import payment_word, status_word
from app.state.core.wall_time import duration_words, time_words, times_words, until_words

OnSelect = Callable[[Booking], object]


@dataclass(frozen=True)
class DayHeading:
    """Stands above a day's sessions."""

    words: str


@dataclass(frozen=True)
class SessionRow:
    """What a row shows; `selected`: its details are open, `tight`: they stand beside it and leave little room."""

    booking: Booking
    selected: bool = False
    tight: bool = False


def DayHeadingRow(heading: DayHeading) -> ft.Control:
    return ft.Container(
        Heading(heading.words),
        padding=ft.Padding.only(top=SPACE_12, left=SPACE_4),
    )


def session_label(booking: Booking, role: Role, zone: ZoneInfo, now: datetime) -> str:
    """All of a row for a screen reader, in the order in which it is read."""
    length = duration_words(booking.ends_at - booking.starts_at)
    parts = [
        booking.other(role).name,
        f"{time_words(booking.starts_at, zone)} to {until_words(booking.starts_at, booking.ends_at, zone)}",
        length,
        booking.price_words,
        status_word(booking.status).word,
        payment_word(booking.status, booking.payment_status).word,
        *(note.words for note in session_notes(booking, role, now, zone)),
        "details",
    ]
    return ", ".join(parts)


@ft.component
def SessionCard(
    row: SessionRow,
    role: Role,
    now: Now,
    zone: ZoneInfo,
    on_start: Callable[[Booking], object],
    on_select: OnSelect,
    photo_url: str | None = None,
) -> ft.Control:
    """`role` and `zone` are the viewer's, `now` is the server's clock; `photo_url` (absolute) is the other person's.

    All of it but Start is one button that opens the details. Before the room opens a row says nothing of Start: the
    next session above it does.
    """
    booking = row.booking
    beside = use_wide() and not row.tight
    window = use_start_window(booking, now, zone, words_shown=False)
    start = [ft.Container(start_control(booking, window, on_start), padding=_around(top=0))] if window.can_start else []
    notes = session_notes(booking, role, now(), zone)
    words = ft.Semantics(
        label=session_label(booking, role, zone, now()),
        exclude_semantics=True,
        content=_content(booking, booking.other(role).name, photo_url, zone, beside, notes),
    )
    button = ft.TextButton(
        content=words,
        on_click=lambda: on_select(booking),
        style=ft.ButtonStyle(
            color=ft.Colors.ON_SURFACE,
            shape=rounded(RADIUS_MEDIUM),
            padding=SPACE_16,
            alignment=ft.Alignment.CENTER_LEFT,
        ),
    )
    content = Stacked([ft.MergeSemantics(button), *start], spacing=0)
    return Card(content, 0, radius=RADIUS_MEDIUM, border=selection_border(row.selected))


def _around(top: float) -> ft.Padding:
    return ft.Padding.only(left=SPACE_16, right=SPACE_16, bottom=SPACE_16, top=top)


def _content(
    booking: Booking, name: str, photo_url: str | None, zone: ZoneInfo, beside: bool, notes: tuple[SessionNote, ...]
) -> ft.Control:
    chips = SessionChips(booking.status, booking.payment_status)
    line: list[ft.Control] = [Avatar(name, photo_url), _who(booking, name, zone)]
    below: list[ft.Control] = [NoteRow(each) for each in notes]
    if beside:
        line.append(ft.Row(chips, spacing=SPACE_8, tight=True))
    else:
        below.insert(0, ft.Row(chips, spacing=SPACE_8, run_spacing=SPACE_8, wrap=True))
    line.append(ft.Icon(ft.Icons.CHEVRON_RIGHT, size=20, color=QUIET_INK))
    first = ft.Row(line, spacing=SPACE_16 if beside else SPACE_12, vertical_alignment=ft.CrossAxisAlignment.CENTER)
    return ft.Column([first, *below], spacing=SPACE_8, tight=True)


def _who(booking: Booking, name: str, zone: ZoneInfo) -> ft.Control:
    span = times_words(booking.starts_at, booking.ends_at, zone)
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
