"""Booking, paying and getting money back through the whole backend, with Stripe's pages, webhooks and silences."""

import random
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from backend.auth.service import Passwords
from backend.bookings.access import terms_of
from backend.calls.access import limits_of
from backend.kit.database import Database
from backend.main import create_app
from backend.payments.tables import PaymentRow, RefundRow
from backend.settings import Settings
from backend.worker import Worker
from tests.backend.bookings.acting import held, seen
from tests.backend.payments.conftest import PUBLIC_URL
from tests.backend.stage import Backend, MovableClock, Person
from tests.fakes.stripe_books import (
    DECLINED_CARD,
    DELAYED_CARD,
    GOOD_CARD,
    REFUND_PENDING_CARD,
)
from tests.fakes.stripe_refunds import give_refund, restrict, settle_refund
from tests.fakes.stripe_server import StripeServer

PRICE = 4500


@pytest.fixture
def settings(database_url: str, stripe_server: StripeServer) -> Settings:
    """A backend that takes real payments, as far as it can tell."""
    return Settings.model_validate(
        {
            "database_url": database_url,
            "public_url": PUBLIC_URL,
            "stripe_secret_key": stripe_server.key,
            "stripe_webhook_secret": f"whsec_of_another_endpoint,{stripe_server.webhooks.secret}",
            "stripe_api_base": stripe_server.url,
        }
    )


@pytest.fixture
def app(settings: Settings, clock: MovableClock, passwords: Passwords) -> FastAPI:
    return create_app(settings, now=clock, passwords=passwords, run_worker=False)


@pytest.fixture
def webhooks(client: TestClient, stripe_server: StripeServer) -> StripeServer:
    """Stripe, which can reach the backend."""

    def send(body: bytes, signature: str) -> int:
        answer: httpx.Response = client.post("/stripe/webhook", content=body, headers={"Stripe-Signature": signature})
        return answer.status_code

    stripe_server.webhooks.send = send
    return stripe_server


@pytest.fixture
def work(
    app: FastAPI, settings: Settings, clock: MovableClock, database: Database, webhooks: StripeServer
) -> Callable[[], None]:
    """One round of the worker, after a minute."""
    worker = Worker(database, app.state.payment_gateway, None, terms_of(settings), limits_of(settings), clock)

    def round_later() -> None:
        clock.move(minutes=1)
        worker.run_once()

    return round_later


@pytest.fixture
def professional(backend: Backend, webhooks: StripeServer) -> Person:
    """Nora, who went through Stripe's pages."""
    nora = backend.professional("Nora Berg", onboarded=False)
    httpx.post(nora.post("/professional/payouts").json()["url"])
    webhooks.webhooks.deliver()
    return nora


@pytest.fixture
def booking(backend: Backend, professional: Person, user: Person) -> dict[str, Any]:
    return held(user, backend.slot(professional))


def pay(booking: dict[str, Any], card: str = GOOD_CARD) -> httpx.Response:
    """Types a card into Stripe's page."""
    return httpx.post(booking["checkout_url"], data={"card_number": card})


def states(person: Person, booking: dict[str, Any]) -> tuple[str, str]:
    now = seen(person, booking)
    return now["status"], now["payment_status"]


def cancel(user: Person, booking: dict[str, Any]) -> None:
    shown = user.get(f"/sessions/{booking['id']}/cancellation").json()
    answer = user.post(f"/sessions/{booking['id']}/cancel", json={"expected_refund": shown["refund"]})
    assert answer.status_code == 200, answer.text


def counted(database: Database, table: type[PaymentRow] | type[RefundRow]) -> int:
    with database.read() as session:
        return session.scalars(select(func.count()).select_from(table)).one()


def test_a_professional_can_be_booked_once_stripe_says_that_they_can_be_paid(
    backend: Backend, webhooks: StripeServer
) -> None:
    nora = backend.professional("Nora Berg", onboarded=False)
    url = nora.post("/professional/payouts").json()["url"]
    assert backend.offer(nora).json()["error"] == "NotOnboarded"
    httpx.post(url)
    assert webhooks.webhooks.deliver() == [200]
    assert backend.offer(nora).status_code == 201


def test_a_professional_whom_stripe_stops_paying_cannot_be_booked(
    backend: Backend, professional: Person, webhooks: StripeServer
) -> None:
    account = next(found["id"] for found in webhooks.books.of_kind("account"))
    restrict(webhooks.books, account)
    webhooks.webhooks.deliver()
    assert professional.get("/professional/payouts").json()["state"] == "restricted"
    assert backend.offer(professional).json()["error"] == "NotOnboarded"


def test_a_payment_is_confirmed_by_the_webhook(user: Person, booking: dict[str, Any], webhooks: StripeServer) -> None:
    answer = pay(booking)
    assert answer.headers["Location"] == f"{PUBLIC_URL}/stripe/return/paid"
    assert states(user, booking) == ("held", "pending")
    webhooks.webhooks.deliver()
    assert states(user, booking) == ("confirmed", "paid")


def test_a_payment_that_nobody_told_of_is_found_by_asking(
    user: Person, booking: dict[str, Any], webhooks: StripeServer, work: Callable[[], None]
) -> None:
    pay(booking)
    webhooks.webhooks.lose()
    work()
    assert states(user, booking) == ("confirmed", "paid")


def test_the_same_payment_told_thrice_backwards_and_asked_about_is_in_the_books_once(
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
    assert webhooks.books.balances["payers"] == 0
    assert states(user, booking) == ("expired", "failed")


def test_a_payment_in_the_last_moment_of_a_released_hold_goes_back(
    user: Person, booking: dict[str, Any], webhooks: StripeServer, work: Callable[[], None]
) -> None:
    pay(booking)
    user.post(f"/sessions/{booking['id']}/release")
    webhooks.webhooks.deliver()
    work()
    assert states(user, booking) == ("cancelled", "refunded")
    assert set(webhooks.books.balances.values()) == {0}


@pytest.mark.parametrize(("comes", "expected"), [(True, ("confirmed", "paid")), (False, ("cancelled", "failed"))])
def test_a_delayed_payment_is_taken_in_although_we_offer_none(
    user: Person, booking: dict[str, Any], webhooks: StripeServer, comes: bool, expected: tuple[str, str]
) -> None:
    pay(booking, DELAYED_CARD)
    webhooks.webhooks.deliver()
    assert states(user, booking) == ("held", "pending")
    reference = next(found["id"] for found in webhooks.books.of_kind("checkout.session"))
    webhooks.books.settle_delayed(reference, paid=comes)
    webhooks.webhooks.deliver()
    assert states(user, booking) == expected


def test_cancelling_in_time_gives_everything_back_and_the_books_agree_with_stripes(
    user: Person, booking: dict[str, Any], webhooks: StripeServer, work: Callable[[], None], database: Database
) -> None:
    pay(booking)
    webhooks.webhooks.deliver()
    cancel(user, booking)
    work()
    webhooks.webhooks.deliver(times=2)
    assert states(user, booking) == ("cancelled", "refunded")
    assert set(webhooks.books.balances.values()) == {0}
    with database.read() as session:
        refund = session.scalars(select(RefundRow)).one()
        payment = session.scalars(select(PaymentRow)).one()
    assert (refund.amount_minor, refund.fee_returned_minor, payment.fee_minor) == (PRICE, 450, 450)


def test_half_a_refund_shares_the_fee_as_stripe_shares_it(
    user: Person,
    booking: dict[str, Any],
    webhooks: StripeServer,
    work: Callable[[], None],
    database: Database,
    clock: MovableClock,
) -> None:
    pay(booking)
    webhooks.webhooks.deliver()
    clock.move(hours=20)  # four hours before it starts
    cancel(user, booking)
    work()
    assert states(user, booking) == ("cancelled", "partially_refunded")
    account = next(name for name in webhooks.books.balances if name.startswith("acct_"))
    assert webhooks.books.balances == {"payers": -2250, "platform": 225, account: 2025}
    with database.read() as session:
        assert session.scalars(select(RefundRow.fee_returned_minor)).one() == 225


def test_a_refund_on_its_way_is_done_when_stripe_says_so(
    user: Person, booking: dict[str, Any], webhooks: StripeServer, work: Callable[[], None]
) -> None:
    pay(booking, REFUND_PENDING_CARD)
    webhooks.webhooks.deliver()
    cancel(user, booking)
    work()
    webhooks.webhooks.deliver()
    assert states(user, booking) == ("cancelled", "refund_pending")
    settle_refund(webhooks.books, next(webhooks.books.of_kind("refund"))["id"], "succeeded")
    webhooks.webhooks.deliver(times=2)
    assert states(user, booking) == ("cancelled", "refunded")


def test_a_refund_that_the_bank_returns_is_made_again_and_the_money_goes_back_once(
    user: Person, booking: dict[str, Any], webhooks: StripeServer, work: Callable[[], None], clock: MovableClock
) -> None:
    pay(booking)
    webhooks.webhooks.deliver()
    cancel(user, booking)
    work()
    settle_refund(webhooks.books, next(webhooks.books.of_kind("refund"))["id"], "failed")
    webhooks.webhooks.deliver(shuffle=random.Random(7))
    assert states(user, booking) == ("cancelled", "refund_failed")
    clock.move(days=1)
    work()
    assert states(user, booking) == ("cancelled", "refunded")
    assert set(webhooks.books.balances.values()) == {0}


def test_a_refund_by_hand_that_the_bank_returns_is_noticed_and_made_again(
    user: Person, booking: dict[str, Any], webhooks: StripeServer, work: Callable[[], None], clock: MovableClock
) -> None:
    pay(booking)
    webhooks.webhooks.deliver()
    cancel(user, booking)
    webhooks.books.refuse_next_refund = "balance_insufficient"
    work()
    payment = next(found["id"] for found in webhooks.books.of_kind("payment_intent"))
    wanted = {"payment_intent": payment, "reverse_transfer": "true", "refund_application_fee": "true"}
    by_hand = give_refund(webhooks.books, wanted)
    clock.move(hours=1)
    work()
    webhooks.webhooks.deliver()
    assert states(user, booking) == ("cancelled", "refunded")
    settle_refund(webhooks.books, by_hand["id"], "failed")
    webhooks.webhooks.deliver(shuffle=random.Random(7))
    assert states(user, booking) == ("cancelled", "refund_failed")
    clock.move(days=1)
    work()
    assert states(user, booking) == ("cancelled", "refunded")
    assert set(webhooks.books.balances.values()) == {0}


def test_a_refund_by_hand_that_is_none_of_ours_changes_nothing(
    user: Person, booking: dict[str, Any], webhooks: StripeServer
) -> None:
    pay(booking)
    webhooks.webhooks.deliver()
    payment = next(found["id"] for found in webhooks.books.of_kind("payment_intent"))
    give_refund(webhooks.books, {"payment_intent": payment, "amount": "100"})
    assert set(webhooks.webhooks.deliver()) == {200}
    assert states(user, booking) == ("confirmed", "paid")


def test_a_notice_that_cannot_be_looked_into_is_told_again(
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
