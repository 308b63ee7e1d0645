"""What one worker asks the provider about, no other does meanwhile."""

from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from backend.auth.service import PasswordHasher
from backend.bookings.access import terms_of
from backend.bookings.tables import BookingRow
from backend.calls.access import limits_of
from backend.kit.database import Database
from backend.main import create_app
from backend.payments.ports import CheckoutSnapshot
from backend.settings import Settings
from backend.worker import Worker
from backend.worker.leases import claim, lease
from tests.backend.bookings.acting import held
from tests.backend.stage import START, Backend, MovableClock, Person
from tests.fakes.call_rooms import FakeCallRooms
from tests.fakes.payment_gateway import FakePaymentGateway


class CountingGateway(FakePaymentGateway):
    """`reads` counts how often each checkout was asked about, or closed."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: list[str] = []

    def read_checkout(self, reference: str) -> CheckoutSnapshot:
        self.reads.append(reference)
        return super().read_checkout(reference)

    def expire_checkout(self, reference: str) -> CheckoutSnapshot:
        self.reads.append(reference)
        return super().expire_checkout(reference)


@pytest.fixture
def gateway() -> CountingGateway:
    return CountingGateway()


@pytest.fixture
def app(settings: Settings, clock: MovableClock, passwords: PasswordHasher, gateway: CountingGateway) -> FastAPI:
    return create_app(settings, now=clock, passwords=passwords, payment_gateway=gateway, run_worker=False)


@pytest.fixture
def worker(settings: Settings, clock: MovableClock, database: Database, gateway: CountingGateway) -> Worker:
    return Worker(database, gateway, FakeCallRooms(), terms_of(settings), limits_of(settings), clock)


def test_a_held_checkout_is_asked_about_again_only_after_a_while(
    backend: Backend,
    professional: Person,
    user: Person,
    gateway: CountingGateway,
    worker: Worker,
    clock: MovableClock,
) -> None:
    held(user, backend.slot(professional))
    clock.move(seconds=31)
    for _ in range(3):
        worker.run("ask about checkouts")
    assert len(gateway.reads) == 1
    clock.move(seconds=20)
    worker.run("ask about checkouts")
    assert len(gateway.reads) == 2


def test_a_lease_of_a_worker_that_died_runs_out(
    backend: Backend,
    database: Database,
    professional: Person,
    user: Person,
    gateway: CountingGateway,
    worker: Worker,
    clock: MovableClock,
) -> None:
    held(user, backend.slot(professional))
    clock.move(minutes=11)
    with database.write() as session:
        session.scalars(select(BookingRow)).one().checkout_leased_until = clock() + timedelta(minutes=1)
    worker.run("ask about checkouts")
    assert gateway.reads == []
    clock.move(minutes=1)
    worker.run("ask about checkouts")
    assert len(gateway.reads) == 1


def test_what_is_done_once_a_day_is_done_by_one_of_several(database: Database) -> None:
    tomorrow = START + timedelta(days=1)
    with database.write() as session:
        assert claim(session, "reconcile", tomorrow, START)
        assert not claim(session, "reconcile", tomorrow, START)
        assert not claim(session, "reconcile", tomorrow, tomorrow - timedelta(seconds=1))
        assert claim(session, "reconcile", tomorrow + timedelta(days=1), tomorrow)
        lease(session, "reconcile", tomorrow)  # given back after a failure
        assert claim(session, "reconcile", tomorrow + timedelta(days=1), tomorrow)
