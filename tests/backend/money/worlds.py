"""The whole backend in process with its people, its provider and its workers, where all can go wrong on purpose."""

import random
from collections.abc import Sequence
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from backend.auth.service import PasswordHasher
from backend.bookings.access import terms_of
from backend.bookings.tables import BookingRow
from backend.calls.access import limits_of
from backend.integrations.sandbox.payments import DECLINED_CARD, PAID_CARD, SandboxGateway
from backend.integrations.sandbox.refunds import FAILED_REFUND_CARD, SLOW_REFUND_CARD
from backend.kit.database import Database
from backend.main import create_app
from backend.payments.ports import DisputeState, PaymentGateway
from backend.payments.tables import SandboxCheckoutRow, SandboxDisputeRow
from backend.settings import Settings
from backend.worker import Worker
from tests.backend.bookings.acting import GOOD_CARD as FORM
from tests.backend.money.invariants import OurLedger, our_books, violations
from tests.backend.money.mortal_database import MortalDatabase
from tests.backend.money.provider_ledger import ProviderLedger, sandbox_books
from tests.backend.money.settled import unsettled
from tests.backend.stage import Backend, MovableClock, Person, both_were_there
from tests.fakes.call_rooms import FakeCallRooms
from tests.stage.databases import Databases

PUBLIC_URL = "http://backend.test"
GAP_S = 600
"""Rarer polls of the rooms than the default asks for, so that a session is lived through in few of them."""


class World:
    """One backend on a database of its own, from making it to `close`. Subclasses bring the provider."""

    cards: Sequence[str] = (PAID_CARD, DECLINED_CARD, SLOW_REFUND_CARD, FAILED_REFUND_CARD)

    def __init__(self, databases: Databases, passwords: PasswordHasher) -> None:
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

    def pay(self, booking: BookingRow, card: str, *, reported: bool) -> None:
        """Someone types a card into the page; unless `reported`, the provider sends the backend no event about it."""
        raise NotImplementedError

    def transfer_at_once(self, booking: BookingRow) -> None:
        """The booking's open checkout becomes what older releases asked for."""
        raise NotImplementedError

    def provider(self) -> ProviderLedger:
        """The provider's ledger."""
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
        """The provider's events arrive."""

    def finish(self) -> None:
        """Everything that is on its way at the provider comes to its end."""

    def ours(self) -> OurLedger:
        """What the backend has written down."""
        return our_books(self.database)

    def wrong(self) -> list[str]:
        """Everything that is wrong now."""
        return violations(self.ours(), self.provider(), self.clock())

    def settle(self) -> list[str]:
        """Lets everything come to its end; what is wrong then."""
        self.calm()
        self._most_meet()
        for number in range(40):  # more than there ever are: an open dispute keeps its payout waiting for ever
            self.decide_dispute(0, won=number % 2 == 0)
        for _ in range(10):  # the last session's end, a day in which it may be objected to, and what fails after that
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

    def _most_meet(self) -> None:
        """Of what is still to come two in three take place: else nobody would ever be paid."""
        with self.database.read() as session:
            rows = session.scalars(select(BookingRow).where(BookingRow.status == "confirmed")).all()
        for number, row in enumerate(rows):
            if number % 3:
                times = {"starts_at": row.starts_at.isoformat(), "ends_at": row.ends_at.isoformat()}
                both_were_there(self.database, {"id": str(row.id)} | times)

    def _reconcile(self) -> None:
        """What no event reported is found, and its consequences are sent."""
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
        # Three users who do anything at all, again and again: limits would only make less of it happen.
        return Settings(
            database_url=url,
            rendezvous_demo=True,
            public_url=PUBLIC_URL,
            attendance_gap_seconds=GAP_S,
            rate_limits="off",
        )

    def _gateway(self) -> PaymentGateway:
        # What is done at the provider is not done by our process, and does not die with it.
        self._other_process = Database(self.database.url)
        self.elsewhere = SandboxGateway(self._other_process, self.clock, PUBLIC_URL)
        return SandboxGateway(self.database, self.clock, PUBLIC_URL)

    def close(self) -> None:
        self._other_process.dispose()
        super().close()

    def pay(self, booking: BookingRow, card: str, *, reported: bool) -> None:
        if reported:
            path = urlsplit(str(booking.checkout_url)).path
            self.client.post(f"{path}/pay", data={**FORM, "card_number": card}, follow_redirects=False)
        else:
            self.gateway.pay(str(booking.checkout_reference), card)

    def transfer_at_once(self, booking: BookingRow) -> None:
        with self._other_process.write() as session:
            row = session.get(SandboxCheckoutRow, booking.checkout_reference)
            if row is not None and row.state == "open":
                row.transferred_at_once, row.payee_reference = True, booking.payee_reference
                row.fee_minor = booking.fee_minor

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

    def provider(self) -> ProviderLedger:
        return sandbox_books(self.database, self.clock())
