"""A paid booking that was cancelled, and a provider whose answers a test decides."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI

from backend.kit.database import Database
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
