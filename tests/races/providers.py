"""The payment providers of a race: our sandbox inside the backends, and the fake Stripe in a process beside them."""

import random
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
from sqlalchemy import func, or_, select

from backend.bookings.access import terms_of
from backend.bookings.tables import BookingRow
from backend.calls.access import limits_of
from backend.integrations.sandbox_payments import PAID_CARD, SandboxGateway
from backend.integrations.sandbox_refunds import FAILED_REFUND_CARD, SLOW_REFUND_CARD
from backend.integrations.stripe_payments import StripeGateway
from backend.kit.clock import utc_now
from backend.kit.database import Database
from backend.payments.ports import PaymentGateway
from backend.payments.tables import RefundRow
from backend.settings import Settings
from backend.worker import Worker
from tests.backend.bookings.acting import GOOD_CARD as FORM
from tests.backend.money.provider_books import ProviderBooks, sandbox_books, stripe_books
from tests.fakes.call_rooms import FakeCallRooms
from tests.fakes.stripe_refunds import settle_refund
from tests.fakes.stripe_server import StripeServer
from tests.races.backends import Backends

CARDS = (PAID_CARD, PAID_CARD, PAID_CARD, SLOW_REFUND_CARD, FAILED_REFUND_CARD, "4000000000000002")
PUBLIC_URL = "http://backend.test"
HOLD_MIN = 0.2
"""Twelve seconds: holds run out while they are being paid."""


class RunningAhead:
    """A clock that can be put forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


class Provider(Protocol):
    """One provider, as the race needs it."""

    @property
    def environment(self) -> Mapping[str, str]:
        """What makes a backend use it."""

    def onboard(self, url: str, http: httpx.Client, backend: str) -> None:
        """The professional goes through the page at `url`."""

    def pay(self, booking: dict[str, Any], card: str, http: httpx.Client, backend: str) -> None:
        """A card is typed into the payment page."""

    def trouble(self, backends: Backends, dice: random.Random, stop: threading.Event) -> None:
        """What the provider does by itself until `stop`; runs in a thread."""

    def gateway(self, database: Database) -> PaymentGateway:
        """For the worker that settles what is left."""

    def settle(self) -> None:
        """Everything at the provider comes to its end."""

    def books(self, database: Database) -> ProviderBooks:
        """What it holds."""


class Sandbox:
    """Our own test money; the page that is paid at tells the bookings."""

    def __init__(self, clock: RunningAhead) -> None:
        self._clock = clock
        self.environment = {"RENDEZVOUS_DEMO": "1", "PUBLIC_URL": PUBLIC_URL, "HOLD_MINUTES": str(HOLD_MIN)}

    def onboard(self, url: str, http: httpx.Client, backend: str) -> None:
        http.post(backend + urlsplit(url).path)

    def pay(self, booking: dict[str, Any], card: str, http: httpx.Client, backend: str) -> None:
        path = urlsplit(str(booking["checkout_url"])).path
        http.post(f"{backend}{path}/pay", data={**FORM, "card_number": card})

    def trouble(self, backends: Backends, dice: random.Random, stop: threading.Event) -> None:
        stop.wait()

    def gateway(self, database: Database) -> PaymentGateway:
        return SandboxGateway(database, self._clock, PUBLIC_URL)

    def settle(self) -> None:
        pass

    def books(self, database: Database) -> ProviderBooks:
        return sandbox_books(database, self._clock())


class Stripe:
    """The fake Stripe, whose notices come late, thrice and shuffled, and some of them never."""

    def __init__(self, clock: RunningAhead, server: StripeServer) -> None:
        self._server = server
        self.notices = 0
        self.environment = {
            "PUBLIC_URL": PUBLIC_URL,
            "HOLD_MINUTES": str(HOLD_MIN),
            "STRIPE_SECRET_KEY": server.key,
            "STRIPE_WEBHOOK_SECRET": server.webhooks.secret,
            "STRIPE_API_BASE": server.url,
            "LIVEKIT_URL": "ws://127.0.0.1:9",
            "LIVEKIT_API_KEY": "a-key",
            "LIVEKIT_API_SECRET": "a-secret-of-more-than-32-bytes-for-tests",
        }

    def onboard(self, url: str, http: httpx.Client, backend: str) -> None:
        http.post(url)

    def pay(self, booking: dict[str, Any], card: str, http: httpx.Client, backend: str) -> None:
        http.post(str(booking["checkout_url"]), data={"card_number": card})

    def trouble(self, backends: Backends, dice: random.Random, stop: threading.Event) -> None:
        with httpx.Client(timeout=20) as http:

            def send(body: bytes, signature: str) -> int:
                self.notices += 1
                try:
                    url = f"{backends.urls(dice)[0]}/stripe/webhook"
                    return http.post(url, content=body, headers={"Stripe-Signature": signature}).status_code
                except httpx.TransportError:
                    return 0  # told again later, as Stripe does

            self._server.webhooks.send = send
            while not stop.wait(dice.uniform(0.05, 0.6)):
                if dice.random() < 0.1:
                    waiting = self._server.webhooks.waiting
                    waiting[:] = [event for event in waiting if event.kind == "refund.failed"]
                self._move_refunds(dice)
                self._server.webhooks.deliver(times=3, shuffle=dice)

    def _move_refunds(self, dice: random.Random) -> None:
        for refund in list(self._server.books.of_kind("refund")):
            if refund["status"] == "pending" and dice.random() < 0.2:
                settle_refund(self._server.books, refund["id"], dice.choice(["succeeded", "failed"]))
            elif refund["status"] == "succeeded" and dice.random() < 0.01:
                settle_refund(self._server.books, refund["id"], "failed")

    def gateway(self, database: Database) -> PaymentGateway:
        return StripeGateway(self._server.key, PUBLIC_URL, api_base=self._server.url)

    def settle(self) -> None:
        for refund in list(self._server.books.of_kind("refund")):
            if refund["status"] == "pending":
                settle_refund(self._server.books, refund["id"], "succeeded")

    def books(self, database: Database) -> ProviderBooks:
        return stripe_books(self._server.books)


def settle_all(database: Database, provider: Provider, clock: RunningAhead) -> None:
    """A worker of its own goes on where the killed ones stopped, its clock put forward until nothing waits."""
    settings = Settings(rendezvous_demo=True)
    gateway = provider.gateway(database)
    worker = Worker(database, gateway, FakeCallRooms(), terms_of(settings), limits_of(settings), clock)
    for _ in range(5):
        provider.settle()
        clock.ahead += timedelta(hours=13)
        for _ in range(40):  # each round takes the oldest fifty of everything
            worker.run_once()
            if not _due(database, clock()):
                break


def _due(database: Database, now: datetime) -> bool:
    with database.read() as session:
        open_checkouts = BookingRow.checkout_closed_at.is_(None) & BookingRow.checkout_reference.is_not(None)
        waiting = select(func.count()).select_from(BookingRow).where(or_(BookingRow.status == "held", open_checkouts))
        refunds = select(func.count()).where(RefundRow.status == "pending", RefundRow.next_attempt_at <= now)
        return bool(session.scalar(waiting) or session.scalar(refunds))
