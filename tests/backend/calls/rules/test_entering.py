"""Who may enter a booking's room, at each very instant."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.bookings.rules import BookingStatus, JoinWindow, PaymentStatus
from backend.calls.rules import (
    JoinedElsewhere,
    NotPaid,
    PaymentDisputed,
    SessionCancelled,
    SessionOver,
    TooEarlyToStart,
    check_may_join,
    check_rejoin,
)
from backend.kit.errors import BusinessError

OPENS = datetime(2027, 3, 1, 9, 45, tzinfo=UTC)
WINDOW = JoinWindow(OPENS, OPENS + timedelta(hours=1))
TICK = timedelta(microseconds=1)
CONFIRMED, PAID = BookingStatus.CONFIRMED, PaymentStatus.PAID


@pytest.mark.parametrize("now", [WINDOW.opens_at, WINDOW.closes_at - TICK])
@pytest.mark.parametrize("status", [BookingStatus.CONFIRMED, BookingStatus.COMPLETED])
@pytest.mark.parametrize(
    "payment_status",
    [PAID, PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUND_PENDING, PaymentStatus.REFUND_FAILED],
)
def test_the_room_is_open_to_who_has_paid_and_a_part_that_was_given_back_closes_nothing(
    status: BookingStatus, payment_status: PaymentStatus, now: datetime
) -> None:
    check_may_join(status, payment_status, WINDOW, now)


@pytest.mark.parametrize(
    ("status", "payment_status", "now", "disputed", "why"),
    [
        (CONFIRMED, PAID, OPENS - TICK, False, TooEarlyToStart),
        (CONFIRMED, PAID, WINDOW.closes_at, False, SessionOver),
        (CONFIRMED, PAID, OPENS, True, PaymentDisputed),
        (CONFIRMED, PaymentStatus.PENDING, OPENS, False, NotPaid),
        (CONFIRMED, PaymentStatus.FAILED, OPENS, False, NotPaid),
        (CONFIRMED, PaymentStatus.REFUNDED, OPENS, False, NotPaid),
        (BookingStatus.HELD, PAID, OPENS, False, NotPaid),
        (BookingStatus.EXPIRED, PAID, OPENS, False, NotPaid),
        (BookingStatus.CANCELLED, PaymentStatus.REFUNDED, OPENS, False, SessionCancelled),
        (BookingStatus.NO_SHOW, PAID, OPENS, False, SessionOver),
    ],
)
def test_who_may_not_enter_reads_why(
    status: BookingStatus, payment_status: PaymentStatus, now: datetime, disputed: bool, why: type[BusinessError]
) -> None:
    with pytest.raises(why):
        check_may_join(status, payment_status, WINDOW, now, disputed=disputed)


def test_who_is_too_early_reads_when_the_room_opens() -> None:
    with pytest.raises(TooEarlyToStart) as refused:
        check_may_join(CONFIRMED, PAID, WINDOW, OPENS - TICK)
    assert refused.value.extra == {"opens_at": "2027-03-01T09:45:00.000Z"}


def test_only_the_newest_join_of_a_person_may_come_back() -> None:
    check_rejoin(None, "first")
    check_rejoin("first", "first")
    with pytest.raises(JoinedElsewhere):
        check_rejoin("second", "first")
