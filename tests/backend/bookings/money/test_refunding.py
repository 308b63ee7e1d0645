"""The refunds' outbox: once, whatever gets lost, and as often as it takes."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from backend.bookings.service.money.provider_sync import take_over
from backend.kit.database import Database
from backend.payments.ports import PaymentGatewayUnavailable, PaymentSnapshot, RefundSnapshot, RefundState
from backend.payments.tables import PaymentRow, RefundRow
from backend.settings import Settings
from tests.backend.bookings.acting import held, seen, send_refunds
from tests.backend.stage import Backend, MovableClock, Person
from tests.fakes.payment_gateway import FakePaymentGateway


@pytest.fixture
def gateway() -> FakePaymentGateway:
    return FakePaymentGateway()


@pytest.fixture
def app(
    compose: Callable[..., FastAPI], settings: Settings, clock: MovableClock, gateway: FakePaymentGateway
) -> FastAPI:
    return compose(settings, clock, payment_gateway=gateway)


@pytest.fixture
def send(database: Database, gateway: FakePaymentGateway, clock: MovableClock) -> Callable[[], None]:
    """One round of the worker's."""
    return lambda: send_refunds(database, gateway, clock)


@pytest.fixture
def cancelled(
    backend: Backend, database: Database, professional: Person, user: Person, gateway: FakePaymentGateway
) -> dict[str, Any]:
    """A paid session that its user has cancelled early: everything is owed back."""
    booking = held(user, backend.slot(professional))
    gateway.take_money(f"checkout-{booking['id']}", backend.clock())
    user.post(f"/sessions/{booking['id']}/release")  # the checkout is asked about, and the money is seen
    booking = seen(user, booking)
    if booking["status"] == "cancelled":
        return booking
    answer = user.post(f"/sessions/{booking['id']}/cancel", json={"expected_refund": "45.00"})
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def refunds(database: Database) -> list[tuple[int, str, int]]:
    with database.read() as session:
        rows = session.scalars(select(RefundRow).order_by(RefundRow.attempt))
        return [(row.attempt, row.status, row.amount_minor) for row in rows]


def test_what_is_owed_is_sent_and_done(
    send: Callable[[], None], database: Database, user: Person, cancelled: dict[str, Any]
) -> None:
    assert cancelled["refund"]["status"] == "pending"
    send()
    shown = seen(user, cancelled)
    assert (shown["payment_status"], shown["refund"]["status"]) == ("refunded", "done")
    assert refunds(database) == [(1, "done", 4500)]


def test_a_round_that_comes_again_asks_nothing(
    send: Callable[[], None], gateway: FakePaymentGateway, cancelled: dict[str, Any]
) -> None:
    send()
    gateway.down = True
    send()


def test_an_answer_that_got_lost_keeps_the_attempt_and_its_key(
    send: Callable[[], None],
    database: Database,
    clock: MovableClock,
    gateway: FakePaymentGateway,
    user: Person,
    cancelled: dict[str, Any],
) -> None:
    gateway.silent = True
    with pytest.raises(PaymentGatewayUnavailable):
        send()
    gateway.silent = False
    send()
    assert seen(user, cancelled)["payment_status"] == "refund_pending"  # leased: nobody asks twice at once
    clock.move(minutes=2)
    send()
    assert refunds(database) == [(1, "done", 4500)]
    assert list(gateway.refunds) == [f"refund:{cancelled['id']}:1"]


def test_a_definite_failure_starts_the_next_attempt_and_stays_visible_until_it_is_sent(
    send: Callable[[], None],
    database: Database,
    clock: MovableClock,
    gateway: FakePaymentGateway,
    user: Person,
    cancelled: dict[str, Any],
) -> None:
    gateway.next_refund = RefundState.FAILED
    send()
    shown = seen(user, cancelled)
    assert (shown["payment_status"], shown["refund"]["status"]) == ("refund_failed", "failed")
    assert refunds(database) == [(1, "failed", 4500), (2, "pending", 4500)]
    gateway.next_refund = RefundState.DONE
    send()
    assert len(gateway.refunds) == 1  # not before its time
    clock.move(minutes=1)
    send()
    assert seen(user, cancelled)["payment_status"] == "refunded"
    assert list(gateway.refunds) == [f"refund:{cancelled['id']}:{attempt}" for attempt in (1, 2)]


def test_a_refund_on_its_way_is_asked_about_until_it_has_arrived(
    send: Callable[[], None],
    clock: MovableClock,
    gateway: FakePaymentGateway,
    user: Person,
    cancelled: dict[str, Any],
) -> None:
    gateway.next_refund = RefundState.PENDING
    send()
    assert seen(user, cancelled)["refund"]["status"] == "pending"
    gateway.settle_refund(f"refund:{cancelled['id']}:1", RefundState.DONE)
    clock.move(minutes=10)
    send()
    assert seen(user, cancelled)["refund"]["status"] == "done"


def tell(
    database: Database,
    booking: dict[str, Any],
    state: RefundState,
    now: datetime,
    *,
    key: str | None = None,
    gateway: str = "fake",
) -> None:
    """The provider says how the refund stands that was asked for with this key: by default the first attempt's."""
    key = f"refund:{booking['id']}:1" if key is None else key
    refund = RefundSnapshot(f"refund-{key}", state, amount_minor=4500, key=key, reversed_minor=4500)
    money = f"money-checkout-{booking['id']}"
    snapshot = PaymentSnapshot(money, 4500, "USD", UUID(booking["id"]), now, 4500, 450, refunds=(refund,))
    with database.write() as session:
        take_over(session, gateway, snapshot, now)


def test_an_event_before_the_answer_counts_and_the_answer_changes_nothing(
    send: Callable[[], None], database: Database, clock: MovableClock, user: Person, cancelled: dict[str, Any]
) -> None:
    tell(database, cancelled, RefundState.DONE, clock())
    tell(database, cancelled, RefundState.PENDING, clock())
    tell(database, cancelled, RefundState.DONE, clock())
    clock.move(hours=1)
    send()
    assert refunds(database) == [(1, "done", 4500)]
    assert seen(user, cancelled)["payment_status"] == "refunded"


def test_a_bank_that_returns_the_money_makes_it_owed_again(
    send: Callable[[], None],
    database: Database,
    clock: MovableClock,
    user: Person,
    cancelled: dict[str, Any],
    gateway: FakePaymentGateway,
) -> None:
    send()
    gateway.settle_refund(f"refund:{cancelled['id']}:1", RefundState.FAILED)
    tell(database, cancelled, RefundState.FAILED, clock())
    assert seen(user, cancelled)["payment_status"] == "refund_failed"
    clock.move(minutes=1)
    send()
    assert seen(user, cancelled)["payment_status"] == "refunded"
    assert refunds(database) == [(1, "failed", 4500), (2, "done", 4500)]


@pytest.mark.parametrize("key", ["", "refund:x:1", f"refund:{UUID(int=7)}:1", "payment:1", "refund::"])
def test_a_refund_whose_key_is_none_of_ours_was_given_elsewhere(
    database: Database, clock: MovableClock, cancelled: dict[str, Any], key: str
) -> None:
    tell(database, cancelled, RefundState.DONE, clock(), key=key)
    assert refunds(database) == [(1, "superseded", 4500), (2, "done", 4500)]


def test_another_providers_event_is_ignored(database: Database, clock: MovableClock, cancelled: dict[str, Any]) -> None:
    tell(database, cancelled, RefundState.DONE, clock(), gateway="other")
    assert refunds(database) == [(1, "pending", 4500)]


def _refund(database: Database, booking: dict[str, Any], **changes: Any) -> RefundRow:
    with database.read() as session:
        row = session.scalars(select(RefundRow)).one()
    values = {column: getattr(row, column) for column in row.__table__.columns.keys()}  # noqa: SIM118 - of a table
    return RefundRow(**(values | {"id": uuid4(), "attempt": 2} | changes))


@pytest.mark.parametrize(
    "changes",
    [{}, {"status": "failed", "amount_minor": 4501}, {"status": "failed", "paid_minor": 9000}],
    ids=["a second one that is ordered", "more than was paid", "of more than was paid"],
)
def test_the_database_refuses_to_give_back_more_than_was_paid(
    database: Database, cancelled: dict[str, Any], changes: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(_refund(database, cancelled, **changes))


def test_the_database_refuses_two_payments_that_pay_for_one_session(
    database: Database, clock: MovableClock, cancelled: dict[str, Any]
) -> None:
    second = PaymentRow(
        booking_id=UUID(cancelled["id"]),
        gateway="fake",
        payment_reference="other-money",
        amount_minor=4500,
        currency="USD",
        fee_minor=0,
        transferred_at_once=False,
        pays=True,
        paid_at=clock(),
        payee_minor=4500,
    )
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(second)


def test_what_the_platform_gave_back_of_its_fee_is_in_the_books(
    send: Callable[[], None], database: Database, gateway: FakePaymentGateway, cancelled: dict[str, Any]
) -> None:
    gateway.at_once, gateway.fee_minor = True, 450
    send()
    with database.read() as session:
        refund = session.scalars(select(RefundRow)).one()
        payment = session.scalars(select(PaymentRow)).one()
    assert (payment.fee_minor, payment.fee_returned_minor, refund.reversed_minor) == (450, 450, 4500)


def test_a_refund_of_another_provider_waits_for_it(
    send: Callable[[], None], database: Database, cancelled: dict[str, Any]
) -> None:
    with database.write() as session:
        session.execute(update(PaymentRow).values(gateway="former"))
    send()
    assert refunds(database) == [(1, "pending", 4500)]


def test_a_refund_on_its_way_is_asked_about_every_ten_minutes_and_no_sooner(
    send: Callable[[], None], clock: MovableClock, gateway: FakePaymentGateway, cancelled: dict[str, Any]
) -> None:
    gateway.next_refund = RefundState.PENDING
    send()
    asked = len(gateway.payments_read)
    clock.move(minutes=9, seconds=59)
    send()
    assert len(gateway.payments_read) == asked
    clock.move(seconds=1)
    send()
    assert len(gateway.payments_read) == asked + 1


def test_word_of_the_next_attempt_may_come_before_we_wrote_down_that_it_was_sent(
    send: Callable[[], None],
    database: Database,
    clock: MovableClock,
    gateway: FakePaymentGateway,
    user: Person,
    cancelled: dict[str, Any],
) -> None:
    gateway.next_refund = RefundState.FAILED
    send()
    assert seen(user, cancelled)["payment_status"] == "refund_failed"
    tell(database, cancelled, RefundState.DONE, clock(), key=f"refund:{cancelled['id']}:2")
    assert seen(user, cancelled)["payment_status"] == "refunded"
    assert refunds(database) == [(1, "failed", 4500), (2, "done", 4500)]


def test_an_attempt_that_was_given_up_and_came_about_after_all_takes_the_place_of_the_next(
    send: Callable[[], None],
    database: Database,
    clock: MovableClock,
    gateway: FakePaymentGateway,
    user: Person,
    cancelled: dict[str, Any],
) -> None:
    key = f"refund:{cancelled['id']}:1"
    gateway.refunds[key] = RefundSnapshot(None, RefundState.FAILED, "fault_at_stripe")
    send()
    assert refunds(database) == [(1, "failed", 4500), (2, "pending", 4500)]
    tell(database, cancelled, RefundState.DONE, clock())
    assert refunds(database) == [(1, "done", 4500), (2, "superseded", 4500)]
    assert seen(user, cancelled)["payment_status"] == "refunded"


def test_what_is_told_late_of_a_refund_that_failed_changes_nothing(
    send: Callable[[], None],
    database: Database,
    clock: MovableClock,
    gateway: FakePaymentGateway,
    cancelled: dict[str, Any],
) -> None:
    gateway.next_refund = RefundState.FAILED
    send()
    tell(database, cancelled, RefundState.DONE, clock())
    assert refunds(database) == [(1, "failed", 4500), (2, "pending", 4500)]
