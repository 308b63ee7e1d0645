"""What a provider's event does to a booking: once, in whatever order events come."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from backend.bookings.rules import PaymentOutcome
from backend.bookings.service.money.payment_events import apply_payment_event
from backend.bookings.tables import BookingRow
from backend.kit.database import Database
from backend.payments.ports import ProviderEvent, ProviderEventKind
from backend.payments.tables import PaymentEventRow, PaymentRow
from tests.backend.bookings.acting import book, confirmed, held, seen
from tests.backend.stage import Backend, MovableClock, Person


class Provider:
    """Sends events about bookings, as a webhook would hand them on."""

    def __init__(self, database: Database, clock: MovableClock) -> None:
        self._database = database
        self._clock = clock

    def event(self, booking: dict[str, Any], kind: ProviderEventKind, **changes: Any) -> ProviderEvent:
        paid = kind is ProviderEventKind.PAID
        event = ProviderEvent(
            gateway="sandbox",
            event_id=f"event-{kind}",
            kind=kind,
            booking_id=UUID(booking["id"]),
            reference="a-checkout",
            occurred_at=self._clock(),
            payment_reference="money-1" if paid else None,
            amount_minor=4500 if paid else None,
            currency="USD" if paid else None,
        )
        return replace(event, **changes)

    def send(self, event: ProviderEvent, now: datetime | None = None) -> PaymentOutcome:
        with self._database.write() as session:
            return apply_payment_event(session, event, now or self._clock())

    def paid(self, booking: dict[str, Any], **changes: Any) -> PaymentOutcome:
        return self.send(self.event(booking, ProviderEventKind.PAID, **changes))

    def failed(self, booking: dict[str, Any], **changes: Any) -> PaymentOutcome:
        return self.send(self.event(booking, ProviderEventKind.FAILED, **changes))

    def outcomes(self) -> list[tuple[str, str]]:
        with self._database.read() as session:
            rows = session.execute(select(PaymentEventRow.event_id, PaymentEventRow.outcome))
            return sorted((event_id, outcome) for event_id, outcome in rows)


@pytest.fixture
def provider(backend: Backend) -> Provider:
    return Provider(backend.database, backend.clock)


@pytest.fixture
def slot(backend: Backend, professional: Person) -> dict[str, Any]:
    return backend.slot(professional)


@pytest.fixture
def booking(user: Person, slot: dict[str, Any]) -> dict[str, Any]:
    return held(user, slot)


def states(person: Person, booking: dict[str, Any]) -> tuple[str, str]:
    now = seen(person, booking)
    return now["status"], now["payment_status"]


def test_money_in_time_confirms(provider: Provider, user: Person, booking: dict[str, Any]) -> None:
    assert provider.paid(booking) is PaymentOutcome.CONFIRMED
    assert states(user, booking) == ("confirmed", "paid")


def test_the_same_event_twice_is_taken_in_once(provider: Provider, user: Person, booking: dict[str, Any]) -> None:
    provider.paid(booking)
    assert provider.paid(booking) is PaymentOutcome.IGNORED
    assert states(user, booking) == ("confirmed", "paid")
    assert provider.outcomes() == [("event-paid", "confirmed")]


def test_the_same_money_told_by_webhook_and_by_asking_changes_nothing(
    provider: Provider, user: Person, booking: dict[str, Any]
) -> None:
    provider.paid(booking)
    assert provider.paid(booking, event_id="asked") is PaymentOutcome.IGNORED
    assert states(user, booking) == ("confirmed", "paid")


def test_a_second_payment_of_the_same_booking_has_to_go_back(
    provider: Provider, user: Person, booking: dict[str, Any]
) -> None:
    provider.paid(booking)
    assert provider.paid(booking, event_id="other", payment_reference="money-2") is PaymentOutcome.REFUND_DUE
    assert states(user, booking) == ("confirmed", "paid")
    assert provider.outcomes() == [("event-paid", "confirmed"), ("other", "refund_due")]


def test_a_failure_told_after_the_payment_does_not_undo_it(
    provider: Provider, user: Person, booking: dict[str, Any]
) -> None:
    provider.paid(booking)
    assert provider.failed(booking) is PaymentOutcome.IGNORED
    assert states(user, booking) == ("confirmed", "paid")


def test_a_payment_that_failed_for_good_frees_the_slot(
    provider: Provider, backend: Backend, user: Person, booking: dict[str, Any], slot: dict[str, Any]
) -> None:
    provider.failed(booking)
    assert states(user, booking) == ("cancelled", "failed")
    assert book(backend.user(), slot).status_code == 201


def test_money_after_a_failure_that_freed_the_slot_has_to_go_back(
    provider: Provider, user: Person, booking: dict[str, Any]
) -> None:
    provider.failed(booking)
    assert provider.paid(booking) is PaymentOutcome.REFUND_DUE
    assert states(user, booking) == ("cancelled", "refund_pending")


def test_money_after_the_hold_confirms_while_the_slot_is_still_free(
    provider: Provider, backend: Backend, user: Person, booking: dict[str, Any]
) -> None:
    backend.clock.move(minutes=25)
    assert provider.paid(booking) is PaymentOutcome.CONFIRMED
    assert states(user, booking) == ("confirmed", "paid")


def test_money_told_after_a_failure_of_an_expired_hold_still_confirms_while_the_slot_is_free(
    provider: Provider, backend: Backend, user: Person, booking: dict[str, Any]
) -> None:
    backend.clock.move(minutes=25)
    provider.failed(booking)
    assert states(user, booking) == ("expired", "failed")
    assert provider.paid(booking) is PaymentOutcome.CONFIRMED


def test_money_after_the_hold_has_to_go_back_when_someone_else_has_the_slot(
    provider: Provider, backend: Backend, user: Person, booking: dict[str, Any], slot: dict[str, Any]
) -> None:
    backend.clock.move(minutes=25)
    other = backend.user()
    theirs = held(other, slot)
    assert provider.paid(booking) is PaymentOutcome.REFUND_DUE
    assert states(user, booking) == ("expired", "refund_pending")
    assert states(other, theirs) == ("held", "pending")


def test_money_after_the_hold_takes_the_slot_from_another_overdue_hold(
    provider: Provider, backend: Backend, user: Person, booking: dict[str, Any], slot: dict[str, Any]
) -> None:
    backend.clock.move(minutes=25)
    other = backend.user()
    theirs = held(other, slot)
    backend.clock.move(minutes=10)
    assert provider.paid(booking) is PaymentOutcome.CONFIRMED
    assert states(other, theirs)[0] == "expired"


def test_money_after_the_hold_has_to_go_back_when_the_slot_was_deleted(
    provider: Provider,
    backend: Backend,
    professional: Person,
    user: Person,
    booking: dict[str, Any],
    slot: dict[str, Any],
) -> None:
    backend.clock.move(minutes=25)
    professional.delete(f"/professional/sessions/availability/{slot['id']}")
    assert provider.paid(booking) is PaymentOutcome.REFUND_DUE


def test_money_after_the_hold_has_to_go_back_when_the_session_has_begun(
    provider: Provider, backend: Backend, booking: dict[str, Any]
) -> None:
    backend.clock.move(days=1)
    assert provider.paid(booking) is PaymentOutcome.REFUND_DUE


def test_money_after_the_hold_has_to_go_back_when_the_user_has_another_session_then(
    provider: Provider, backend: Backend, user: Person, booking: dict[str, Any]
) -> None:
    backend.clock.move(minutes=25)
    confirmed(user, backend.slot(backend.professional(), start="10:15", end="11:00"))
    assert provider.paid(booking) is PaymentOutcome.REFUND_DUE


def test_money_for_a_hold_that_was_given_back_has_to_go_back(
    provider: Provider, user: Person, booking: dict[str, Any]
) -> None:
    user.post(f"/sessions/{booking['id']}/release")
    assert provider.paid(booking) is PaymentOutcome.REFUND_DUE
    assert states(user, booking) == ("cancelled", "refund_pending")


@pytest.mark.parametrize("changes", [{"amount_minor": 4499}, {"amount_minor": None}, {"currency": "EUR"}])
def test_another_amount_than_the_price_confirms_nothing(
    provider: Provider, user: Person, booking: dict[str, Any], changes: dict[str, Any]
) -> None:
    assert provider.paid(booking, **changes) is PaymentOutcome.REFUND_DUE
    assert states(user, booking) == ("cancelled", "refund_pending")


def test_what_has_to_go_back_keeps_the_payment_it_came_with(
    provider: Provider, database: Database, user: Person, booking: dict[str, Any]
) -> None:
    user.post(f"/sessions/{booking['id']}/release")
    provider.paid(booking)
    with database.read() as session:
        due = session.scalars(select(PaymentEventRow).where(PaymentEventRow.outcome == "refund_due")).one()
    assert (due.payment_reference, due.amount_minor, due.currency) == ("money-1", 4500, "USD")


def test_an_event_about_an_unknown_booking_is_ignored(provider: Provider, booking: dict[str, Any]) -> None:
    unknown = {**booking, "id": "00000000-0000-4000-8000-000000000000"}
    assert provider.paid(unknown) is PaymentOutcome.IGNORED


def test_the_event_is_stored_in_the_same_transaction_as_what_it_does(
    provider: Provider, database: Database, user: Person, booking: dict[str, Any]
) -> None:
    def settle_and_break() -> None:
        with database.write() as session:
            apply_payment_event(session, provider.event(booking, ProviderEventKind.PAID), provider._clock())
            raise RuntimeError("the process ends here")

    with pytest.raises(RuntimeError):
        settle_and_break()
    assert states(user, booking) == ("held", "pending")
    assert provider.paid(booking) is PaymentOutcome.CONFIRMED


def test_the_database_refuses_a_second_active_booking_of_a_slot(database: Database, booking: dict[str, Any]) -> None:
    def copy_booking() -> None:
        with database.write() as session:
            row = session.get_one(BookingRow, UUID(booking["id"]))
            columns = {column.name: getattr(row, column.name) for column in BookingRow.__table__.columns}
            session.add(BookingRow(**{**columns, "id": UUID(int=1)}))

    with pytest.raises(IntegrityError):
        copy_booking()


def test_the_database_refuses_to_confirm_what_is_not_paid(database: Database, booking: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="confirmed_is_paid"), database.write() as session:
        session.execute(text("UPDATE bookings SET status = 'confirmed'"))


def checkout_is_closed(database: Database) -> bool:
    with database.read() as session:
        return session.scalars(select(BookingRow)).one().checkout_closed_at is not None


def test_word_of_another_checkout_leaves_this_one_open(
    provider: Provider, database: Database, booking: dict[str, Any]
) -> None:
    provider.paid(booking, reference="another-checkout")
    assert not checkout_is_closed(database), "it can still be paid: the worker has to close it"
    with database.read() as session:
        own = session.scalars(select(BookingRow)).one().checkout_reference
    provider.failed(booking, reference=own)
    assert checkout_is_closed(database)


def test_money_of_another_currency_is_in_the_ledger_as_what_it_is(
    provider: Provider, database: Database, booking: dict[str, Any]
) -> None:
    provider.paid(booking, currency="EUR")
    with database.read() as session:
        payment = session.scalars(select(PaymentRow)).one()
    assert (payment.currency, payment.owed_minor) == ("EUR", 4500)
