"""Which week a session falls into, and which sum a cent."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.bookings.rules import BookingStatus
from backend.bookings.rules.earnings import Revenue, Sums, begins, earnings, weeks_around

NOW = datetime(2027, 3, 3, 12, tzinfo=UTC)
MONDAYS = [date(2027, 2, 22), date(2027, 3, 1), date(2027, 3, 8), date(2027, 3, 15)]


def revenue(week: int = 1, status: BookingStatus = BookingStatus.COMPLETED, **cents: int) -> Revenue:
    sums = {"amount_minor": 4500, "back_minor": 0, "payee_minor": 4050} | cents
    return Revenue(week, status, status is BookingStatus.CONFIRMED, 1, **sums)


def test_weeks_go_back_from_this_one_and_as_far_ahead() -> None:
    assert weeks_around(NOW, ZoneInfo("Europe/Berlin"), 2) == MONDAYS


def test_the_week_is_the_one_that_the_own_zone_is_in() -> None:
    late_sunday = datetime(2027, 2, 28, 23, 30, tzinfo=UTC)
    assert weeks_around(late_sunday, ZoneInfo("Europe/London"), 1)[0] == date(2027, 2, 22)
    assert weeks_around(late_sunday, ZoneInfo("Europe/Berlin"), 1)[0] == date(2027, 3, 1)


@pytest.mark.parametrize(
    ("zone", "monday", "hours"),
    [
        ("Europe/Berlin", date(2027, 3, 22), 167),
        ("Europe/Berlin", date(2027, 10, 25), 169),
        ("America/New_York", date(2027, 3, 8), 167),
        ("Australia/Lord_Howe", date(2027, 3, 29), 168.5),
        ("Africa/Cairo", date(2027, 4, 26), 167),
        ("Asia/Tokyo", date(2027, 3, 22), 168),
    ],
)
def test_a_week_with_a_clock_change_is_shorter_or_longer(zone: str, monday: date, hours: float) -> None:
    begin, end = begins([monday], ZoneInfo(zone))
    assert end - begin == timedelta(hours=hours)
    assert begin.tzinfo is end.tzinfo is UTC


def test_a_week_whose_midnight_does_not_exist_begins_with_the_clock_change() -> None:
    """Amman, Monday, 1 April 1985: midnight became one o'clock."""
    begin, _ = begins([date(1985, 4, 1)], ZoneInfo("Asia/Amman"))
    assert begin == datetime(1985, 3, 31, 22, tzinfo=UTC)
    assert begin.astimezone(ZoneInfo("Asia/Amman")).hour == 1


def test_what_is_not_decided_is_upcoming_and_the_rest_is_paid() -> None:
    found = earnings([revenue(status=BookingStatus.CONFIRMED), revenue(status=BookingStatus.NO_SHOW)], MONDAYS, 2)
    assert found.total == Sums(upcoming_minor=4050, paid_minor=4050, fees_minor=900, sessions=2)


def test_half_of_a_cancelled_session_is_paid_and_half_refunded() -> None:
    half = revenue(status=BookingStatus.CANCELLED, back_minor=2250, payee_minor=2025)
    assert earnings([half], MONDAYS, 2).total == Sums(paid_minor=2025, refunded_minor=2250, fees_minor=225)


def test_gaps_are_weeks_too_and_weeks_ahead_end_with_the_last_session() -> None:
    found = earnings([revenue(week=0)], MONDAYS, 2)
    assert [week for week, _ in found.weeks] == MONDAYS[:2]
    found = earnings([revenue(week=3, status=BookingStatus.CONFIRMED)], MONDAYS, 2)
    assert [(week, sums.sessions) for week, sums in found.weeks] == [
        *((monday, 0) for monday in MONDAYS[:3]),
        (MONDAYS[3], 1),
    ]


@pytest.mark.parametrize("week", [0, 1, 2])
def test_a_week_has_all_that_falls_into_it(week: int) -> None:
    found = earnings([revenue(week=week), revenue(week=week)], MONDAYS, 1)
    assert found.weeks[-1] == (MONDAYS[week], Sums(paid_minor=8100, fees_minor=900, sessions=2))


def test_without_any_revenue_the_weeks_that_were_asked_for_are_empty() -> None:
    assert earnings([], MONDAYS, 1).weeks == [(MONDAYS[0], Sums())]


@pytest.mark.parametrize("week", [-1, 4])
def test_what_lies_outside_of_the_weeks_is_in_the_total_alone(week: int) -> None:
    found = earnings([revenue(week=week)], MONDAYS, 2)
    assert found.total.paid_minor == 4050
    assert [sums for _, sums in found.weeks] == [Sums(), Sums()]


@st.composite
def any_revenue(draw: st.DrawFn) -> Revenue:
    amount = draw(st.integers(100, 25_000))
    back, connected_account = draw(st.integers(0, amount)), draw(st.integers(-amount, amount))
    status = draw(st.sampled_from(BookingStatus))
    return Revenue(draw(st.integers(-1, 4)), status, draw(st.booleans()), 1, amount, back, connected_account)


@given(st.lists(any_revenue()))
def test_every_cent_that_users_paid_is_in_exactly_one_sum(all_revenue: list[Revenue]) -> None:
    total = earnings(all_revenue, MONDAYS, 2).total
    in_sums = total.upcoming_minor + total.paid_minor + total.refunded_minor + total.fees_minor
    assert in_sums == sum(taken.amount_minor for taken in all_revenue)


def test_a_refund_by_hand_that_left_the_professional_their_part_is_the_platforms_loss_and_shown_as_one() -> None:
    by_hand = revenue(status=BookingStatus.CANCELLED, back_minor=4500)
    assert earnings([by_hand], MONDAYS, 2).total == Sums(paid_minor=4050, refunded_minor=4500, fees_minor=-4050)
