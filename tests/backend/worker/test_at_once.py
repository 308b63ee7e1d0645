"""The workers of several backends on one database: each thing is done once, and nobody waits for another."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import select, text

from backend.auth.service import PasswordHasher
from backend.bookings.access import terms_of
from backend.bookings.tables import BookingRow
from backend.calls.access import limits_of
from backend.kit.database import Database
from backend.main import create_app
from backend.payments.ports import CheckoutSnapshot, RefundOrder, RefundSnapshot
from backend.payments.tables import RefundRow
from backend.settings import Settings
from backend.worker import Worker
from tests.backend.bookings.acting import held
from tests.backend.stage import Backend, MovableClock, Person, both_were_there
from tests.fakes.call_rooms import FakeCallRooms
from tests.fakes.payment_gateway import FakePaymentGateway
from tests.stage.databases import on_postgresql

WORKERS = 4
SESSIONS = 5


class SlowGateway(FakePaymentGateway):
    """Takes its time, so that another worker may come; `asked` are keys and checkouts, as often as it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def read_checkout(self, reference: str) -> CheckoutSnapshot:
        self.asked.append(reference)
        time.sleep(0.02)
        return super().read_checkout(reference)

    def refund(self, order: RefundOrder) -> RefundSnapshot:
        self.asked.append(order.key)
        time.sleep(0.02)
        return super().refund(order)


@pytest.fixture
def gateway() -> SlowGateway:
    return SlowGateway()


@pytest.fixture
def app(settings: Settings, clock: MovableClock, passwords: PasswordHasher, gateway: SlowGateway) -> FastAPI:
    settings = settings.model_copy(update={"rate_limits": "off"})  # a crowd in one process is one line
    return create_app(settings, now=clock, passwords=passwords, payment_gateway=gateway, run_worker=False)


@pytest.fixture
def workers(settings: Settings, clock: MovableClock, gateway: SlowGateway) -> Iterator[list[Worker]]:
    """Each with connections of its own, as in a process of its own."""
    databases = [Database(settings.database_url) for _ in range(WORKERS)]
    parts = (gateway, FakeCallRooms(), terms_of(settings), limits_of(settings), clock)
    yield [Worker(database, *parts) for database in databases]
    for database in databases:
        database.dispose()


def rounds_at_once(workers: list[Worker], caplog: pytest.LogCaptureFixture) -> None:
    """One round of each, begun together; none may fail."""
    together = threading.Barrier(len(workers))

    def one_round(worker: Worker) -> None:
        together.wait()
        worker.run_once()

    with ThreadPoolExecutor(len(workers)) as threads:
        list(threads.map(one_round, workers))
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.fixture
def bookings(backend: Backend, professional: Person) -> list[dict[str, Any]]:
    """Held, one after the other."""
    slots = [backend.slot(professional, start=f"{10 + hour}:00", end=f"{10 + hour}:45") for hour in range(SESSIONS)]
    return [held(backend.user(), slot) for slot in slots]


def pay_all(workers: list[Worker], gateway: SlowGateway, bookings: list[dict[str, Any]], clock: MovableClock) -> None:
    for booking in bookings:
        gateway.take_money(f"checkout-{booking['id']}", clock())
    clock.move(minutes=1)
    workers[0].run_once()


def stored(database: Database) -> Counter[tuple[str, str]]:
    with database.read() as session:
        return Counter((row.status, row.payment_status) for row in session.scalars(select(BookingRow)))


def test_a_payment_that_nobody_reported_is_taken_in_once(
    workers: list[Worker],
    gateway: SlowGateway,
    bookings: list[dict[str, Any]],
    clock: MovableClock,
    database: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for booking in bookings:
        gateway.take_money(f"checkout-{booking['id']}", clock())
    clock.move(minutes=1)
    rounds_at_once(workers, caplog)
    assert stored(database) == {("confirmed", "paid"): SESSIONS}
    assert sorted(gateway.asked) == sorted(f"checkout-{booking['id']}" for booking in bookings)
    with database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM payments")) == SESSIONS


def test_a_refund_is_asked_for_once_however_many_workers_there_are(
    workers: list[Worker],
    gateway: SlowGateway,
    bookings: list[dict[str, Any]],
    clock: MovableClock,
    database: Database,
    professional: Person,
    caplog: pytest.LogCaptureFixture,
) -> None:
    pay_all(workers, gateway, bookings, clock)
    for booking in bookings:
        answer = professional.post(f"/sessions/{booking['id']}/cancel", json={"expected_refund": "45.00"})
        assert answer.status_code == 200, answer.text
    rounds_at_once(workers, caplog)
    assert sorted(key for key in gateway.asked if key.startswith("refund:")) == sorted(
        f"refund:{UUID(booking['id'])}:1" for booking in bookings
    )
    assert stored(database) == {("cancelled", "refunded"): SESSIONS}


def test_who_came_is_decided_once_and_owed_once(
    workers: list[Worker],
    gateway: SlowGateway,
    bookings: list[dict[str, Any]],
    clock: MovableClock,
    database: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    pay_all(workers, gateway, bookings, clock)
    for booking in bookings[1:]:
        both_were_there(database, booking)
    clock.move(days=2)
    rounds_at_once(workers, caplog)
    # Of one nobody could see who came: everything goes back, once.
    assert stored(database) == {("completed", "paid"): SESSIONS - 1, ("completed", "refund_pending"): 1}
    with database.read() as session:
        assert len(session.scalars(select(RefundRow)).all()) == 1


def test_holds_that_ran_out_are_tidied_by_all_of_them_together(
    workers: list[Worker],
    bookings: list[dict[str, Any]],
    clock: MovableClock,
    database: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock.move(minutes=11)
    rounds_at_once(workers, caplog)
    assert stored(database) == {("expired", "failed"): SESSIONS}


@pytest.mark.skipif(not on_postgresql(), reason="SQLite has one writer at a time: nobody can hold one row alone")
def test_a_worker_passes_over_what_another_has_in_hand(
    workers: list[Worker], bookings: list[dict[str, Any]], clock: MovableClock, database: Database
) -> None:
    clock.move(minutes=11)
    with database.write() as session:
        session.get(BookingRow, UUID(bookings[0]["id"]), with_for_update=True)
        workers[0].run("expire holds")  # would wait for this very transaction
    assert stored(database) == {("expired", "pending"): SESSIONS - 1, ("held", "pending"): 1}
