"""The refunds' outbox: once, whatever gets lost, and as often as it takes."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from backend.kit.database import Database
from backend.payments.ports import PaymentGatewayUnavailable, RefundState
from backend.payments.tables import PaymentRow, RefundRow
from tests.backend.bookings.acting import seen
from tests.backend.bookings.money.refunds.outbox import refunds
from tests.backend.stage import MovableClock, Person
from tests.fakes.payment_gateway import FakePaymentGateway


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


def test_what_the_platform_gave_back_of_its_fee_is_in_the_ledger(
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
