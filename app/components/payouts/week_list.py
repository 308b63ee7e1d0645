"""The weeks of earnings as rows, the newest first: what the chart shows, to be read."""

import datetime as dt

import flet as ft

from app.api.models import Earnings, EarningsWeek
from app.components.design.card import Card
from app.components.design.theme import QUIET_INK, RADIUS_MEDIUM, SPACE_4, SPACE_8, SPACE_12, SPACE_16, Type
from app.state.payouts.earnings_chart import (
    amounts_words,
    bar_words,
    has_anything,
    near_words,
    session_words,
    sum_words,
    week_words,
)

AMOUNT_WIDTH = 112
COLUMNS = ("Earned", "Upcoming", "Refunded")


@ft.component
def WeekList(earnings: Earnings, today: dt.date, wide: bool, text_scale: float = 1.0) -> ft.Control:
    """Weeks without anything are left out. Wide: a column for each amount; narrow: the amounts below the week."""
    weeks = [week for week in reversed(earnings.weeks) if has_anything(week)]
    if not weeks:
        return ft.Text("No sessions in these weeks.", theme_style=Type.BODY, color=QUIET_INK)
    rows = [_row(week, today, earnings.currency, wide, text_scale) for week in weeks]
    return ft.Column(
        [*([_head(text_scale)] if wide else []), *rows],
        spacing=SPACE_8,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _head(text_scale: float) -> ft.Control:
    cells: list[ft.Control] = [ft.Text("Week", theme_style=Type.LABEL, color=QUIET_INK, expand=True)]
    cells += [_cell(ft.Text(word, theme_style=Type.LABEL, color=QUIET_INK), text_scale) for word in COLUMNS]
    row = ft.Container(ft.Row(cells, spacing=0), padding=ft.Padding.symmetric(horizontal=SPACE_16))
    return ft.Semantics(exclude_semantics=True, content=row)  # each row says what its amounts are


def _row(week: EarningsWeek, today: dt.date, currency: str, wide: bool, text_scale: float) -> ft.Control:
    near = near_words(week.week, today)
    when = f"{near}, {week_words(week.week, today)}" if near else week_words(week.week, today)
    count, amounts = session_words(week.sessions), amounts_words(week, currency)
    title: list[ft.Control] = [
        ft.Text(when, theme_style=Type.TITLE),
        ft.Text(count, theme_style=Type.SMALL, color=QUIET_INK),
    ]
    content: ft.Control
    if wide:
        minors = (week.paid_minor, week.upcoming_minor, week.refunded_minor)
        content = ft.Row(
            [
                ft.Column(title, spacing=0, tight=True, expand=True),
                *(_cell(_amount(minor, currency), text_scale) for minor in minors),
            ],
            spacing=0,
        )
    else:
        words = [ft.Text(amounts, theme_style=Type.BODY)] if amounts else []
        content = ft.Column([*title, *words], spacing=SPACE_4, tight=True)
    return ft.Semantics(
        label=bar_words(week, today, currency),
        container=True,
        exclude_semantics=True,
        content=Card(content, ft.Padding.symmetric(horizontal=SPACE_16, vertical=SPACE_12), radius=RADIUS_MEDIUM),
    )


def _amount(minor: int, currency: str) -> ft.Control:
    words = sum_words(minor, currency) if minor else "\N{EN DASH}"
    return ft.Text(words, theme_style=Type.BODY, color=None if minor else QUIET_INK)


def _cell(text: ft.Control, text_scale: float) -> ft.Control:
    return ft.Container(text, width=AMOUNT_WIDTH * text_scale, alignment=ft.Alignment.CENTER_RIGHT)
