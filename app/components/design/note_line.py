"""A sentence beside content that stays: what is wrong with it just now."""

import flet as ft

from app.components.design.theme import NOTE, RADIUS_MEDIUM, SPACE_8, SPACE_12, Tone, Type


def NoteLine(text: str, icon: ft.IconData = ft.Icons.CLOUD_OFF_OUTLINED, tone: Tone = NOTE) -> ft.Control:
    """One quiet line with an icon; a screen reader is told of it when it appears."""
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
