"""Back into a call over a new connection: what ends it, and what does not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from app.call.connectivity.rejoin import Rejoiner
from app.call.contract.call_state import CallPart, EndReason
from app.call.contract.engine import CallCredentials, RejoinRefused
from app.call.room.room_connection import JoinOutcome
from app.call.runtime import task_scope
from app.call.runtime.task_scope import TaskScope
from app.call.state.machine import CallEvent
from app.call.state.store import CallStatus, SnapshotStore
from tests.waiting import until

CREDENTIALS = CallCredentials("1", "session_1", "ws://127.0.0.1:1", "", "ben", "user", "", "k" * 43)


class Stage:
    """A rejoiner whose connections and backend are the test's."""

    def __init__(self) -> None:
        self.status = CallStatus(SnapshotStore(), lambda: datetime.now(UTC))
        self.connect: Callable[[], JoinOutcome] = lambda: JoinOutcome.CONNECTED
        self.refresh: Callable[[], CallCredentials] = lambda: CREDENTIALS
        self.connections, self.rejoined, self.ends = 0, 0, list[CallEvent]()
        session = SimpleNamespace(
            status=self.status,
            connection=SimpleNamespace(connect=self._connect),
            on_interrupted=lambda by: None,
            on_restored=lambda by: None,
            replace_connection=lambda: None,
            set_reconnect_cause=lambda cause: None,
        )
        monitor = SimpleNamespace(pause=lambda: None, resume=lambda: None, has_network=True)
        self.rejoiner = Rejoiner(
            cast(Any, session),
            cast(Any, monitor),
            CREDENTIALS,
            self._refresh,
            lambda connection: None,
            self._rejoined,
            self.ends.append,
        )

    async def _connect(self, *arguments: object) -> JoinOutcome:
        self.connections += 1
        return self.connect()

    async def _refresh(self) -> CallCredentials:
        return self.refresh()

    def _rejoined(self) -> None:
        self.rejoined += 1


@pytest.fixture
async def scope(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TaskScope]:
    monkeypatch.setattr(task_scope, "RESTART_AFTER_S", 0.01)
    scope = TaskScope()
    yield scope
    await scope.close()


@pytest.mark.parametrize(
    ("reason", "event"),
    [
        (EndReason.ROOM_CLOSED, CallEvent.ROOM_CLOSED),
        (EndReason.JOINED_ELSEWHERE, CallEvent.JOINED_ELSEWHERE),
        (EndReason.CONNECTION_LOST, CallEvent.CONNECTION_LOST),
    ],
)
async def test_a_backend_that_refuses_the_rejoin_ends_the_call_with_its_reason(
    scope: TaskScope, reason: EndReason, event: CallEvent
) -> None:
    stage = Stage()

    def refuse() -> CallCredentials:
        raise RejoinRefused(reason)

    stage.refresh = refuse
    scope.start(stage.rejoiner.run(), "rejoining")
    stage.rejoiner.start()
    await until(lambda: stage.ends == [event], "it ends as the backend says")
    assert stage.connections == 0, "nobody is evicted"


async def test_an_unforeseen_error_while_rejoining_does_not_leave_the_call_reconnecting_for_ever(
    scope: TaskScope,
) -> None:
    stage = Stage()
    raised = asyncio.Event()

    def connect() -> JoinOutcome:
        if stage.connections < 3:
            raised.set()
            raise AttributeError("a name that the SDK does not have any more")
        return JoinOutcome.CONNECTED

    stage.connect = connect
    scope.supervise(stage.rejoiner.run, "rejoining", stage.status.store.fault_of(CallPart.REJOINING))
    stage.rejoiner.start()
    await asyncio.wait_for(raised.wait(), 5)
    await until(lambda: stage.rejoined == 1, "it goes on, and rejoins")
