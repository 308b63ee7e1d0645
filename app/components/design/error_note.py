"""What went wrong with a booking, with the ways on as buttons."""

from collections.abc import Sequence
from dataclasses import dataclass

import flet as ft

from app.components.design.buttons import OnClick, SecondaryButton
from app.components.design.theme import BAD, NOTE, RADIUS_MEDIUM, SPACE_8, SPACE_12, SPACE_16, Tone, Type


@dataclass(frozen=True)
class NextStepButton:
    """One way on: `words` on it, what pressing does."""

    words: str
    on_click: OnClick


def ErrorNote(text: str, next_steps: Sequence[NextStepButton] = (), calm: bool = False) -> ft.Control:
    """A screen reader reads it out when it appears. `calm`: nothing failed, something ended."""
    tone: Tone = NOTE if calm else BAD
    icon = ft.Icons.INFO_OUTLINE if calm else ft.Icons.ERROR_OUTLINE
    words = ft.Row(
        [ft.Icon(icon, size=20, color=tone.ink), ft.Text(text, theme_style=Type.BODY, color=tone.ink, expand=True)],
        spacing=SPACE_12,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
    buttons: list[ft.Control] = [SecondaryButton(each.words, each.on_click) for each in next_steps]
    row = [ft.Row(buttons, wrap=True, spacing=SPACE_8, run_spacing=SPACE_8)] if buttons else []
    return ft.Semantics(
        live_region=True,
        container=True,
        content=ft.Container(
            ft.Column([words, *row], spacing=SPACE_12, tight=True),
            bgcolor=tone.ground,
            border_radius=RADIUS_MEDIUM,
            padding=SPACE_16,
        ),
    )
