"""A connection in an icon and a word: for each side over the call, and on the pages after it."""

from collections.abc import Callable
from dataclasses import dataclass

import flet as ft

from app.call.contract.stats import Rating
from app.components.call.call_theme import ACCENT, TEXT, WARNING, pill, stage_text
from app.components.design.theme import Type
from app.state.call.words.quality_words import RATING_WORDS
from app.state.call.words.stage_words import rating_words

POOR = "#FF9D93"
"""On `GLASS` and `PANEL` at least 7:1."""


@dataclass(frozen=True)
class _Style:
    icon: ft.IconData
    color: str


_STYLES = {
    Rating.GOOD: _Style(ft.Icons.SIGNAL_CELLULAR_ALT, ACCENT),
    Rating.FAIR: _Style(ft.Icons.SIGNAL_CELLULAR_ALT_2_BAR, WARNING),
    Rating.POOR: _Style(ft.Icons.SIGNAL_CELLULAR_ALT_1_BAR, POOR),
}


def rating_icon(rating: Rating, size: float = 16, color: ft.ColorValue | None = None) -> ft.Icon:
    """The bars of a rating, in its colour for the dark stage unless another is given."""
    return ft.Icon(_STYLES[rating].icon, size=size, color=color or _STYLES[rating].color)


def rating_badge(rating: Rating | None, whose: str, on_press: Callable[[], object]) -> list[ft.Control]:
    """`whose` as in "Your connection". Pressing it opens the figures. Nothing while nothing is known."""
    if rating is None:
        return []
    shown = ft.Row(
        [rating_icon(rating), stage_text(RATING_WORDS[rating], role=Type.SMALL)],
        spacing=4,
        tight=True,
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
    )
    label = rating_words(whose, rating)
    return [
        ft.MergeSemantics(
            ft.Container(
                ft.Semantics(label=label, button=True, exclude_semantics=True, content=shown),
                on_click=lambda e: on_press(),
                ink=True,
                border_radius=10,
                padding=ft.Padding.symmetric(horizontal=6, vertical=2),
                tooltip=ft.Tooltip(f"{whose}. Press Q for details", exclude_from_semantics=True),
            )
        )
    ]


def weak_notice(rating: Rating | None, words: str) -> list[ft.Control]:
    """Said over the picture while a connection is poor; it does not fade with the controls."""
    if rating is not Rating.POOR:
        return []
    return [_said(rating_icon(rating), words)]


def reduced_notice(reduced: bool, words: str) -> list[ft.Control]:
    """Said while the own picture gives way to the sound."""
    if not reduced:
        return []
    return [_said(ft.Icon(ft.Icons.VIDEO_SETTINGS, size=16, color=TEXT), words)]


def _said(icon: ft.Icon, words: str) -> ft.Control:
    said = ft.Container(stage_text(words), expand=True, expand_loose=True)  # wraps where the window is narrow
    return ft.Container(ft.Semantics(live_region=True, content=pill([icon, said])), key=words)
