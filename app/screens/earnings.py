"""EarningsScreen: how a professional is paid, what they earned, and what comes, week by week."""

import flet as ft

from app.api.models import Earnings
from app.components.design.card import Card, Heading, Stacked
from app.components.design.note_line import NoteLine
from app.components.design.states import EmptyState
from app.components.design.theme import (
    BAD,
    GOOD,
    QUIET_INK,
    READABLE,
    SPACE_12,
    SPACE_16,
    SPACE_24,
    SPACE_32,
    WIDE,
    Type,
)
from app.components.frame.page import Page
from app.components.frame.page_events import use_width
from app.components.frame.polling import use_polling
from app.components.frame.refreshable_list import RefreshableList
from app.components.payouts.earning_totals import EarningTotals
from app.components.payouts.payouts_card import PayoutsCard
from app.components.payouts.week_chart import WeekChart
from app.components.payouts.week_list import WeekList
from app.state.core.hooks import use_model, use_observed
from app.state.core.services import use_services
from app.state.core.wall_time import time_words, zone_words
from app.state.payouts.earnings import RANGES, OwnEarnings
from app.state.payouts.earnings_chart import chart_of
from app.state.payouts.payout_setup import PayoutSetup
from app.state.payouts.payout_words import hold_words

RAIL = 96
BETWEEN = ft.MainAxisAlignment.SPACE_BETWEEN
FOUR_TILES, TWO_TILES, TABLE = 620, 300, 560
"""Room that each takes, in logical pixels at the normal size of text: with large text fewer things stand abreast."""
LABEL_PX = 88
"""What a date below the chart takes, with the room around it."""


@ft.component
def EarningsScreen() -> ft.Control:
    """The professional's third tab."""
    services = use_services()
    own = use_model(lambda: OwnEarnings(services))
    payouts = use_observed(PayoutSetup.of(services))
    preferences = use_observed(services.preferences)
    page_width = use_width()
    wide = page_width >= WIDE
    page = ft.context.page
    scale = preferences.text_scale

    async def poll_payouts() -> float:
        return await payouts.poll()

    async def refresh() -> None:
        await payouts.refresh()
        await own.refresh()

    use_polling(own.poll, [])
    use_polling(poll_payouts, [payouts.opened])  # who comes back from the provider's page is not kept waiting
    shown = own.shown
    rows: list[ft.Control] = []
    if shown is not None and not own.is_empty:
        width = min(page_width - (RAIL + 2 * SPACE_32 if wide else 2 * SPACE_16), READABLE)
        room = width / scale
        rows = [
            EarningTotals(shown, 4 if room >= FOUR_TILES else 2 if room >= TWO_TILES else 1),
            _weeks_card(own, shown, wide, width, scale),
            WeekList(shown, own.today, room >= TABLE, scale),
        ]
    body = RefreshableList(
        rows=rows,
        phase=own.phase,
        on_refresh=refresh,
        last_refreshed=own.refreshed_at,
        empty=EmptyState(
            ft.Icons.PAYMENTS_OUTLINED,
            "No earnings yet. Booked and paid sessions appear here, week by week.",
            "Add hours" if payouts.is_ready else "",
            lambda: page.navigate("/availability"),
        ),
        error="" if rows else own.error,
        header=_above(own, payouts, wide),
        end_text="",
    )
    return Page("Earnings", [body], scroll=False)


def _above(own: OwnEarnings, payouts: PayoutSetup, wide: bool) -> list[ft.Control]:
    """How one is paid, and what may be old."""
    above: list[ft.Control] = []
    if own.error and own.shown is not None and own.refreshed_at is not None:
        above.append(NoteLine(f"{own.error} Shown as of {time_words(own.refreshed_at, own.services.zone)}."))
    if payouts.just_ready:
        above.append(NoteLine("All set. Now add the hours you offer.", ft.Icons.CHECK, GOOD))
    if own.shown is not None and (held := hold_words(own.shown)):
        above.append(NoteLine(held, ft.Icons.PAUSE_CIRCLE_OUTLINED, BAD))
    if payouts.known is not None:
        above.append(PayoutsCard(payouts, wide))
    elif payouts.error and not own.error:
        above.append(NoteLine(f"We couldn't check your payout status. {payouts.error}"))
    return above


def _weeks_card(own: OwnEarnings, earnings: Earnings, wide: bool, width: float, scale: float) -> ft.Control:
    pad = SPACE_24 if wide else SPACE_16
    chart = chart_of(earnings.weeks, own.today, earnings.currency)
    inner = width - 2 * pad
    head: list[ft.Control] = [
        ft.Column(
            [
                Heading("Week by week"),
                ft.Text(
                    f"Weeks begin on Monday, {zone_words(own.zone)} time.", theme_style=Type.SMALL, color=QUIET_INK
                ),
            ],
            spacing=0,
            tight=True,
        ),
        _range_choice(own, short=inner / scale < TWO_TILES),
    ]
    title = ft.Row(head, wrap=True, spacing=SPACE_16, run_spacing=SPACE_12, alignment=BETWEEN)
    return Card(Stacked([title, WeekChart(chart, inner, max(2, int(inner // (LABEL_PX * scale))), scale)]), pad)


def _range_choice(own: OwnEarnings, short: bool) -> ft.Control:
    """How many weeks back; `short` where there is no room for the word."""
    page = ft.context.page

    def choose(event: ft.Event[ft.SegmentedButton]) -> None:
        page.run_task(own.choose, int(next(iter(event.control.selected), RANGES[0])))

    choice = ft.SegmentedButton(
        segments=[ft.Segment(str(weeks), label=str(weeks) if short else f"{weeks} weeks") for weeks in RANGES],
        selected=[str(own.weeks)],
        show_selected_icon=False,
        on_change=choose,
    )
    return ft.Column([ft.Text("Period", theme_style=Type.SMALL), choice], tight=True) if short else choice
