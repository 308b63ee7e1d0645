"""Money that somebody gives back in Stripe's dashboard: it is in the ledger, and nobody loses a cent."""

import random
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from backend.kit.database import Database
from backend.payments import repository as ledgers
from backend.payments.rules import MAX_REFUND_FAILURES
from tests.backend.bookings.acting import seen
from tests.backend.payments.journeys.acting import (
    PRICE,
    account,
    by_hand,
    cancel,
    earnings,
    refunds,
    states,
)
from tests.backend.stage import Backend, MovableClock, Person
from tests.fakes.stripe_refunds import settle_refund
from tests.fakes.stripe_server import StripeServer

pytestmark = pytest.mark.at_once


def test_a_part_that_the_support_gave_is_in_the_ledger_and_the_session_stands(
    user: Person, professional: Person, booking: dict[str, Any], webhooks: StripeServer, payment: str
) -> None:
    by_hand(webhooks, payment, 500)
    webhooks.webhooks.deliver(times=2, shuffle=random.Random(1))
    shown = seen(user, booking)
    assert (shown["status"], shown["payment_status"]) == ("confirmed", "partially_refunded")
    assert (shown["refund"]["amount"], shown["refund"]["reason"], shown["refund"]["status"]) == (
        "5.00",
        "support",
        "done",
    )
    assert earnings(professional) == {"upcoming": "36.00", "paid": "0.00", "refunded": "5.00", "fees": "4.00"}


def test_after_a_part_from_elsewhere_only_the_rest_is_ordered(
    user: Person,
    booking: dict[str, Any],
    webhooks: StripeServer,
    payment: str,
    work: Callable[[], None],
    database: Database,
) -> None:
    by_hand(webhooks, payment, 500)
    webhooks.webhooks.deliver()
    cancel(user, booking)
    work()
    assert refunds(database) == [("provider", "done", 500), ("ours", "done", 4000)]
    assert states(user, booking) == ("cancelled", "refunded")
    assert seen(user, booking)["refund"]["amount"] == "45.00"
    assert set(webhooks.ledger.balances.values()) == {0}


def test_a_part_from_elsewhere_that_no_webhook_told_of_is_found_before_the_rest_is_ordered(
    user: Person,
    booking: dict[str, Any],
    webhooks: StripeServer,
    payment: str,
    work: Callable[[], None],
    database: Database,
) -> None:
    cancel(user, booking)
    by_hand(webhooks, payment, 500)
    webhooks.webhooks.lose()
    work()
    assert refunds(database) == [("ours", "done", 4000), ("provider", "done", 500)]
    assert states(user, booking) == ("cancelled", "refunded")
    assert set(webhooks.ledger.balances.values()) == {0}


def test_everything_back_from_elsewhere_ends_the_session_and_its_earnings(
    user: Person, professional: Person, backend: Backend, booking: dict[str, Any], webhooks: StripeServer, payment: str
) -> None:
    by_hand(webhooks, payment)
    webhooks.webhooks.deliver()
    shown = seen(user, booking)
    assert (shown["status"], shown["payment_status"], shown["cancelled_by"]) == ("cancelled", "refunded", None)
    assert earnings(professional) == {"upcoming": "0.00", "paid": "0.00", "refunded": "45.00", "fees": "0.00"}
    refused = user.post(f"/sessions/{booking['id']}/generate-call-link")
    assert refused.status_code in (409, 503)
    again = backend.user().post("/sessions/book", json={"slot_id": booking["slot_id"]})
    assert again.status_code == 201, "the time is free again"


def test_a_refund_from_elsewhere_that_left_the_professional_their_part_is_at_the_platforms_cost(
    professional: Person, webhooks: StripeServer, payment: str
) -> None:
    by_hand(webhooks, payment, 500, reverses=False)
    webhooks.webhooks.deliver()
    assert account(webhooks) == 4050
    assert earnings(professional) == {"upcoming": "40.50", "paid": "0.00", "refunded": "5.00", "fees": "-0.50"}


def test_what_others_gave_and_the_bank_returned_is_owed_by_us_once_the_session_is_cancelled(
    user: Person, booking: dict[str, Any], webhooks: StripeServer, payment: str, work: Callable[[], None]
) -> None:
    given = by_hand(webhooks, payment)
    webhooks.webhooks.deliver()
    settle_refund(webhooks.ledger, given["id"], "failed")
    webhooks.webhooks.deliver()
    assert states(user, booking) == ("cancelled", "refund_pending")
    work()
    assert states(user, booking) == ("cancelled", "refunded")
    assert set(webhooks.ledger.balances.values()) == {0}


def test_after_five_definite_failures_it_stops_and_is_listed_as_stuck(
    user: Person,
    client: TestClient,
    booking: dict[str, Any],
    webhooks: StripeServer,
    payment: str,
    work: Callable[[], None],
    database: Database,
    clock: MovableClock,
) -> None:
    cancel(user, booking)
    for _ in range(MAX_REFUND_FAILURES + 2):
        webhooks.ledger.refuse_next_refund = "balance_insufficient"
        clock.move(hours=13)
        work()
    assert refunds(database) == [("ours", "failed", PRICE)] * MAX_REFUND_FAILURES
    shown = seen(user, booking)
    assert (shown["payment_status"], shown["refund"]["stuck"]) == ("refund_failed", True)
    with database.read() as session:
        (stuck,) = ledgers.stuck_refunds(session)
    assert stuck == (UUID(booking["id"]), payment, PRICE, MAX_REFUND_FAILURES)
    assert client.get("/status").json()["stuck_refunds"] == 1
    webhooks.ledger.refuse_next_refund = None
    by_hand(webhooks, payment)  # the operator does it
    webhooks.webhooks.deliver()
    assert states(user, booking) == ("cancelled", "refunded")
    assert client.get("/status").json()["stuck_refunds"] == 0


def test_a_checkout_that_stripe_refuses_is_not_told_of_as_a_bad_moment(
    backend: Backend, professional: Person, webhooks: StripeServer
) -> None:
    slot = backend.slot(professional)
    webhooks.ledger.refuse_next_checkout = "amount_too_small"
    refused = backend.user().post("/sessions/book", json={"slot_id": slot["id"]})
    assert (refused.status_code, refused.json()["error"]) == (409, "PaymentRefused")
    assert "try again shortly" not in refused.json()["detail"]
    webhooks.traffic.down = True
    unknown = backend.user().post("/sessions/book", json={"slot_id": slot["id"]})
    assert (unknown.status_code, unknown.json()["error"]) == (503, "ServiceUnavailable")
