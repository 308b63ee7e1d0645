"""A payer tells their bank that a payment was not right: what that closes, and where the money goes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from backend.auth.repository import account_of
from backend.auth.tables import AccountRow
from backend.bookings.rules import Terms
from backend.calls.rules import PaymentDisputed
from backend.calls.service.entering import entry
from backend.kit.database import Database
from backend.payments.tables import DisputeRow
from tests.backend.bookings.acting import seen
from tests.backend.payments.journeys.acting import (
    PRICE,
    account,
    cancel,
    disputed,
    earnings,
    refunds,
    states,
)
from tests.backend.stage import Backend, MovableClock, Person, both_were_there
from tests.fakes.stripe_disputes import decide_dispute, open_dispute
from tests.fakes.stripe_server import StripeServer

pytestmark = pytest.mark.at_once


def test_a_dispute_closes_joining_cancelling_and_moving_and_takes_the_professionals_part_back(
    user: Person,
    professional: Person,
    backend: Backend,
    client: TestClient,
    booking: dict[str, Any],
    webhooks: StripeServer,
    payment: str,
    work: Callable[[], None],
) -> None:
    disputed(webhooks, payment)
    assert seen(user, booking)["dispute"] == "open"
    for person in (user, professional):
        refused = person.post(f"/sessions/{booking['id']}/cancel", json={"expected_refund": "45.00"}).json()
        assert (refused["error"], "disputed with the bank" in refused["detail"]) == ("NotCancellable", True)
    other = backend.slot(professional, "2027-03-09")
    moved = user.post(f"/sessions/{booking['id']}/reschedule", json={"slot_id": other["id"]}).json()
    assert (moved["error"], "disputed with the bank" in moved["detail"]) == ("NotReschedulable", True)
    assert earnings(professional) == {"upcoming": "0.00", "paid": "0.00", "refunded": "45.00", "fees": "0.00"}
    assert account(webhooks) == 4050
    work()
    assert set(webhooks.ledger.balances.values()) == {0}
    work()
    assert set(webhooks.ledger.balances.values()) == {0}, "it is taken back once"
    assert client.get("/status").json()["open_disputes"] == 1


def test_a_dispute_that_is_lost_ends_the_session_and_nothing_more_goes_back(
    user: Person, booking: dict[str, Any], webhooks: StripeServer, payment: str, work: Callable[[], None]
) -> None:
    dispute = disputed(webhooks, payment)
    work()
    decide_dispute(webhooks.ledger, dispute, "lost")
    webhooks.webhooks.deliver()
    work()
    assert states(user, booking) == ("cancelled", "refunded")
    assert seen(user, booking)["dispute"] == "lost"
    assert set(webhooks.ledger.balances.values()) == {0}
    assert not list(webhooks.ledger.of_kind("refund"))


def test_a_dispute_that_is_won_opens_the_session_again_and_the_professional_is_paid_after_it(
    user: Person,
    professional: Person,
    booking: dict[str, Any],
    webhooks: StripeServer,
    payment: str,
    work: Callable[[], None],
    clock: MovableClock,
    database: Database,
) -> None:
    dispute = disputed(webhooks, payment)
    work()
    decide_dispute(webhooks.ledger, dispute, "won")
    webhooks.webhooks.deliver()
    assert states(user, booking) == ("confirmed", "paid")
    assert user.get(f"/sessions/{booking['id']}/cancellation").status_code == 200
    assert earnings(professional) == {"upcoming": "40.50", "paid": "0.00", "refunded": "0.00", "fees": "4.50"}
    work()
    assert account(webhooks) == 0, "not before the session is over"
    both_were_there(database, booking)
    clock.move(days=2)
    for _ in range(2):
        work()
        clock.move(hours=2)
        work()
    assert account(webhooks) == 4050
    assert earnings(professional)["paid"] == "40.50"


def test_what_is_cancelled_after_a_dispute_was_won_takes_nothing_from_the_professional_twice(
    user: Person,
    booking: dict[str, Any],
    webhooks: StripeServer,
    payment: str,
    work: Callable[[], None],
    clock: MovableClock,
) -> None:
    dispute = disputed(webhooks, payment)
    work()
    decide_dispute(webhooks.ledger, dispute, "won")
    webhooks.webhooks.deliver()
    cancel(user, booking)
    for _ in range(3):
        work()
        clock.move(hours=2)
    assert states(user, booking) == ("cancelled", "refunded")
    assert set(webhooks.ledger.balances.values()) == {0}


def test_while_a_dispute_is_open_nothing_is_refunded_and_afterwards_what_is_owed_goes_out(
    user: Person,
    booking: dict[str, Any],
    webhooks: StripeServer,
    payment: str,
    work: Callable[[], None],
    database: Database,
    clock: MovableClock,
) -> None:
    clock.move(hours=20)  # half of it goes back
    cancel(user, booking)
    dispute = disputed(webhooks, payment)
    work()
    assert refunds(database) == [("ours", "superseded", PRICE // 2)]
    decide_dispute(webhooks.ledger, dispute, "won")
    webhooks.webhooks.deliver()
    work()
    clock.move(hours=2)
    work()
    assert states(user, booking) == ("cancelled", "partially_refunded")
    assert (webhooks.ledger.balances["payers"], account(webhooks)) == (-PRICE // 2, 2025)


def test_an_inquiry_is_written_down_and_closes_nothing(
    user: Person, booking: dict[str, Any], webhooks: StripeServer, payment: str, database: Database
) -> None:
    open_dispute(webhooks.ledger, payment, inquiry=True)
    webhooks.webhooks.deliver()
    assert seen(user, booking)["dispute"] is None
    assert user.get(f"/sessions/{booking['id']}/cancellation").status_code == 200
    with database.read() as session:
        assert session.scalars(select(DisputeRow.state)).all() == ["inquiry"]


def test_a_dispute_keeps_everyone_from_the_room(
    user: Person, booking: dict[str, Any], webhooks: StripeServer, payment: str, clock: MovableClock, database: Database
) -> None:
    disputed(webhooks, payment)
    clock.move(days=1)
    terms = Terms(timedelta(minutes=10), timedelta(minutes=15), timedelta(minutes=15))
    with database.read() as session:
        person = account_of(session.get_one(AccountRow, UUID(user.id)))
        with pytest.raises(PaymentDisputed):
            entry(session, person, UUID(booking["id"]), terms, clock())
