"""The whole backend with Stripe on loopback, a professional who can be paid, and a booking that is not paid yet."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.auth.service import PasswordHasher
from backend.bookings.access import terms_of
from backend.calls.access import limits_of
from backend.kit.database import Database
from backend.main import create_app
from backend.settings import Settings
from backend.worker import Worker
from tests.backend.bookings.acting import held
from tests.backend.payments.conftest import PUBLIC_URL
from tests.backend.payments.journeys.acting import pay
from tests.backend.stage import NO_MAIL_SERVER, Backend, MovableClock, Person
from tests.fakes.stripe_refunds import transfer_at_once
from tests.fakes.stripe_server import StripeServer


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
            **NO_MAIL_SERVER,
        }
    )


@pytest.fixture
def app(settings: Settings, clock: MovableClock, passwords: PasswordHasher) -> FastAPI:
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
    httpx.post(nora.post("/professional/payouts", json={"country": "DE"}).json()["url"], timeout=60)
    webhooks.webhooks.deliver()
    return nora


@pytest.fixture
def booking(
    backend: Backend, professional: Person, user: Person, webhooks: StripeServer, request: pytest.FixtureRequest
) -> dict[str, Any]:
    """Not paid yet. With the mark `at_once` its payment is transferred at once, as older releases asked for."""
    booking = held(user, backend.slot(professional))
    if request.node.get_closest_marker("at_once"):
        ledger = webhooks.ledger
        checkout, account = next(ledger.of_kind("checkout.session")), next(ledger.of_kind("account"))
        transfer_at_once(ledger, checkout["id"], account["id"], 450)
    return booking


@pytest.fixture
def payment(booking: dict[str, Any], webhooks: StripeServer) -> str:
    """The booking is paid, and the backend has heard of it; Stripe's name for the payment."""
    pay(booking)
    webhooks.webhooks.deliver()
    return str(next(webhooks.ledger.of_kind("payment_intent"))["id"])
