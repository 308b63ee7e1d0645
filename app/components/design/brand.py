"""The product's mark: two rounded figures that meet, drawn from the same numbers as assets/icon.svg."""

import flet as ft

from app.components.design.theme import SPACE_12, Type
from app.settings import PRODUCT_NAME

MARK = "mark.svg"
MARK_ON_ACCENT = "mark-on-accent.svg"


def Mark(size: float = 32, on_accent: bool = False) -> ft.Control:
    """The mark alone; decoration, so silent for screen readers."""
    return ft.Image(src=MARK_ON_ACCENT if on_accent else MARK, width=size, height=size, exclude_from_semantics=True)


def Wordmark(size: float = 32) -> ft.Control:
    """The mark and the name beside it."""
    return ft.Row(
        [Mark(size), ft.Text(PRODUCT_NAME, theme_style=Type.TITLE)],
        spacing=SPACE_12,
        tight=True,
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
    )
