"""Cards and headings: what stands on a ground of its own, and what a screen reader can jump to."""

from collections.abc import Sequence

import flet as ft

from app.components.design.theme import CARD, RADIUS_LARGE, SPACE_16, SPACE_24, Type


def Heading(
    text: str,
    style: ft.TextThemeStyle = Type.TITLE,
    *,
    level: int | None = None,
    color: ft.Colors | None = None,
    live: bool = False,
) -> ft.Control:
    """A heading for screen readers too. `live`: it is read out when it changes."""
    return ft.Semantics(
        header=True,
        heading_level=level,
        live_region=live or None,
        content=ft.Text(text, theme_style=style, color=color),
    )


def Stacked(controls: Sequence[ft.Control], spacing: float = SPACE_16) -> ft.Column:
    """One below the other, each as wide as there is room."""
    return ft.Column([*controls], spacing=spacing, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def Card(
    content: ft.Control,
    padding: ft.PaddingValue = SPACE_24,
    *,
    ground: ft.Colors = CARD,
    radius: float = RADIUS_LARGE,
    border: ft.Border | None = None,
    alignment: ft.Alignment | None = None,
    expand: bool | None = None,
) -> ft.Container:
    """A rounded ground around `content`. Padding and radius in logical pixels."""
    return ft.Container(
        content,
        bgcolor=ground,
        border_radius=radius,
        border=border,
        padding=padding,
        alignment=alignment,
        expand=expand,
    )


def Section(title: str, controls: Sequence[ft.Control], padding: ft.PaddingValue = SPACE_24) -> ft.Control:
    """A card with its heading: one part of a form."""
    return Card(Stacked([Heading(title), *controls]), padding)
