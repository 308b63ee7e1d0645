"""The dark stage that a call plays on, the same in the light and the dark theme: pictures of people want a dark room.

Text on `ROOM` and `PANEL` keeps at least 7:1, `QUIET` at least 5:1, white on `HANG_UP` at least 5:1.
"""

import flet as ft

from app.components.design.theme import FAMILIES, Type

ROOM = "#0D1413"
PANEL = "#1B2523"
RAISED = "#2A3633"
TEXT = "#EEF4F2"
QUIET = "#A9BAB5"
ACCENT = "#7FD8C3"
WARNING = "#F2C572"
HANG_UP = "#C53A3A"
GLASS = "#D9131B1A"
"""Almost opaque: words over a picture stay readable whatever is behind them."""

FADE = ft.Animation(200, ft.AnimationCurve.EASE_OUT)


def pill(controls: list[ft.Control], *, color: str = GLASS, wrap: bool = False) -> ft.Container:
    """A line of words and icons over a picture; with `wrap` more lines where it is too long for one.

    None of them may expand then: Flutter draws a grey box instead.
    """
    return ft.Container(
        bgcolor=color,
        border_radius=20,
        padding=ft.Padding.symmetric(horizontal=12, vertical=6),
        content=ft.Row(
            controls,
            spacing=8,
            run_spacing=2,
            wrap=wrap,
            tight=True,
            vertical_alignment=ft.CrossAxisAlignment.CENTER,
        ),
    )


def stage_text(
    value: str, *, role: ft.TextThemeStyle = Type.BODY, color: str = TEXT, weight: ft.FontWeight | None = None
) -> ft.Text:
    """Words on the stage, as large as the chosen text size makes their role."""
    return ft.Text(
        value, theme_style=role, color=color, weight=weight, font_family=FAMILIES[weight] if weight else None
    )
