"""Each kind of work goes at its own pace: what hangs, fails or lags costs nothing but itself, and can be read."""

import logging
import threading
from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from backend.auth.service import PasswordHasher
from backend.bookings.access import terms_of
from backend.calls.access import limits_of
from backend.calls.ports import CallRoomsUnavailable
from backend.kit.database import Database
from backend.kit.telemetry.logs import formatter
from backend.main import create_app
from backend.payments.ports import PaymentGatewayRefused, PaymentGatewayUnavailable
from backend.settings import Settings
from backend.worker import Worker
from backend.worker.figures import Figures, TaskFigures
from backend.worker.rounds import FAILURES_THAT_OPEN, Round, breaker
from backend.worker.schedule import Schedule
from tests.backend.bookings.acting import held, seen
from tests.backend.stage import START, Backend, MovableClock, Person
from tests.fakes.call_rooms import FakeCallRooms
from tests.fakes.payment_gateway import FakePaymentGateway
from tests.waiting import eventually

SESSIONS = 13


class HangingRooms(FakeCallRooms):
    """A media server that lets whoever polls it wait for an answer until `go_on`."""

    def __init__(self) -> None:
        super().__init__()
        self.polled = threading.Event()
        self.go_on = threading.Event()

    def attendees_of(self, room_names: Collection[str]) -> Any:
        self.polled.set()
        self.go_on.wait(60)
        raise CallRoomsUnavailable("too late")

    def delete_room(self, room_name: str) -> None:
        self.go_on.wait(60)
        raise CallRoomsUnavailable("too late")


@pytest.fixture
def gateway() -> FakePaymentGateway:
    return FakePaymentGateway()


@pytest.fixture
def rooms() -> Iterator[HangingRooms]:
    rooms = HangingRooms()
    yield rooms
    rooms.go_on.set()


@pytest.fixture
def app(settings: Settings, clock: MovableClock, passwords: PasswordHasher, gateway: FakePaymentGateway) -> FastAPI:
    return create_app(settings, now=clock, passwords=passwords, payment_gateway=gateway, run_worker=False)


@pytest.fixture
def worker(
    settings: Settings, clock: MovableClock, database: Database, gateway: FakePaymentGateway, rooms: HangingRooms
) -> Iterator[Worker]:
    worker = Worker(database, gateway, rooms, terms_of(settings), limits_of(settings), clock, interval_s=0.02)
    yield worker
    rooms.go_on.set()
    worker.stop()


def paid(user: Person, backend: Backend, gateway: FakePaymentGateway, slot: dict[str, Any]) -> dict[str, Any]:
    """A booking that is paid, and no event has reached the backend."""
    booking = held(user, slot)
    gateway.take_money(f"checkout-{booking['id']}", backend.clock())
    return booking


def test_a_refund_goes_out_while_the_media_server_hangs_and_sessions_run(
    backend: Backend,
    professional: Person,
    user: Person,
    gateway: FakePaymentGateway,
    worker: Worker,
    rooms: HangingRooms,
    clock: MovableClock,
) -> None:
    later = paid(user, backend, gateway, backend.slot(professional, "2027-03-10"))
    for number in range(SESSIONS):
        other = backend.professional()
        paid(backend.user(), backend, gateway, backend.slot(other, "2027-03-01", "10:30", "11:30"))
        del number
    clock.move(minutes=1)
    worker.run("ask about checkouts")
    clock.set(START + timedelta(hours=1))  # 11:00 in Berlin: all of them run
    worker.start()
    assert rooms.polled.wait(30), "the rooms are polled"
    answer = user.post(f"/sessions/{later['id']}/cancel", json={"expected_refund": "45.00"})
    assert answer.status_code == 200, answer.text
    eventually(lambda: seen(user, later)["payment_status"] == "refunded", "the refund is done", limit_s=30)
    assert not rooms.go_on.is_set()


def test_every_task_has_figures_that_can_be_read(backend: Backend, app: FastAPI) -> None:
    status = backend.client.get("/status").json()
    assert set(status) == {"tasks", "stuck_refunds", "open_disputes", "differences", "objections", "stuck_payouts"}
    assert {"send refunds", "look into rooms", "ask about checkouts", "reconcile"} <= set(status["tasks"])
    assert all(
        set(task) == {"finished_at", "took_s", "failed", "skipped", "lag_s"} for task in status["tasks"].values()
    )


def test_what_waits_longest_is_a_tasks_lag(
    backend: Backend,
    professional: Person,
    user: Person,
    worker: Worker,
    clock: MovableClock,
    gateway: FakePaymentGateway,
) -> None:
    held(user, backend.slot(professional))
    clock.move(minutes=11)
    gateway.down = True
    worker.run("expire holds")
    worker.run("ask about checkouts")
    figures = worker.figures.snapshot()
    assert (figures["expire holds"].failed, figures["expire holds"].oldest_due_at) == (0, None)
    assert (figures["ask about checkouts"].failed, figures["ask about checkouts"].oldest_due_at) == (1, START)
    assert figures["ask about checkouts"].finished_at == clock()


def test_growing_lag_is_logged_when_it_has_doubled_and_when_it_is_over(caplog: pytest.LogCaptureFixture) -> None:
    figures = Figures(["send refunds"])
    with caplog.at_level(logging.INFO, "backend.worker.figures"):
        for minutes in (0.5, 1, 1.5, 2, 3, 4.5):
            now = START + timedelta(minutes=minutes)
            figures.note("send refunds", TaskFigures(finished_at=now, oldest_due_at=START))
        figures.note("send refunds", TaskFigures(finished_at=START))
        figures.note("send refunds", TaskFigures(finished_at=START))
    assert [record.getMessage() for record in caplog.records] == [
        "send refunds lags: the oldest item has been due for 60 s",
        "send refunds lags: the oldest item has been due for 120 s",
        "send refunds lags: the oldest item has been due for 270 s",
        "send refunds has caught up",
    ]


def test_every_item_that_fails_is_logged_each_time_with_its_id_and_without_what_it_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def act(item: int) -> None:
        if item != 2:
            raise KeyError("somebody@example.com")

    for _ in range(2):
        round_ = Round("send refunds", lambda: False, None)
        round_.each([1, 2, 3], act)
        assert round_.failed == 2
    logged = [record.getMessage() for record in caplog.records]
    assert [line.partition(":")[0] for line in logged] == [
        f"the worker cannot send refunds, item {item}" for item in (1, 3, 1, 3)
    ]
    lines = [formatter("json").format(record) for record in caplog.records]
    assert all("KeyError: '[address]'" in line and "test_schedules.py" in line for line in lines), lines
    assert "example.com" not in "".join(lines)


def test_a_provider_that_does_not_answer_is_left_alone_for_a_while() -> None:
    asked = []

    def ask(item: int) -> None:
        asked.append(item)
        raise PaymentGatewayUnavailable("down")

    guard = breaker("stripe")
    round_ = Round("send refunds", lambda: False, guard)
    round_.each(range(20), ask)
    assert (asked, round_.skipped) == (list(range(FAILURES_THAT_OPEN)), True)
    again = Round("send refunds", lambda: False, guard)
    again.each(range(20), ask)
    assert (len(asked), again.skipped, again.failed) == (FAILURES_THAT_OPEN, True, 0)
    guard.close()  # as after half a minute
    Round("send refunds", lambda: False, guard).each([99], lambda item: asked.append(item))
    assert asked[-1] == 99


@pytest.mark.parametrize("error", [KeyError("ours"), PaymentGatewayRefused("no")])
def test_neither_a_definite_refusal_nor_a_fault_of_ours_is_taken_for_an_outage(error: Exception) -> None:
    asked = []

    def ask(item: int) -> None:
        asked.append(item)
        raise error

    round_ = Round("send refunds", lambda: False, breaker("stripe"))
    round_.each(range(20), ask)
    assert (len(asked), round_.failed, round_.skipped) == (20, 20, False)


def test_one_task_that_hangs_keeps_no_other_from_running_and_all_end_together() -> None:
    stopping, hanging, ran = threading.Event(), threading.Event(), threading.Event()

    def hang() -> bool:
        hanging.wait(30)
        return False

    def run() -> bool:
        ran.set()
        return False

    schedule = Schedule([("hang", hang), ("run", run)], 0.01, stopping)
    schedule.start()
    assert ran.wait(10)
    ran.clear()
    assert ran.wait(10), "it runs again"
    hanging.set()
    schedule.stop()
    assert not [thread for thread in threading.enumerate() if thread.name in ("worker: hang", "worker: run")]


def test_a_task_that_raises_is_run_again_and_named_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    stopping, runs, enough = threading.Event(), [], threading.Event()

    def broken() -> bool:
        runs.append(1)
        if len(runs) == 3:
            enough.set()
        raise OSError("somebody@example.com")

    schedule = Schedule([("send refunds", broken)], 0.0, stopping)
    schedule.start()
    assert enough.wait(10)
    schedule.stop()
    lines = "".join(formatter("json").format(record) for record in caplog.records)
    assert "the worker cannot send refunds" in lines
    assert "OSError: [address]" in lines
    assert "example.com" not in lines
