"""A status as colour, word and icon together: none of them has to be seen for the others to be understood."""

import flet as ft

from app.components.design.theme import (
    BAD,
    GOOD,
    NOTE,
    QUIET,
    RADIUS_SMALL,
    SPACE_4,
    SPACE_8,
    WAITING,
    Tone,
    Type,
)
from app.state.core.status_word import StatusWord

TONES = {"good": GOOD, "note": NOTE, "wait": WAITING, "bad": BAD, "quiet": QUIET}
ICONS = {
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
                ft.Icon(ICONS.get(word.icon, ft.Icons.HELP_OUTLINE), size=16, color=tone.ink),
                ft.Text(word.word, theme_style=Type.LABEL, color=tone.ink, no_wrap=True),
            ],
            spacing=SPACE_4,
            tight=True,
        ),
    )
