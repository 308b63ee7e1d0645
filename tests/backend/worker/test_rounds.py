"""What happens by itself when time passes."""

import logging
import threading
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from backend.auth.service import PasswordHasher
from backend.bookings.access import terms_of
from backend.bookings.tables import BookingRow
from backend.calls.access import limits_of
from backend.calls.tables import CallKeyRow
from backend.kit.database import Database
from backend.kit.limits.storages import LimitCountRow
from backend.main import create_app
from backend.payments.ports import CheckoutState
from backend.settings import Settings
from backend.worker import Worker
from tests.backend.bookings.acting import book, held, seen
from tests.backend.stage import Backend, MovableClock, Person
from tests.fakes.call_rooms import FakeCallRooms
from tests.fakes.payment_gateway import FakePaymentGateway
from tests.waiting import eventually

Booked = dict[str, Any]


@pytest.fixture
def gateway() -> FakePaymentGateway:
    return FakePaymentGateway()


@pytest.fixture
def rooms() -> FakeCallRooms:
    return FakeCallRooms()


@pytest.fixture
def app(
    settings: Settings,
    clock: MovableClock,
    passwords: PasswordHasher,
    gateway: FakePaymentGateway,
    rooms: FakeCallRooms,
) -> FastAPI:
    return create_app(
        settings, now=clock, passwords=passwords, payment_gateway=gateway, call_rooms=rooms, run_worker=False
    )


@pytest.fixture
def worker(
    settings: Settings, clock: MovableClock, database: Database, gateway: FakePaymentGateway, rooms: FakeCallRooms
) -> Worker:
    return Worker(database, gateway, rooms, terms_of(settings), limits_of(settings), clock, interval_s=0.01)


@pytest.fixture
def booking(backend: Backend, professional: Person, user: Person) -> dict[str, Any]:
    return held(user, backend.slot(professional, "2027-03-01", "11:00", "11:45"))


def stored_status(database: Database) -> str:
    with database.read() as session:
        return session.scalars(select(BookingRow.status)).one()


def reference(booking: dict[str, Any]) -> str:
    return f"checkout-{booking['id']}"


def test_an_overdue_hold_is_tidied_and_its_checkout_closed(
    worker: Worker, clock: MovableClock, database: Database, gateway: FakePaymentGateway, booking: dict[str, Any]
) -> None:
    clock.move(minutes=10)
    worker.run_once()
    assert stored_status(database) == "expired"
    assert gateway.snapshots[reference(booking)].state is CheckoutState.EXPIRED


def test_a_hold_that_lasts_is_left_alone(
    worker: Worker, clock: MovableClock, user: Person, gateway: FakePaymentGateway, booking: dict[str, Any]
) -> None:
    clock.move(minutes=9)
    worker.run_once()
    assert seen(user, booking)["status"] == "held"
    assert gateway.snapshots[reference(booking)].state is CheckoutState.OPEN


def test_a_payment_that_nobody_reported_is_found(
    worker: Worker, clock: MovableClock, user: Person, gateway: FakePaymentGateway, booking: dict[str, Any]
) -> None:
    gateway.take_money(reference(booking), clock())
    clock.move(minutes=1)
    worker.run_once()
    assert seen(user, booking)["status"] == "confirmed"


def test_money_that_came_as_the_hold_ran_out_confirms_while_the_slot_is_free(
    worker: Worker, clock: MovableClock, user: Person, gateway: FakePaymentGateway, booking: dict[str, Any]
) -> None:
    clock.move(minutes=9, seconds=59)
    gateway.take_money(reference(booking), clock())
    clock.move(minutes=5)
    worker.run_once()
    assert seen(user, booking)["status"] == "confirmed"


def test_a_round_that_comes_again_changes_nothing(
    worker: Worker, clock: MovableClock, user: Person, gateway: FakePaymentGateway, booking: dict[str, Any]
) -> None:
    gateway.take_money(reference(booking), clock())
    clock.move(minutes=1)
    worker.run_once()
    once = seen(user, booking)
    worker.run_once()
    assert seen(user, booking) == once


def confirm(worker: Worker, clock: MovableClock, gateway: FakePaymentGateway, booking: dict[str, Any]) -> None:
    gateway.take_money(reference(booking), clock())
    clock.move(minutes=1)
    worker.run_once()


def test_a_session_is_completed_after_its_end_and_not_before(
    worker: Worker, clock: MovableClock, user: Person, gateway: FakePaymentGateway, booking: dict[str, Any]
) -> None:
    confirm(worker, clock, gateway, booking)
    clock.move(hours=1, minutes=45)
    worker.run_once()
    assert seen(user, booking)["status"] == "confirmed"
    clock.move(minutes=1)
    worker.run_once()
    assert seen(user, booking)["status"] == "completed"


def test_the_room_is_deleted_when_the_join_window_ends_and_not_before(
    worker: Worker,
    clock: MovableClock,
    user: Person,
    gateway: FakePaymentGateway,
    rooms: FakeCallRooms,
    booking: dict[str, Any],
) -> None:
    confirm(worker, clock, gateway, booking)
    clock.move(hours=1)
    assert user.post(f"/sessions/{booking['id']}/generate-call-link").status_code == 200
    clock.move(minutes=58)
    worker.run_once()
    assert list(rooms.rooms) == [f"session_{booking['id']}"]
    clock.move(minutes=1)
    worker.run_once()
    assert rooms.rooms == {}


def test_the_key_of_a_cancelled_sessions_call_goes_with_its_room(
    worker: Worker, clock: MovableClock, database: Database, user: Person, gateway: FakePaymentGateway, booking: Booked
) -> None:
    confirm(worker, clock, gateway, booking)
    clock.move(minutes=50)
    assert user.post(f"/sessions/{booking['id']}/generate-call-link").status_code == 200
    back = user.get(f"/sessions/{booking['id']}/cancellation").json()["refund"]
    assert user.post(f"/sessions/{booking['id']}/cancel", json={"expected_refund": back}).status_code == 200
    worker.run("close rooms")
    with database.read() as session:
        assert session.scalars(select(CallKeyRow)).all() == []


def test_a_closed_room_is_not_asked_about_again(
    worker: Worker,
    clock: MovableClock,
    gateway: FakePaymentGateway,
    rooms: FakeCallRooms,
    booking: dict[str, Any],
) -> None:
    confirm(worker, clock, gateway, booking)
    clock.move(hours=3)
    worker.run_once()
    asked = rooms.asked
    worker.run_once()
    assert rooms.asked == asked


def test_a_provider_that_does_not_answer_keeps_nothing_else_from_being_done(
    worker: Worker,
    clock: MovableClock,
    database: Database,
    gateway: FakePaymentGateway,
    booking: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock.move(minutes=10)
    gateway.down = True
    with caplog.at_level(logging.ERROR, "backend.worker"):
        worker.run_once()
        worker.run_once()
    assert stored_status(database) == "expired"
    logged = [record.getMessage() for record in caplog.records if "ask about checkouts" in record.getMessage()]
    assert (
        logged == [f"the worker cannot ask about checkouts, item {booking['id']}: PaymentGatewayUnavailable: down"] * 2
    )


def test_one_bookings_trouble_does_not_keep_the_others_waiting(
    backend: Backend,
    worker: Worker,
    clock: MovableClock,
    professional: Person,
    user: Person,
    gateway: FakePaymentGateway,
    booking: dict[str, Any],
) -> None:
    other = held(user, backend.slot(professional))
    del gateway.snapshots[reference(booking)]
    gateway.take_money(reference(other), clock())
    clock.move(minutes=1)
    worker.run_once()
    assert seen(user, other)["status"] == "confirmed"


def test_a_checkout_that_could_not_be_closed_is_closed_later(
    worker: Worker, clock: MovableClock, gateway: FakePaymentGateway, booking: dict[str, Any]
) -> None:
    clock.move(minutes=10)
    gateway.down = True
    worker.run_once()
    gateway.down = False
    worker.run_once()
    assert gateway.snapshots[reference(booking)].state is CheckoutState.EXPIRED


def test_releasing_works_while_the_provider_does_not_answer(
    backend: Backend,
    worker: Worker,
    user: Person,
    gateway: FakePaymentGateway,
    booking: dict[str, Any],
) -> None:
    gateway.down = True
    answer = user.post(f"/sessions/{booking['id']}/release")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    gateway.down = False
    assert book(backend.user(), {"id": booking["slot_id"]}).status_code == 201
    worker.run_once()
    assert gateway.snapshots[reference(booking)].state is CheckoutState.EXPIRED


def test_the_worker_runs_in_its_threads_until_it_is_stopped(
    worker: Worker, clock: MovableClock, database: Database, booking: dict[str, Any]
) -> None:
    clock.move(minutes=10)
    worker.start()
    eventually(lambda: stored_status(database) == "expired", "the hold is tidied")
    worker.stop()
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("worker")]


def test_stopping_a_worker_that_never_ran_does_nothing(worker: Worker) -> None:
    worker.stop()


def test_counts_are_forgotten_when_no_limit_counts_them_any_more(
    worker: Worker, backend: Backend, database: Database
) -> None:
    backend.client.post("/auth/sign-in", json={"email": "nobody@example.com", "password": "wrong"})
    worker.run_once()
    with database.read() as session:
        assert len(session.scalars(select(LimitCountRow)).all()) == 3
    backend.clock.move(minutes=15)
    worker.run_once()
    with database.read() as session:
        assert session.scalars(select(LimitCountRow)).all() == []
