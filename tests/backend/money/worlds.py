"""The whole backend in process with its people, its provider and its workers, where all can go wrong on purpose."""

import random
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import httpx
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from backend.auth.service import Passwords
from backend.bookings.access import terms_of
from backend.bookings.tables import BookingRow
from backend.calls.access import limits_of
from backend.integrations.sandbox_payments import DECLINED_CARD, PAID_CARD, SandboxGateway
from backend.integrations.sandbox_refunds import FAILED_REFUND_CARD, SLOW_REFUND_CARD
from backend.integrations.stripe_payments import StripeGateway
from backend.kit.database import Database
from backend.main import create_app
from backend.payments.ports import DisputeState, PaymentGateway
from backend.payments.tables import SandboxDisputeRow
from backend.settings import Settings
from backend.worker import Worker
from tests.backend.bookings.acting import GOOD_CARD as FORM
from tests.backend.money.invariants import OurBooks, our_books, unsettled, violations
from tests.backend.money.mortal_database import MortalDatabase
from tests.backend.money.provider_books import ProviderBooks, sandbox_books, stripe_books
from tests.backend.stage import Backend, MovableClock, Person
from tests.fakes.call_rooms import FakeCallRooms
from tests.fakes.stripe_books import DELAYED_CARD, StripeRefusal
from tests.fakes.stripe_disputes import decide_dispute, open_dispute
from tests.fakes.stripe_refunds import finish_onboarding, give_refund, restrict, settle_refund
from tests.fakes.stripe_server import StripeServer
from tests.stage.databases import Databases

PUBLIC_URL = "http://backend.test"
GAP_S = 600
"""Rarer looks into the rooms than the default asks for, so that a session is lived through in few of them."""


class World:
    """One backend on a database of its own, from making it to `close`. Subclasses bring the provider."""

    cards: Sequence[str] = (PAID_CARD, DECLINED_CARD, SLOW_REFUND_CARD, FAILED_REFUND_CARD)

    def __init__(self, databases: Databases, passwords: Passwords) -> None:
        self.clock = MovableClock()
        self._databases = databases
        url = databases.new_database()
        self.database = MortalDatabase(url)
        settings = self._settings(url)
        self.gateway = self._gateway()
        self.rooms = FakeCallRooms()
        self.rooms.now = self.clock
        self.app: FastAPI = create_app(
            settings,
            now=self.clock,
            passwords=passwords,
            payment_gateway=self.gateway,
            call_rooms=self.rooms,
            run_worker=False,
        )
        self.app.state.database = self.database
        # Two, as of two backends: what one leaves undone the other takes up.
        self.workers = [
            Worker(self.database, self.gateway, self.rooms, terms_of(settings), limits_of(settings), self.clock)
            for _ in range(2)
        ]
        self.client = TestClient(self.app, raise_server_exceptions=False)
        self.backend = Backend(self.client, self.clock, self.database)
        self.professionals = [self._professional(f"Pro {number}") for number in range(2)]
        self.users = [self.backend.user(f"User {number}", "UTC") for number in range(3)]

    def _settings(self, url: str) -> Settings:
        raise NotImplementedError

    def _gateway(self) -> PaymentGateway:
        raise NotImplementedError

    def _professional(self, name: str) -> Person:
        return self.backend.professional(name, "UTC")

    def person(self, account_id: object) -> Person:
        """Whose account it is."""
        return next(found for found in (*self.users, *self.professionals) if found.id == str(account_id))

    def pay(self, booking: BookingRow, card: str, *, told: bool) -> None:
        """Someone types a card into the page; unless `told`, the backend does not hear of it from the provider."""
        raise NotImplementedError

    def provider(self) -> ProviderBooks:
        """The provider's books."""
        raise NotImplementedError

    def refund_elsewhere(self, payment_reference: str, amount_minor: int, *, reverses: bool) -> None:
        """Somebody gives back so much at the provider, if so much is left; `reverses`: the professional's part too."""
        raise NotImplementedError

    def dispute(self, payment_reference: str, amount_minor: int) -> None:
        """The payer's bank takes so much back, if so much is left."""
        raise NotImplementedError

    def decide_dispute(self, pick: int, *, won: bool) -> None:
        """A bank decides about one of the open disputes."""
        raise NotImplementedError

    def excused(self) -> set[int]:
        """The statuses of 5xx that an answer may have, as something is broken on purpose."""
        return {500, 503} if self.database.dead or self.database.will_die else set()

    def calm(self) -> None:
        """No faults any more, and the process runs."""
        self.database.revive()
        self.rooms.down = False

    def tell(self, *, times: int = 1, shuffle: random.Random | None = None) -> None:
        """The provider's notices arrive."""

    def finish(self) -> None:
        """Everything that is on its way at the provider comes to its end."""

    def ours(self) -> OurBooks:
        """What the backend has written down."""
        return our_books(self.database)

    def wrong(self) -> list[str]:
        """Everything that is wrong now."""
        return violations(self.ours(), self.provider(), self.clock())

    def settle(self) -> list[str]:
        """Lets everything come to its end; what is wrong then."""
        for _ in range(6):
            self.calm()
            self.finish()
            self.tell()
            self.clock.move(hours=13)
            for worker in self.workers:
                worker.run_once()
        self.tell(times=2)
        self._reconcile()
        ours = self.ours()
        return violations(ours, self.provider(), self.clock()) + unsettled(ours, self.provider())

    def _reconcile(self) -> None:
        """What no notice told of is found, and its consequences are sent."""
        for _ in range(3):
            self.clock.move(hours=25)
            for worker in self.workers:
                worker.run_once()

    def close(self) -> None:
        """Nothing is left of it."""
        self.client.close()
        self.database.dispose()
        self.app.state.database.dispose()
        self._databases.drop_database(self.database.url)


class SandboxWorld(World):
    """With our own test money."""

    gateway: SandboxGateway

    def _settings(self, url: str) -> Settings:
        return Settings(database_url=url, rendezvous_demo=True, public_url=PUBLIC_URL, attendance_gap_seconds=GAP_S)

    def _gateway(self) -> PaymentGateway:
        # What is done at the provider is not done by our process, and does not die with it.
        self._other_process = Database(self.database.url)
        self.elsewhere = SandboxGateway(self._other_process, self.clock, PUBLIC_URL)
        return SandboxGateway(self.database, self.clock, PUBLIC_URL)

    def close(self) -> None:
        self._other_process.dispose()
        super().close()

    def pay(self, booking: BookingRow, card: str, *, told: bool) -> None:
        if told:
            path = urlsplit(str(booking.checkout_url)).path
            self.client.post(f"{path}/pay", data={**FORM, "card_number": card}, follow_redirects=False)
        else:
            self.gateway.pay(str(booking.checkout_reference), card)

    def refund_elsewhere(self, payment_reference: str, amount_minor: int, *, reverses: bool) -> None:
        self.elsewhere.refund_outside(payment_reference, amount_minor)

    def dispute(self, payment_reference: str, amount_minor: int) -> None:
        self.elsewhere.ledger.dispute(payment_reference, amount_minor)

    def decide_dispute(self, pick: int, *, won: bool) -> None:
        with self._other_process.read() as session:
            rows = session.scalars(select(SandboxDisputeRow).where(SandboxDisputeRow.state == "open")).all()
        if rows:
            state = DisputeState.WON if won else DisputeState.LOST
            self.elsewhere.ledger.close_dispute(rows[pick % len(rows)].reference, state)

    def provider(self) -> ProviderBooks:
        return sandbox_books(self.database, self.clock())


class StripeWorld(World):
    """With Stripe, as far as our fake of it goes."""

    cards = (*World.cards, DELAYED_CARD)

    def __init__(self, databases: Databases, passwords: Passwords) -> None:
        self.server = StripeServer(lambda: self.clock())
        self.server.webhooks.send = self._send
        self.server.start()
        super().__init__(databases, passwords)

    def _settings(self, url: str) -> Settings:
        return Settings.model_validate(
            {
                "database_url": url,
                "public_url": PUBLIC_URL,
                "stripe_secret_key": self.server.key,
                "stripe_webhook_secret": self.server.webhooks.secret,
                "stripe_api_base": self.server.url,
                "attendance_gap_seconds": GAP_S,
            }
        )

    def _gateway(self) -> PaymentGateway:
        return StripeGateway(self.server.key, PUBLIC_URL, api_base=self.server.url)

    def _professional(self, name: str) -> Person:
        professional = self.backend.professional(name, "UTC", onboarded=False)
        httpx.post(professional.post("/professional/payouts").json()["url"])
        self.tell()
        return professional

    def _send(self, body: bytes, signature: str) -> int:
        headers = {"Stripe-Signature": signature}
        answer: httpx.Response = self.client.post("/stripe/webhook", content=body, headers=headers)
        return answer.status_code

    def pay(self, booking: BookingRow, card: str, *, told: bool) -> None:
        before = len(self.server.webhooks.waiting)
        self.server.books.pay(str(booking.checkout_reference), card)
        if not told:
            del self.server.webhooks.waiting[before:]

    def refund_elsewhere(self, payment_reference: str, amount_minor: int, *, reverses: bool) -> None:
        wanted = {"payment_intent": payment_reference, "amount": str(amount_minor)}
        if reverses:
            wanted |= {"reverse_transfer": "true", "refund_application_fee": "true"}
        with self.server.books.lock, suppress(StripeRefusal):
            give_refund(self.server.books, wanted)

    def dispute(self, payment_reference: str, amount_minor: int) -> None:
        with suppress(StripeRefusal):
            open_dispute(self.server.books, payment_reference, amount_minor)

    def decide_dispute(self, pick: int, *, won: bool) -> None:
        found = [each for each in self.server.books.of_kind("dispute") if each["status"] == "needs_response"]
        if found:
            decide_dispute(self.server.books, found[pick % len(found)]["id"], "won" if won else "lost")

    def excused(self) -> set[int]:
        traffic = self.server.traffic
        return super().excused() | ({503} if traffic.down or traffic.faults else set())

    def provider(self) -> ProviderBooks:
        return stripe_books(self.server.books)

    def calm(self) -> None:
        super().calm()
        self.server.traffic.down = False
        self.server.traffic.faults.clear()
        self.server.books.refuse_next_refund = None

    def tell(self, *, times: int = 1, shuffle: random.Random | None = None) -> None:
        self.server.webhooks.deliver(times=times, shuffle=shuffle)

    def finish(self) -> None:
        for refund in self.refunds("pending"):
            settle_refund(self.server.books, refund["id"], "succeeded")
        for reference in self.delayed():
            self.server.books.settle_delayed(reference, paid=False)

    def refunds(self, status: str) -> list[dict[str, Any]]:
        """Stripe's refunds of one status, the oldest first."""
        return [found for found in self.server.books.of_kind("refund") if found["status"] == status][::-1]

    def settle_refund(self, reference: str, status: str) -> None:
        """The bank's answer comes."""
        settle_refund(self.server.books, reference, status)

    def delayed(self) -> list[str]:
        """Checkouts whose delayed payment has neither come nor failed."""
        books = self.server.books
        waiting = (found for found in books.of_kind("payment_intent") if found["status"] == "processing")
        intents = {found["id"] for found in waiting}
        return [found["id"] for found in books.of_kind("checkout.session") if found["payment_intent"] in intents]

    def set_payee(self, which: int, *, ready: bool) -> None:
        """Stripe wants something of a professional, or has got it."""
        accounts = list(self.server.books.of_kind("account"))
        (finish_onboarding if ready else restrict)(self.server.books, accounts[which % len(accounts)]["id"])

    def close(self) -> None:
        super().close()
        self.server.stop()
