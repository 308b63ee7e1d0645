"""What a provider's answer about a checkout says of its payment."""

from datetime import UTC, datetime
from uuid import UUID

from backend.payments.ports import CheckoutReading, CheckoutState, NoticeKind, notice_of

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
BOOKING = UUID(int=1)


def test_an_open_checkout_says_nothing() -> None:
    assert notice_of("sandbox", BOOKING, CheckoutReading("r", CheckoutState.OPEN), NOW) is None


def test_a_paid_checkout_tells_of_its_money() -> None:
    reading = CheckoutReading("r", CheckoutState.PAID, "money", 4500, "USD", NOW)
    notice = notice_of("sandbox", BOOKING, reading, NOW)
    assert notice is not None
    assert (notice.kind, notice.payment_reference, notice.amount_minor) == (NoticeKind.PAID, "money", 4500)


def test_asking_twice_is_the_same_notice_twice() -> None:
    reading = CheckoutReading("r", CheckoutState.EXPIRED)
    first, second = (notice_of("sandbox", BOOKING, reading, NOW) for _ in range(2))
    assert first == second
    assert first is not None
    assert first.kind is NoticeKind.FAILED


def test_a_failure_and_a_payment_of_one_checkout_are_different_notices() -> None:
    paid = notice_of("sandbox", BOOKING, CheckoutReading("r", CheckoutState.PAID, "m", 1, "USD", NOW), NOW)
    failed = notice_of("sandbox", BOOKING, CheckoutReading("r", CheckoutState.EXPIRED), NOW)
    assert paid is not None
    assert failed is not None
    assert paid.event_id != failed.event_id
