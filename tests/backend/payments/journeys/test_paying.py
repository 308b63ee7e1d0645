"""Booking and paying through the whole backend, with Stripe's pages, webhooks and silences."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from backend.kit.database import Database
from backend.payments.tables import PaymentRow
from tests.backend.bookings.acting import held
from tests.backend.payments.conftest import PUBLIC_URL
from tests.backend.payments.journeys.acting import counted, pay, states
from tests.backend.stage import Backend, MovableClock, Person
from tests.fakes.stripe_ledger import (
    DECLINED_CARD,
    DELAYED_CARD,
)
from tests.fakes.stripe_refunds import restrict
from tests.fakes.stripe_server import StripeServer


def test_a_professional_can_be_booked_once_stripe_says_that_they_can_be_paid(
    backend: Backend, webhooks: StripeServer
) -> None:
    nora = backend.professional("Nora Berg", onboarded=False)
    url = nora.post("/professional/payouts", json={"country": "DE"}).json()["url"]
    assert backend.offer(nora).json()["error"] == "NotOnboarded"
    httpx.post(url, timeout=60)
    assert webhooks.webhooks.deliver() == [200]
    assert backend.offer(nora).status_code == 201


def test_a_professional_whom_stripe_stops_paying_cannot_be_booked(
    backend: Backend, professional: Person, webhooks: StripeServer
) -> None:
    account = next(found["id"] for found in webhooks.ledger.of_kind("account"))
    restrict(webhooks.ledger, account)
    webhooks.webhooks.deliver()
    assert professional.get("/professional/payouts").json()["state"] == "restricted"
    assert backend.offer(professional).json()["error"] == "NotOnboarded"


def test_a_payment_is_confirmed_by_the_webhook(user: Person, booking: dict[str, Any], webhooks: StripeServer) -> None:
    answer = pay(booking)
    assert answer.headers["Location"] == f"{PUBLIC_URL}/stripe/return/paid"
    assert states(user, booking) == ("held", "pending")
    webhooks.webhooks.deliver()
    assert states(user, booking) == ("confirmed", "paid")


def test_a_payment_that_nobody_reported_is_found_by_asking(
    user: Person, booking: dict[str, Any], webhooks: StripeServer, work: Callable[[], None]
) -> None:
    pay(booking)
    webhooks.webhooks.lose()
    work()
    assert states(user, booking) == ("confirmed", "paid")


def test_the_same_payment_told_thrice_backwards_and_asked_about_is_in_the_ledger_once(
    user: Person, booking: dict[str, Any], webhooks: StripeServer, work: Callable[[], None], database: Database
) -> None:
    pay(booking, DECLINED_CARD)
    pay(booking)
    work()
    assert set(webhooks.webhooks.deliver(times=3, backwards=True)) == {200}
    assert states(user, booking) == ("confirmed", "paid")
    assert counted(database, PaymentRow) == 1


def test_a_declined_card_leaves_the_hold_for_another(
    user: Person, booking: dict[str, Any], webhooks: StripeServer
) -> None:
    assert pay(booking, DECLINED_CARD).status_code == 402
    webhooks.webhooks.deliver()
    assert states(user, booking) == ("held", "pending")
    pay(booking)
    webhooks.webhooks.deliver()
    assert states(user, booking) == ("confirmed", "paid")


def test_stripes_page_is_closed_when_the_hold_ends(
    user: Person, booking: dict[str, Any], webhooks: StripeServer, work: Callable[[], None], clock: MovableClock
) -> None:
    clock.move(minutes=10)
    work()
    assert "all done" in pay(booking).text
    assert webhooks.ledger.balances["payers"] == 0
    assert states(user, booking) == ("expired", "failed")


def test_a_payment_in_the_last_moment_of_a_released_hold_goes_back(
    user: Person, booking: dict[str, Any], webhooks: StripeServer, work: Callable[[], None]
) -> None:
    pay(booking)
    user.post(f"/sessions/{booking['id']}/release")
    webhooks.webhooks.deliver()
    work()
    assert states(user, booking) == ("cancelled", "refunded")
    assert set(webhooks.ledger.balances.values()) == {0}


@pytest.mark.parametrize(("comes", "expected"), [(True, ("confirmed", "paid")), (False, ("cancelled", "failed"))])
def test_a_delayed_payment_is_taken_in_although_we_offer_none(
    user: Person, booking: dict[str, Any], webhooks: StripeServer, comes: bool, expected: tuple[str, str]
) -> None:
    pay(booking, DELAYED_CARD)
    webhooks.webhooks.deliver()
    assert states(user, booking) == ("held", "pending")
    reference = next(found["id"] for found in webhooks.ledger.of_kind("checkout.session"))
    webhooks.ledger.settle_delayed(reference, paid=comes)
    webhooks.webhooks.deliver()
    assert states(user, booking) == expected


def test_an_event_that_cannot_be_looked_into_is_told_again(
    user: Person, booking: dict[str, Any], webhooks: StripeServer
) -> None:
    pay(booking)
    webhooks.traffic.down = True
    assert 503 in webhooks.webhooks.deliver()
    assert states(user, booking) == ("held", "pending")
    webhooks.traffic.down = False
    webhooks.webhooks.deliver()
    assert states(user, booking) == ("confirmed", "paid")


def test_without_stripe_nothing_can_be_booked_and_the_slot_is_free_again(
    backend: Backend, professional: Person, user: Person, webhooks: StripeServer
) -> None:
    slot = backend.slot(professional)
    webhooks.traffic.down = True
    assert user.post("/sessions/book", json={"slot_id": slot["id"]}).status_code == 503
    webhooks.traffic.down = False
    assert held(user, slot)["checkout_url"]
