"""Whether somebody may hold another time after earlier holds and refunds: the pure rules, at each very instant."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from backend.bookings.rules.fairness import (
    HELD_WORDS,
    LINE_WORDS,
    REFUNDED_WORDS,
    UNPAID_WORDS,
    check_cool_down,
    check_held,
    check_refunds,
)
from backend.kit.errors import TooManyAttempts
from backend.kit.limits.table import HELD, HELD_NETWORK, REFUNDED, REFUNDED_MOST, UNPAID

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TICK = timedelta(microseconds=1)


def refusal(check: Callable[[], None]) -> TooManyAttempts:
    with pytest.raises(TooManyAttempts) as refused:
        check()
    return refused.value


def unpaid(count: int, ended: timedelta) -> Callable[[], None]:
    """So many holds that ended unpaid, the last of them so long ago."""
    return lambda: check_cool_down(UNPAID, count, NOW - ended, NOW, UNPAID_WORDS)


def test_who_let_nothing_go_waits_for_nothing() -> None:
    check_cool_down(UNPAID, 0, None, NOW, UNPAID_WORDS)


def test_the_first_unpaid_hold_is_free() -> None:
    unpaid(1, timedelta())()


@pytest.mark.parametrize(("count", "wait"), [(2, MINUTE), (3, 2 * MINUTE), (5, 15 * MINUTE), (6, HOUR), (99, HOUR)])
def test_each_further_unpaid_hold_makes_the_next_wait_from_its_end_on(count: int, wait: timedelta) -> None:
    unpaid(count, wait)()
    assert refusal(unpaid(count, timedelta())).extra == {"retry_after_s": wait.total_seconds()}


def test_a_wait_of_less_than_a_second_is_a_second() -> None:
    assert refusal(unpaid(2, MINUTE - TICK)).extra == {"retry_after_s": 1}


def test_who_has_to_wait_reads_why_and_for_how_long() -> None:
    refused = refusal(lambda: check_cool_down(UNPAID, 6, NOW, NOW, LINE_WORDS))
    assert refused.detail == f"{LINE_WORDS} You can hold the next one in 60 minutes."


def minutes_from_now(*minutes: int) -> list[datetime]:
    return [NOW + each * MINUTE for each in minutes]


def test_fewer_holds_than_may_be_at_once_refuse_nothing() -> None:
    assert (HELD.amount, HELD_NETWORK.amount) == (2, 4)
    check_held(minutes_from_now(1, 2, 3), minutes_from_now(1), NOW)


@pytest.mark.parametrize(
    ("network", "line", "minutes"),
    [
        ((9, 3), (9, 3), 3),
        ((9, 3, 5), (9, 3, 5), 5),
        ((9, 3, 5, 7), (), 3),
        ((9, 3, 5, 7, 4), (9,), 4),
    ],
)
def test_a_line_or_a_network_that_holds_as_many_as_may_be_waits_until_it_holds_one_less(
    network: tuple[int, ...], line: tuple[int, ...], minutes: int
) -> None:
    refused = refusal(lambda: check_held(minutes_from_now(*network), minutes_from_now(*line), NOW))
    assert refused.extra == {"retry_after_s": minutes * 60}
    assert refused.detail == f"{HELD_WORDS} Try again in {minutes} minutes."


def refunded(*hours_ago: float, support_contact: str = "") -> Callable[[], None]:
    return lambda: check_refunds([NOW - each * HOUR for each in hours_ago], NOW, support_contact)


@pytest.mark.parametrize("count", range(6))
def test_the_first_full_refunds_are_free(count: int) -> None:
    refunded(*[0] * count)()


@pytest.mark.parametrize("count", [6, 10])
def test_further_full_refunds_make_the_next_booking_wait_a_day_from_the_newest_on(count: int) -> None:
    earlier = [100 + number for number in range(count - 1)]
    refunded(24, *earlier)()
    refused = refusal(refunded(*earlier, 21))
    assert refused.extra == {"retry_after_s": 3 * 60 * 60}
    assert refused.detail == f"{REFUNDED_WORDS} You can book again in 3 hours."


def once_a_day(count: int) -> list[float]:
    return [24 * day for day in range(1, count + 1)]


@pytest.mark.parametrize("count", [11, 12, 28])
def test_after_eleven_nothing_is_booked_until_only_ten_are_of_the_last_month(count: int) -> None:
    assert (REFUNDED_MOST.amount, REFUNDED_MOST.within) == (10, 30 * DAY)
    assert refusal(refunded(*once_a_day(count))).extra == {"retry_after_s": 19 * DAY.total_seconds()}


def test_a_full_refund_counts_until_it_is_a_month_ago() -> None:
    free = [NOW] * 5
    check_refunds([NOW - REFUNDED.within, *free], NOW, "")
    refused = refusal(lambda: check_refunds([NOW - REFUNDED.within + TICK, *free], NOW, ""))
    assert refused.extra == {"retry_after_s": DAY.total_seconds()}


@pytest.mark.parametrize(
    ("support_contact", "words"),
    [("help@rendezvous.test", " Write to help@rendezvous.test if you need one sooner."), ("", "")],
)
def test_who_can_book_nothing_reads_whom_to_write_to_if_there_is_somebody(support_contact: str, words: str) -> None:
    refused = refusal(refunded(*once_a_day(11), support_contact=support_contact))
    assert refused.detail == f"{REFUNDED_WORDS}{words} You can book again in 19 days."
