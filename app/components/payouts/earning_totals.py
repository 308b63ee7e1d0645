"""The four sums of earnings, each with what it counts."""

from collections.abc import Sequence

import flet as ft

from app.api.models import Earnings
from app.components.design.card import Card
from app.components.design.theme import QUIET_INK, RADIUS_MEDIUM, SPACE_4, SPACE_12, SPACE_16, Type
from app.state.payouts.earnings_chart import sum_words


def EarningTotals(earnings: Earnings, columns: int) -> ft.Control:
    """`columns`: how many stand beside each other, 4, 2 or 1."""
    sums = (
        ("Earned", earnings.paid_minor, "after the fee"),
        ("Upcoming", earnings.upcoming_minor, "paid out after the session"),
        ("Refunded", earnings.refunded_minor, "returned to users"),
        ("Fees", earnings.fees_minor, "kept by Rendezvous"),
    )
    tiles = [_tile(word, sum_words(minor, earnings.currency), meaning) for word, minor, meaning in sums]
    rows = [tiles[first : first + columns] for first in range(0, len(tiles), columns)]
    return ft.Column([_row(row) for row in rows], spacing=SPACE_12, tight=True)


def _row(tiles: Sequence[ft.Control]) -> ft.Control:
    return ft.Row(
        [*tiles],
        spacing=SPACE_12,
        vertical_alignment=ft.CrossAxisAlignment.STRETCH,
        intrinsic_height=True,
    )


def _tile(word: str, amount: str, meaning: str) -> ft.Control:
    words = ft.Column(
        [
            ft.Text(word, theme_style=Type.LABEL, color=QUIET_INK),
            ft.Text(amount, theme_style=Type.SECTION, no_wrap=True),
            ft.Text(meaning, theme_style=Type.SMALL, color=QUIET_INK),
        ],
        spacing=SPACE_4,
        tight=True,
    )
    return ft.Semantics(
        label=f"{word}: {amount}, {meaning}",
        container=True,
        exclude_semantics=True,
        expand=True,
        content=Card(words, SPACE_16, radius=RADIUS_MEDIUM),
    )
