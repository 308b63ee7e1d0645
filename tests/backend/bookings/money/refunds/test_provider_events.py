"""What the provider says of refunds by itself, early, late and more than once."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from backend.kit.database import Database
from backend.payments.ports import RefundSnapshot, RefundState
from tests.backend.bookings.acting import seen
from tests.backend.bookings.money.refunds.outbox import refunds, report
from tests.backend.stage import MovableClock, Person
from tests.fakes.payment_gateway import FakePaymentGateway


def test_an_event_before_the_answer_counts_and_the_answer_changes_nothing(
    send: Callable[[], None], database: Database, clock: MovableClock, user: Person, cancelled: dict[str, Any]
) -> None:
    report(database, cancelled, RefundState.DONE, clock())
    report(database, cancelled, RefundState.PENDING, clock())
    report(database, cancelled, RefundState.DONE, clock())
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
    report(database, cancelled, RefundState.FAILED, clock())
    assert seen(user, cancelled)["payment_status"] == "refund_failed"
    clock.move(minutes=1)
    send()
    assert seen(user, cancelled)["payment_status"] == "refunded"
    assert refunds(database) == [(1, "failed", 4500), (2, "done", 4500)]


@pytest.mark.parametrize("key", ["", "refund:x:1", f"refund:{UUID(int=7)}:1", "payment:1", "refund::"])
def test_a_refund_whose_key_is_none_of_ours_was_given_elsewhere(
    database: Database, clock: MovableClock, cancelled: dict[str, Any], key: str
) -> None:
    report(database, cancelled, RefundState.DONE, clock(), key=key)
    assert refunds(database) == [(1, "superseded", 4500), (2, "done", 4500)]


def test_another_providers_event_is_ignored(database: Database, clock: MovableClock, cancelled: dict[str, Any]) -> None:
    report(database, cancelled, RefundState.DONE, clock(), gateway="other")
    assert refunds(database) == [(1, "pending", 4500)]


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
    report(database, cancelled, RefundState.DONE, clock(), key=f"refund:{cancelled['id']}:2")
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
    report(database, cancelled, RefundState.DONE, clock())
    assert refunds(database) == [(1, "done", 4500), (2, "superseded", 4500)]
    assert seen(user, cancelled)["payment_status"] == "refunded"


def test_what_is_reported_late_of_a_refund_that_failed_changes_nothing(
    send: Callable[[], None],
    database: Database,
    clock: MovableClock,
    gateway: FakePaymentGateway,
    cancelled: dict[str, Any],
) -> None:
    gateway.next_refund = RefundState.FAILED
    send()
    report(database, cancelled, RefundState.DONE, clock())
    assert refunds(database) == [(1, "failed", 4500), (2, "pending", 4500)]
