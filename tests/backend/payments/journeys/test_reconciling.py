"""The nightly comparison with Stripe's own lists finds what no webhook event reported."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from backend.kit.database import Database
from backend.payments import repository as ledgers
from backend.payments.tables import PaymentRow
from tests.backend.bookings.acting import seen
from tests.backend.payments.journeys.acting import (
    by_hand,
    pay,
)
from tests.backend.stage import MovableClock, Person, both_were_there
from tests.fakes.stripe_disputes import open_dispute
from tests.fakes.stripe_server import StripeServer

pytestmark = pytest.mark.at_once


@pytest.mark.parametrize("what", ["refund", "dispute", "payment"])
def test_what_no_webhook_told_of_is_found_by_the_nightly_comparison(
    user: Person,
    client: TestClient,
    booking: dict[str, Any],
    webhooks: StripeServer,
    work: Callable[[], None],
    database: Database,
    clock: MovableClock,
    what: str,
) -> None:
    pay(booking)
    both_were_there(database, booking)
    if what != "payment":
        webhooks.webhooks.deliver()
    work()
    clock.move(days=0.5)
    name = str(next(webhooks.ledger.of_kind("payment_intent"))["id"])
    if what == "refund":
        by_hand(webhooks, name, 500)
    if what == "dispute":
        open_dispute(webhooks.ledger, name)
    webhooks.webhooks.lose()
    clock.move(days=1)
    work()
    shown = seen(user, booking)
    if what == "payment":
        assert shown["payment_status"] == "paid"  # its checkout was asked about long before the night
        return
    assert (shown["refund"] or {}).get("amount") == ("5.00" if what == "refund" else None)
    assert shown["dispute"] == ("open" if what == "dispute" else None)
    with database.read() as session:
        found = {(row.kind, row.booking_id, row.repaired) for row in ledgers.differences(session)}
    assert (f"{what}s", UUID(booking["id"]), True) in found
    assert client.get("/status").json()["differences"] == 0


def test_a_payment_that_the_provider_does_not_have_is_listed_for_an_operator(
    client: TestClient,
    booking: dict[str, Any],
    webhooks: StripeServer,
    payment: str,
    work: Callable[[], None],
    database: Database,
    clock: MovableClock,
) -> None:
    with database.write() as session:
        session.scalars(select(PaymentRow)).one().payment_reference = "pi_of_nobody"
    clock.move(hours=2)
    work()
    with database.read() as session:
        found = {(row.kind, row.payment_reference, row.repaired) for row in ledgers.differences(session)}
    assert ("payment", "pi_of_nobody", False) in found
    assert client.get("/status").json()["differences"] >= 1


def test_the_comparison_goes_through_every_page_of_stripes_list(
    booking: dict[str, Any], webhooks: StripeServer, payment: str, work: Callable[[], None], clock: MovableClock
) -> None:
    original = webhooks.ledger.objects[payment]
    for number in range(250):  # others of the same account, which are none of ours
        name = f"pi_other_{number}"
        webhooks.ledger.objects[name] = original | {"id": name, "metadata": {}, "created": webhooks.ledger.now()}
    clock.move(hours=2)
    webhooks.traffic.seen.clear()
    work()
    assert webhooks.traffic.seen.count("GET /v1/payment_intents") == 3
