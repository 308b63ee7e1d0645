"""What cancelling would give back, and what the price covers, quietly beside what is about to be booked or paid."""

import flet as ft

from app.components.design.theme import QUIET_INK, SPACE_8, Type


def PolicyLine(
    words: str, ink: ft.Colors = QUIET_INK, icon: ft.IconData = ft.Icons.EVENT_REPEAT_OUTLINED
) -> ft.Control:
    """One sentence with its icon, in the ink of the ground that it stands on."""
    return ft.Row(
        [
            ft.Icon(icon, size=18, color=ink),
            ft.Text(words, theme_style=Type.SMALL, color=ink, expand=True),
        ],
        spacing=SPACE_8,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def RuleLine(words: str, ink: ft.Colors = QUIET_INK) -> ft.Control:
    """When everything comes back: the rule by which it is decided who kept the appointment."""
    return PolicyLine(words, ink, ft.Icons.VERIFIED_USER_OUTLINED)
