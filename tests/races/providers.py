"""The payment providers of a race: our sandbox inside the backends, and the fake Stripe in a process beside them."""

import random
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
from sqlalchemy import func, or_, select

from backend.bookings.access import terms_of
from backend.bookings.tables import BookingRow
from backend.calls.access import limits_of
from backend.integrations.sandbox.payments import PAID_CARD, SandboxGateway
from backend.integrations.sandbox.refunds import FAILED_REFUND_CARD, SLOW_REFUND_CARD
from backend.integrations.stripe.payments import StripeGateway
from backend.kit.clock import utc_now
from backend.kit.database import Database
from backend.payments.ports import DisputeState, PaymentGateway
from backend.payments.tables import DisputeRow, PaymentRow, RefundRow
from backend.settings import Settings
from backend.worker import Worker
from tests.backend.bookings.acting import GOOD_CARD as FORM
from tests.backend.money.provider_ledger import ProviderLedger, sandbox_books, stripe_ledger
from tests.backend.stage import NO_MAIL_SERVER
from tests.fakes.call_rooms import FakeCallRooms
from tests.fakes.stripe_disputes import decide_dispute, open_dispute
from tests.fakes.stripe_ledger import StripeRefusal
from tests.fakes.stripe_refunds import give_refund, settle_refund
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

    def elsewhere(self, database: Database, dice: random.Random, stop: threading.Event) -> None:
        """Somebody refunds there, payers dispute and banks decide, until `stop`; runs in a thread."""

    def gateway(self, database: Database) -> PaymentGateway:
        """For the worker that settles what is left."""

    def settle(self) -> None:
        """Everything at the provider comes to its end."""

    def ledger(self, database: Database) -> ProviderLedger:
        """What it holds."""


class Sandbox:
    """Our own test money; the page that is paid at tells the bookings."""

    def __init__(self, clock: RunningAhead) -> None:
        self._clock = clock
        # A crowd on one machine: the limits that hold for one line would leave no race to run.
        self.environment = {
            "RENDEZVOUS_DEMO": "1",
            "PUBLIC_URL": PUBLIC_URL,
            "HOLD_MINUTES": str(HOLD_MIN),
            "RATE_LIMITS": "off",
        }

    def onboard(self, url: str, http: httpx.Client, backend: str) -> None:
        http.post(backend + urlsplit(url).path)

    def pay(self, booking: dict[str, Any], card: str, http: httpx.Client, backend: str) -> None:
        path = urlsplit(str(booking["checkout_url"])).path
        http.post(f"{backend}{path}/pay", data={**FORM, "card_number": card})

    def trouble(self, backends: Backends, dice: random.Random, stop: threading.Event) -> None:
        stop.wait()

    def elsewhere(self, database: Database, dice: random.Random, stop: threading.Event) -> None:
        own = Database(database.url)
        gateway = SandboxGateway(own, self._clock, PUBLIC_URL)
        disputes: list[str] = []
        while not stop.wait(dice.uniform(0.1, 0.8)):
            with own.read() as session:
                paid = session.scalars(select(PaymentRow).order_by(PaymentRow.paid_at.desc()).limit(20)).all()
            if not paid:
                continue
            payment = dice.choice(paid)
            match dice.choices(["refund", "part", "dispute", "decide"], [2, 4, 3, 3])[0]:
                case "refund":
                    gateway.refund_outside(payment.payment_reference, payment.amount_minor)
                case "part":
                    gateway.refund_outside(payment.payment_reference, dice.randint(1, payment.amount_minor))
                case "dispute":
                    if dispute := gateway.ledger.dispute(payment.payment_reference, payment.amount_minor):
                        disputes.append(dispute)
                case "decide" if disputes:
                    state = dice.choice([DisputeState.WON, DisputeState.LOST])
                    gateway.ledger.close_dispute(disputes.pop(), state)
        own.dispose()

    def gateway(self, database: Database) -> PaymentGateway:
        return SandboxGateway(database, self._clock, PUBLIC_URL)

    def settle(self) -> None:
        pass

    def ledger(self, database: Database) -> ProviderLedger:
        return sandbox_books(database, self._clock())


class Stripe:
    """The fake Stripe, whose events come late, thrice and shuffled, and some of them never."""

    def __init__(self, clock: RunningAhead, server: StripeServer) -> None:
        self._server = server
        self.events = 0
        self.environment = {
            "PUBLIC_URL": PUBLIC_URL,
            "HOLD_MINUTES": str(HOLD_MIN),
            "RATE_LIMITS": "off",
            "STRIPE_SECRET_KEY": server.key,
            "STRIPE_WEBHOOK_SECRET": server.webhooks.secret,
            "STRIPE_API_BASE": server.url,
            **{name.upper(): value for name, value in NO_MAIL_SERVER.items()},
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
                self.events += 1
                try:
                    url = f"{backends.urls(dice)[0]}/stripe/webhook"
                    return http.post(url, content=body, headers={"Stripe-Signature": signature}).status_code
                except httpx.TransportError:
                    return 0  # sent again later, as Stripe does

            self._server.webhooks.send = send
            while not stop.wait(dice.uniform(0.05, 0.6)):
                if dice.random() < 0.1:
                    waiting = self._server.webhooks.waiting
                    waiting[:] = [event for event in waiting if event.kind == "refund.failed"]
                self._move_refunds(dice)
                self._server.webhooks.deliver(times=3, shuffle=dice)

    def elsewhere(self, database: Database, dice: random.Random, stop: threading.Event) -> None:
        ledger = self._server.ledger
        while not stop.wait(dice.uniform(0.1, 0.8)):
            with ledger.lock, suppress(StripeRefusal):
                charges = list(ledger.of_kind("charge"))[:20]
                disputes = [each for each in ledger.of_kind("dispute") if each["status"] == "needs_response"]
                what = dice.choices(["refund", "part", "dispute", "decide"], [2, 4, 3, 3])[0]
                if what == "decide" and disputes:
                    decide_dispute(ledger, dice.choice(disputes)["id"], dice.choice(["won", "lost"]))
                elif what == "dispute" and charges:
                    open_dispute(ledger, dice.choice(charges)["payment_intent"])
                elif charges:
                    self._give_back(dice.choice(charges), dice, whole=what == "refund")

    def _give_back(self, charge: dict[str, Any], dice: random.Random, *, whole: bool) -> None:
        amount = charge["amount"] - charge["amount_refunded"] if whole else dice.randint(1, charge["amount"])
        wanted = {"payment_intent": charge["payment_intent"], "amount": str(amount)}
        if dice.random() < 0.7:
            wanted |= {"reverse_transfer": "true", "refund_application_fee": "true"}
        give_refund(self._server.ledger, wanted)

    def _move_refunds(self, dice: random.Random) -> None:
        for refund in list(self._server.ledger.of_kind("refund")):
            if refund["status"] == "pending" and dice.random() < 0.2:
                settle_refund(self._server.ledger, refund["id"], dice.choice(["succeeded", "failed"]))
            elif refund["status"] == "succeeded" and dice.random() < 0.01:
                settle_refund(self._server.ledger, refund["id"], "failed")

    def gateway(self, database: Database) -> PaymentGateway:
        return StripeGateway(self._server.key, PUBLIC_URL, api_base=self._server.url)

    def settle(self) -> None:
        for refund in list(self._server.ledger.of_kind("refund")):
            if refund["status"] == "pending":
                settle_refund(self._server.ledger, refund["id"], "succeeded")

    def ledger(self, database: Database) -> ProviderLedger:
        return stripe_ledger(self._server.ledger)


def settle_all(database: Database, provider: Provider, clock: RunningAhead) -> None:
    """A worker of its own goes on where the killed ones stopped, its clock put forward until nothing waits."""
    settings = Settings(rendezvous_demo=True)
    gateway = provider.gateway(database)
    worker = Worker(database, gateway, FakeCallRooms(), terms_of(settings), limits_of(settings), clock)
    for _ in range(12):  # to days after the last session: what it gives back is sent a day later, and may fail first
        provider.settle()
        clock.ahead += timedelta(hours=61)
        for _ in range(40):  # each round takes the oldest fifty of everything
            worker.run_once()
            if not _due(database, clock()):
                break


def _due(database: Database, now: datetime) -> bool:
    with database.read() as session:
        open_checkouts = BookingRow.checkout_closed_at.is_(None) & BookingRow.checkout_reference.is_not(None)
        waiting = select(func.count()).select_from(BookingRow).where(or_(BookingRow.status == "held", open_checkouts))
        refunds = select(func.count()).where(RefundRow.status == "pending", RefundRow.next_attempt_at <= now)
        transfers = select(func.count()).where(DisputeRow.transfer_due_at <= now)
        return any(session.scalar(each) for each in (waiting, refunds, transfers))
