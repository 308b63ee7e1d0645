"""What a provider's answer about a checkout says of its payment."""

from datetime import UTC, datetime
from uuid import UUID

from backend.payments.ports import CheckoutSnapshot, CheckoutState, ProviderEventKind, event_of

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
BOOKING = UUID(int=1)


def test_an_open_checkout_says_nothing() -> None:
    assert event_of("sandbox", BOOKING, CheckoutSnapshot("r", CheckoutState.OPEN), NOW) is None


def test_a_paid_checkout_tells_of_its_money() -> None:
    snapshot = CheckoutSnapshot("r", CheckoutState.PAID, "money", 4500, "USD", NOW)
    event = event_of("sandbox", BOOKING, snapshot, NOW)
    assert event is not None
    assert (event.kind, event.payment_reference, event.amount_minor) == (ProviderEventKind.PAID, "money", 4500)


def test_asking_twice_is_the_same_event_twice() -> None:
    snapshot = CheckoutSnapshot("r", CheckoutState.EXPIRED)
    first, second = (event_of("sandbox", BOOKING, snapshot, NOW) for _ in range(2))
    assert first == second
    assert first is not None
    assert first.kind is ProviderEventKind.FAILED


def test_a_failure_and_a_payment_of_one_checkout_are_different_events() -> None:
    paid = event_of("sandbox", BOOKING, CheckoutSnapshot("r", CheckoutState.PAID, "m", 1, "USD", NOW), NOW)
    failed = event_of("sandbox", BOOKING, CheckoutSnapshot("r", CheckoutState.EXPIRED), NOW)
    assert paid is not None
    assert failed is not None
    assert paid.event_id != failed.event_id
