"""What a professional earns: pure.

Every cent that users paid is in one of four sums. Upcoming and paid are the professional's, after the platform's fee:
upcoming until it is final, paid once it was transferred or is about to be. Refunded is what users get back; fees are
what the platform keeps.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from backend.bookings.rules import OCCUPYING, BookingStatus
from backend.payments.rules import PayoutHold

_WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Revenue:
    """Payments for bookings of one status, together, in cents. `week` counts as `earnings` was given the weeks.

    `upcoming`: the professional's part is not theirs yet, because the booking is to come or what was decided is open.

    `back_minor` goes back to users, or has, or was taken back by their banks; `payee_minor` is the professional's once
    that is done. The rest is the platform's, which may be below zero: what somebody gave back at the provider without
    taking the professional's part is at the platform's cost.
    """

    week: int
    status: BookingStatus
    upcoming: bool
    sessions: int
    amount_minor: int
    back_minor: int
    payee_minor: int


@dataclass(frozen=True)
class Sums:
    """In cents: upcoming until it is final, paid from then on. `sessions` stand or took place."""

    upcoming_minor: int = 0
    paid_minor: int = 0
    refunded_minor: int = 0
    fees_minor: int = 0
    sessions: int = 0

    def __add__(self, revenue: Revenue) -> "Sums":
        return Sums(
            self.upcoming_minor + (revenue.payee_minor if revenue.upcoming else 0),
            self.paid_minor + (0 if revenue.upcoming else revenue.payee_minor),
            self.refunded_minor + revenue.back_minor,
            self.fees_minor + revenue.amount_minor - revenue.back_minor - revenue.payee_minor,
            self.sessions + (revenue.sessions if revenue.status in OCCUPYING else 0),
        )


@dataclass(frozen=True)
class Earnings:
    """All there ever was, and week by week what falls into the weeks that were asked for.

    `on_hold_minor`: what of `paid` cannot be transferred just now, for the reason `hold`.
    """

    total: Sums
    weeks: Sequence[tuple[date, Sums]]
    on_hold_minor: int = 0
    hold: PayoutHold | None = None


def weeks_around(now: datetime, zone: ZoneInfo, weeks: int) -> list[date]:
    """The Mondays of `weeks` weeks of which the last is this one, and of as many that follow."""
    today = now.astimezone(zone).date()
    first = today - timedelta(days=today.weekday()) - (weeks - 1) * _WEEK
    return [first + number * _WEEK for number in range(2 * weeks)]


def begins(mondays: Sequence[date], zone: ZoneInfo) -> list[datetime]:
    """The instant at which each week begins, and the last one's end; a week with a clock change is not 168 hours."""
    days = [*mondays, mondays[-1] + _WEEK]
    return [datetime.combine(day, time(), zone).astimezone(UTC) for day in days]


def earnings(revenue: Iterable[Revenue], mondays: Sequence[date], weeks: int) -> Earnings:
    """The sums of all revenue, of each of the first `weeks` weeks, and on to the last one that has any.

    `Revenue.week` is an index of `mondays`; what lies outside of them is in the total alone.
    """
    total, sums = Sums(), [Sums()] * len(mondays)
    for taken in revenue:
        total += taken
        if 0 <= taken.week < len(mondays):
            sums[taken.week] += taken
    last = max((number for number, week in enumerate(sums) if week != Sums()), default=0)
    shown = max(weeks, last + 1)
    return Earnings(total, list(zip(mondays[:shown], sums[:shown], strict=True)))
