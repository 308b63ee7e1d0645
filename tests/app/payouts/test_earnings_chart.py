"""Weeks as bars, axis and words."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.api.models import EarningsWeek
from app.state.payouts.earnings_chart import MOST_INTERVALS, bar_words, chart_of, near_words, sum_words, week_words

TODAY = dt.date(2026, 11, 24)  # a Tuesday
MONDAY = dt.date(2026, 11, 23)
AMOUNTS = some.integers(min_value=0, max_value=5_000_000)


def week(paid: int = 0, upcoming: int = 0, refunded: int = 0, sessions: int = 0, ago: int = 0) -> EarningsWeek:
    return EarningsWeek(
        week=MONDAY - dt.timedelta(weeks=ago),
        paid_minor=paid,
        upcoming_minor=upcoming,
        refunded_minor=refunded,
        sessions=sessions,
    )


@pytest.mark.parametrize(
    ("monday", "words"),
    [
        (dt.date(2026, 11, 23), "23–29 Nov"),
        (dt.date(2026, 11, 30), "30 Nov–6 Dec"),
        (dt.date(2025, 11, 24), "24–30 Nov 2025"),
        (dt.date(2026, 12, 28), "28 Dec–3 Jan"),
    ],
)
def test_a_week_is_named_by_its_days(monday: dt.date, words: str) -> None:
    assert week_words(monday, TODAY) == words


def test_the_weeks_around_today_have_names() -> None:
    mondays = [MONDAY + dt.timedelta(weeks=ahead) for ahead in (-2, -1, 0, 1, 2)]
    assert [near_words(monday, TODAY) for monday in mondays] == ["", "Last week", "This week", "Next week", ""]


def test_a_bar_says_all_that_it_shows() -> None:
    words = bar_words(week(paid=4050, upcoming=8100, refunded=2250, sessions=3), TODAY, "USD")
    assert words == "This week, 23–29 Nov: 3 sessions · Earned $40.50 · Upcoming $81.00 · Refunded $22.50"


def test_a_week_with_nothing_in_it_says_nothing() -> None:
    assert [bar.label for bar in chart_of([week()], TODAY, "USD").bars] == [""]


def test_a_sum_below_zero_is_said_with_its_sign() -> None:
    assert sum_words(-450, "USD") == "−$4.50"


def test_a_sum_below_zero_has_no_bar() -> None:
    chart = chart_of([week(paid=-450, upcoming=1000, sessions=1)], TODAY, "USD")
    assert (chart.bars[0].paid_minor, chart.top_minor) == (0, 1000)


def test_the_axis_has_round_amounts_down_to_what_was_refunded() -> None:
    chart = chart_of([week(paid=44_550), week(refunded=4_500)], TODAY, "USD")
    assert [tick.words for tick in chart.ticks] == ["$600", "$400", "$200", "$0", "−$200"]


def test_no_refunds_leave_nothing_below_the_line() -> None:
    assert chart_of([week(paid=1)], TODAY, "USD").bottom_minor == 0


def test_this_week_is_marked_alone() -> None:
    chart = chart_of([week(ago=1), week(), week(ago=-1)], TODAY, "USD")
    assert [bar.is_this_week for bar in chart.bars] == [False, True, False]


@given(some.lists(some.builds(week, AMOUNTS, AMOUNTS, AMOUNTS), max_size=104))
def test_every_bar_fits_between_few_lines(weeks: list[EarningsWeek]) -> None:
    chart = chart_of(weeks, TODAY, "USD")
    assert chart.span_minor > 0
    assert len(chart.ticks) <= MOST_INTERVALS + 1
    assert all(bar.paid_minor + bar.upcoming_minor <= chart.top_minor for bar in chart.bars)
    assert all(bar.refunded_minor <= chart.bottom_minor for bar in chart.bars)


@given(some.integers(1, 104), some.integers(2, 20))
def test_dates_below_the_bars_cover_every_week_and_are_never_too_many(count: int, most: int) -> None:
    labels = chart_of([week(ago=count - at) for at in range(count)], TODAY, "USD").labels(most)
    assert len(labels) <= most
    assert sum(label.weeks for label in labels) == count
