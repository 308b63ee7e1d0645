"""Where a session and its payment stand, and the notes on it."""

import flet as ft

from app.components.design.status_chip import ICONS, TONES, StatusChip
from app.components.design.theme import (
    QUIET,
    QUIET_INK,
    RADIUS_MEDIUM,
    SPACE_8,
    SPACE_12,
    Tone,
    Type,
)
from app.state.bookings.session_notes import SessionNote
from app.state.bookings.words.session_words import payment_word, status_word


def NoteRow(note: SessionNote) -> ft.Control:
    """One thing to say of a session, as a line within its row."""
    return _note(note, QUIET_INK if note.tone in ("quiet", "note") else TONES.get(note.tone, QUIET).ink)


def NoteBox(note: SessionNote) -> ft.Control:
    """The same on a ground of its own, in a session's details; a screen reader reads out a change."""
    tone: Tone = TONES.get(note.tone, QUIET)
    box = ft.Container(_note(note, tone.ink), bgcolor=tone.ground, border_radius=RADIUS_MEDIUM, padding=SPACE_12)
    return ft.Semantics(live_region=True, content=box)


def _note(note: SessionNote, ink: ft.Colors) -> ft.Control:
    return ft.Row(
        [
            ft.Icon(ICONS.get(note.icon, ft.Icons.HELP_OUTLINE), size=16, color=ink),
            ft.Text(note.words, theme_style=Type.SMALL, color=ink, expand=True),
        ],
        spacing=SPACE_8,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def SessionChips(status: str, payment_status: str) -> list[ft.Control]:
    """The two chips of a session: where it stands, and where its payment stands."""
    return [StatusChip(status_word(status)), StatusChip(payment_word(status, payment_status))]
