"""What cancelling gives back and allows, at each very instant: the pure rules."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.auth.rules import Role
from backend.bookings.rules import BookingStatus
from backend.bookings.rules.calendar import calendar_sequence
from backend.bookings.rules.cancellation import (
    HALF,
    NOTHING,
    WHOLE,
    Deadlines,
    NotCancellable,
    Policy,
    RefundChanged,
    changes_at,
    deadlines,
    may_cancel,
    part_of,
    reschedule_until,
    share_at,
)

START = datetime(2027, 3, 1, 12, tzinfo=UTC)
END = START + timedelta(hours=1)
UNTIL = deadlines(START, Policy(full_until_min=24 * 60, half_until_min=120))
TICK = timedelta(microseconds=1)
HELD_WORDS = "This time is only being held. Release it instead; nothing has been paid."
DISPUTED_WORDS = "The payment is disputed with the bank, so this session cannot be cancelled."


def test_a_policys_deadlines_are_lengths_before_the_start() -> None:
    until = deadlines(START, Policy(full_until_min=24 * 60, half_until_min=120))
    assert until == Deadlines(START - timedelta(hours=24), START - timedelta(hours=2))


@pytest.mark.parametrize(
    ("now", "cap", "share", "changes"),
    [
        (UNTIL.full_until - TICK, WHOLE, WHOLE, UNTIL.full_until),
        (UNTIL.full_until, WHOLE, WHOLE, UNTIL.full_until),
        (UNTIL.full_until + TICK, WHOLE, HALF, UNTIL.half_until),
        (UNTIL.half_until, WHOLE, HALF, UNTIL.half_until),
        (UNTIL.half_until + TICK, WHOLE, NOTHING, None),
        (UNTIL.full_until, HALF, HALF, UNTIL.half_until),
        (UNTIL.half_until, HALF, HALF, UNTIL.half_until),
        (UNTIL.full_until, NOTHING, NOTHING, None),
        (UNTIL.half_until, NOTHING, NOTHING, None),
    ],
)
def test_the_share_holds_to_its_very_instant(now: datetime, cap: int, share: int, changes: datetime | None) -> None:
    assert share_at(now, UNTIL, cap) == share
    assert changes_at(now, UNTIL, cap) == changes


@pytest.mark.parametrize(
    ("amount", "share", "part"),
    [(4_500, WHOLE, 4_500), (4_500, HALF, 2_250), (4_501, HALF, 2_251), (1, HALF, 1), (100, NOTHING, 0), (0, WHOLE, 0)],
)
def test_half_a_cent_goes_to_who_paid(amount: int, share: int, part: int) -> None:
    assert part_of(amount, share) == part


@pytest.mark.parametrize(
    ("role", "now"),
    [(Role.USER, START - TICK), (Role.PROFESSIONAL, START - TICK), (Role.PROFESSIONAL, END - TICK)],
)
def test_a_user_cancels_until_it_begins_and_a_professional_until_it_ends(role: Role, now: datetime) -> None:
    may_cancel(role, BookingStatus.CONFIRMED, START, END, now)


@pytest.mark.parametrize(
    ("role", "status", "now", "disputed", "why"),
    [
        (Role.USER, BookingStatus.CONFIRMED, START, False, "This session has begun, so it can no longer be cancelled."),
        (Role.PROFESSIONAL, BookingStatus.CONFIRMED, END, False, "This session is over."),
        (Role.USER, BookingStatus.HELD, START - TICK, False, HELD_WORDS),
        (Role.USER, BookingStatus.CANCELLED, START - TICK, False, "This session is cancelled already."),
        (Role.USER, BookingStatus.EXPIRED, START - TICK, False, "This session is over."),
        (Role.PROFESSIONAL, BookingStatus.COMPLETED, START - TICK, False, "This session is over."),
        (Role.PROFESSIONAL, BookingStatus.CONFIRMED, START - TICK, True, DISPUTED_WORDS),
    ],
)
def test_who_may_not_cancel_reads_why(
    role: Role, status: BookingStatus, now: datetime, disputed: bool, why: str
) -> None:
    with pytest.raises(NotCancellable) as refused:
        may_cancel(role, status, START, END, now, disputed=disputed)
    assert refused.value.detail == why


def test_who_was_shown_another_refund_gets_what_cancelling_gives_now() -> None:
    assert RefundChanged({"refund": "22.50"}).extra == {"cancellation": {"refund": "22.50"}}


@pytest.mark.parametrize(
    ("status", "now", "disputed", "last"),
    [
        (BookingStatus.CONFIRMED, UNTIL.half_until, False, UNTIL.half_until),
        (BookingStatus.CONFIRMED, UNTIL.half_until + TICK, False, None),
        (BookingStatus.CONFIRMED, UNTIL.full_until, True, None),
        (BookingStatus.HELD, UNTIL.full_until, False, None),
    ],
)
def test_a_booking_is_moved_while_something_would_come_back(
    status: BookingStatus, now: datetime, disputed: bool, last: datetime | None
) -> None:
    assert reschedule_until(status, UNTIL, START - timedelta(minutes=15), now, disputed=disputed) == last


def test_no_booking_is_moved_once_its_room_is_open() -> None:
    until = deadlines(START, Policy(full_until_min=0, half_until_min=0))
    opens_at = START - timedelta(minutes=15)
    assert reschedule_until(BookingStatus.CONFIRMED, until, opens_at, opens_at) == opens_at
    assert reschedule_until(BookingStatus.CONFIRMED, until, opens_at, opens_at + TICK) is None


def test_each_change_that_a_calendar_shows_has_a_larger_number() -> None:
    numbers = [
        calendar_sequence(BookingStatus.HELD, 0, confirmed=False),
        calendar_sequence(BookingStatus.EXPIRED, 0, confirmed=False),
        calendar_sequence(BookingStatus.CONFIRMED, 0, confirmed=True),
        calendar_sequence(BookingStatus.CONFIRMED, 1, confirmed=True),
        calendar_sequence(BookingStatus.CANCELLED, 1, confirmed=True),
    ]
    assert numbers == [0, 1, 2, 3, 4]
    assert calendar_sequence(BookingStatus.CANCELLED, 0, confirmed=False) == 1
