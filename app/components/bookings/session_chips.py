"""A status as colour, word and icon together: none of them has to be seen for the others to be understood."""

import flet as ft

from app.components.design.theme import (
    BAD,
    GOOD,
    NOTE,
    QUIET,
    QUIET_INK,
    RADIUS_MEDIUM,
    RADIUS_SMALL,
    SPACE_4,
    SPACE_8,
    SPACE_12,
    WAITING,
    Tone,
    Type,
)
from app.state.bookings.session_notes import SessionNote
from app.state.bookings.session_words import StatusWord, payment_word, status_word

TONES = {"good": GOOD, "note": NOTE, "wait": WAITING, "bad": BAD, "quiet": QUIET}
SIGNS = {
    "check": ft.Icons.EVENT_AVAILABLE_OUTLINED,
    "done": ft.Icons.DONE_ALL,
    "hourglass": ft.Icons.HOURGLASS_BOTTOM,
    "cancel": ft.Icons.EVENT_BUSY_OUTLINED,
    "absent": ft.Icons.PERSON_OFF_OUTLINED,
    "card": ft.Icons.CREDIT_CARD,
    "paid": ft.Icons.CHECK_CIRCLE_OUTLINE,
    "problem": ft.Icons.ERROR_OUTLINE,
    "refund": ft.Icons.UNDO,
    "moved": ft.Icons.UPDATE,
    "waiting": ft.Icons.WAVING_HAND_OUTLINED,
    "free": ft.Icons.CIRCLE_OUTLINED,
    "unknown": ft.Icons.HELP_OUTLINE,
}


def StatusChip(word: StatusWord) -> ft.Control:
    """One status. The icon says nothing to a screen reader, because the word does."""
    tone: Tone = TONES.get(word.tone, QUIET)
    return ft.Container(
        bgcolor=tone.ground,
        border_radius=RADIUS_SMALL,
        padding=ft.Padding.symmetric(horizontal=SPACE_8, vertical=SPACE_4),
        content=ft.Row(
            [
                ft.Icon(SIGNS.get(word.sign, ft.Icons.HELP_OUTLINE), size=16, color=tone.ink),
                ft.Text(word.word, theme_style=Type.LABEL, color=tone.ink, no_wrap=True),
            ],
            spacing=SPACE_4,
            tight=True,
        ),
    )


def NoteRow(note: SessionNote) -> ft.Control:
    """One thing to say of a session, as a line within its row."""
    return _note(note, QUIET_INK if note.tone in ("quiet", "note") else TONES.get(note.tone, QUIET).ink)


def NoteBox(note: SessionNote) -> ft.Control:
    """The same on a ground of its own, where a session is looked at closely; a screen reader is told of a change."""
    tone: Tone = TONES.get(note.tone, QUIET)
    box = ft.Container(_note(note, tone.ink), bgcolor=tone.ground, border_radius=RADIUS_MEDIUM, padding=SPACE_12)
    return ft.Semantics(live_region=True, content=box)


def _note(note: SessionNote, ink: ft.Colors) -> ft.Control:
    return ft.Row(
        [
            ft.Icon(SIGNS.get(note.sign, ft.Icons.HELP_OUTLINE), size=16, color=ink),
            ft.Text(note.words, theme_style=Type.SMALL, color=ink, expand=True),
        ],
        spacing=SPACE_8,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def SessionChips(status: str, payment_status: str) -> list[ft.Control]:
    """The two chips of a session: where it stands, and where its payment stands."""
    return [StatusChip(status_word(status)), StatusChip(payment_word(status, payment_status))]
