"""What cancelling would give back, quietly beside what is about to be booked or paid."""

import flet as ft

from app.components.theme import QUIET_INK, SPACE_8, Type


def PolicyLine(words: str, ink: ft.Colors = QUIET_INK) -> ft.Control:
    """One sentence with its icon, in the ink of the ground that it stands on."""
    return ft.Row(
        [
            ft.Icon(ft.Icons.EVENT_REPEAT_OUTLINED, size=18, color=ink),
            ft.Text(words, theme_style=Type.SMALL, color=ink, expand=True),
        ],
        spacing=SPACE_8,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
