"""Weeks of earnings as bars, axis and words. Pure: the screen only draws what is decided here.

Above the line stands what the professional has earned and what is booked; below it what returned to users. All
amounts are minor units (cents).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app.api.models import EarningsWeek, money_words
from app.state.core.wall_time import MONTHS

MOST_INTERVALS = 5
FIRST_STEP_MINOR = 500
WEEK = dt.timedelta(weeks=1)
MINUS = "\N{MINUS SIGN}"


def week_words(monday: dt.date, today: dt.date) -> str:
    """ "23–29 Nov", "30 Nov–6 Dec"; with the year when it began in another one than today's."""
    sunday = monday + dt.timedelta(days=6)
    month = "" if monday.month == sunday.month else f" {MONTHS[monday.month - 1]}"
    year = "" if monday.year == today.year else f" {sunday.year}"
    return f"{monday.day}{month}–{sunday.day} {MONTHS[sunday.month - 1]}{year}"


def near_words(monday: dt.date, today: dt.date) -> str:
    """ "This week", "Last week", "Next week"; empty for any other."""
    this = today - dt.timedelta(days=today.weekday())
    return {this: "This week", this - WEEK: "Last week", this + WEEK: "Next week"}.get(monday, "")


def session_words(count: int) -> str:
    """ "1 session", "3 sessions"."""
    return "1 session" if count == 1 else f"{count} sessions"


def sum_words(minor: int, currency: str) -> str:
    """ "$40.50", "−$4.50": a refund made by hand can leave a sum below zero."""
    return f"{MINUS}{money_words(-minor, currency)}" if minor < 0 else money_words(minor, currency)


def has_anything(week: EarningsWeek) -> bool:
    return bool(week.sessions or week.paid_minor or week.upcoming_minor or week.refunded_minor)


def amounts_words(week: EarningsWeek, currency: str) -> str:
    """ "Earned $40.50 · Upcoming $81.00", without what there is none of."""
    amounts = (("Earned", week.paid_minor), ("Upcoming", week.upcoming_minor), ("Refunded", week.refunded_minor))
    return " · ".join(f"{word} {sum_words(minor, currency)}" for word, minor in amounts if minor)


def bar_words(week: EarningsWeek, today: dt.date, currency: str) -> str:
    """All that a bar shows, for people who cannot see it and for people who point at it."""
    near = near_words(week.week, today)
    when = f"{near}, {week_words(week.week, today)}" if near else week_words(week.week, today)
    parts = [session_words(week.sessions), amounts_words(week, currency)]
    return f"{when}: {' · '.join(part for part in parts if part)}"


@dataclass(frozen=True)
class Tick:
    """A line across the chart; `minor` is negative below the base line."""

    minor: int
    words: str


@dataclass(frozen=True)
class Bar:
    """One week. `label` is empty for a week with nothing in it, which has no bar; a sum below zero has none either."""

    week: dt.date
    paid_minor: int
    upcoming_minor: int
    refunded_minor: int
    label: str
    is_this_week: bool


@dataclass(frozen=True)
class DateLabel:
    """Stands below the first of the next `weeks` bars."""

    words: str
    weeks: int


@dataclass(frozen=True)
class Chart:
    """`top_minor` above and `bottom_minor` below the base line; `ticks` from the top down, the base line among them."""

    top_minor: int
    bottom_minor: int
    ticks: tuple[Tick, ...]
    bars: tuple[Bar, ...]

    @property
    def span_minor(self) -> int:
        return self.top_minor + self.bottom_minor

    def labels(self, most: int) -> tuple[DateLabel, ...]:
        """At most `most` dates below the bars, evenly apart."""
        every = -(-len(self.bars) // most)
        firsts = self.bars[::every]
        return tuple(
            DateLabel(f"{bar.week.day} {MONTHS[bar.week.month - 1]}", min(every, len(self.bars) - at * every))
            for at, bar in enumerate(firsts)
        )


def chart_of(weeks: Sequence[EarningsWeek], today: dt.date, currency: str) -> Chart:
    """The chart of these weeks, oldest first."""
    up = max((max(week.paid_minor, 0) + max(week.upcoming_minor, 0) for week in weeks), default=0)
    down = max((week.refunded_minor for week in weeks), default=0)
    step = _step(up, down)
    above, below = max(-(-up // step), 0 if down else 1), -(-down // step)
    ticks = tuple(Tick(at * step, _tick_words(at * step, currency)) for at in range(above, -below - 1, -1))
    this = today - dt.timedelta(days=today.weekday())
    bars = tuple(
        Bar(
            week.week,
            max(week.paid_minor, 0),
            max(week.upcoming_minor, 0),
            week.refunded_minor,
            bar_words(week, today, currency) if has_anything(week) else "",
            week.week == this,
        )
        for week in weeks
    )
    return Chart(above * step, below * step, ticks, bars)


def _step(up: int, down: int) -> int:
    """The smallest of $5, $10, $20, $50, $100 ... that needs no more than MOST_INTERVALS lines."""
    power = 1
    while True:
        for factor in (1, 2, 4, 10):
            step = FIRST_STEP_MINOR * power * factor
            if -(-up // step) + -(-down // step) <= MOST_INTERVALS:
                return step
        power *= 10


def _tick_words(minor: int, currency: str) -> str:
    return sum_words(minor, currency).replace(".00", "")
