"""A sentence beside content that stays: what is wrong with it just now, or what cancelling would give back."""

import flet as ft

from app.components.design.theme import NOTE, QUIET_INK, RADIUS_MEDIUM, SPACE_8, SPACE_12, Tone, Type


def NoteLine(text: str, icon: ft.IconData = ft.Icons.CLOUD_OFF_OUTLINED, tone: Tone = NOTE) -> ft.Control:
    """One quiet line with an icon; a screen reader reads it out when it appears."""
    return ft.Semantics(
        live_region=True,
        content=ft.Container(
            ft.Row(
                [
                    ft.Icon(icon, size=20, color=tone.ink),
                    ft.Text(text, theme_style=Type.SMALL, color=tone.ink, expand=True),
                ],
                spacing=SPACE_8,
            ),
            bgcolor=tone.ground,
            border_radius=RADIUS_MEDIUM,
            padding=SPACE_12,
        ),
    )


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
