"""What a call must not go without is started again when it fails, and says so when that does not help."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.call.contract.call_state import CallPart
from app.call.runtime import task_scope
from app.call.runtime.task_scope import TaskScope
from app.call.state.store import SnapshotStore
from tests.waiting import until


@pytest.fixture
async def scope(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TaskScope]:
    monkeypatch.setattr(task_scope, "RESTART_AFTER_S", 0.01)
    monkeypatch.setattr(task_scope, "LATER_RESTART_AFTER_S", 0.02)
    monkeypatch.setattr(task_scope, "HEALTHY_AFTER_S", 0.1)
    scope = TaskScope()
    yield scope
    await scope.close()


class Watch:
    """Fails so many times, then works until it is cancelled."""

    def __init__(self, failures: int) -> None:
        self.runs = 0
        self.cancelled = False
        self._failures = failures

    async def run(self) -> None:
        self.runs += 1
        if self.runs <= self._failures:
            raise AttributeError("a field that the SDK does not have any more")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise


async def test_what_fails_is_started_again(scope: TaskScope) -> None:
    watch, faults = Watch(failures=2), list[bool]()

    scope.supervise(watch.run, "watching", faults.append)

    await until(lambda: watch.runs == 3, "it runs again")
    assert faults == [], "twice is no fault yet"


async def test_three_failures_in_a_row_are_a_fault_until_it_works_again(scope: TaskScope) -> None:
    watch, store = Watch(failures=3), SnapshotStore()

    scope.supervise(watch.run, "watching", store.fault_of(CallPart.CONNECTION))

    await until(lambda: store.snapshot.failing_parts == {CallPart.CONNECTION}, "the fault")
    await until(lambda: watch.runs == 4 and not store.snapshot.failing_parts, "it works again, and the fault is gone")


async def test_failures_with_long_runs_between_them_are_not_in_a_row(scope: TaskScope) -> None:
    runs, faults = list[int](), list[bool]()

    async def now_and_then() -> None:
        runs.append(1)
        await asyncio.sleep(2 * task_scope.HEALTHY_AFTER_S)
        raise OSError

    scope.supervise(now_and_then, "watching", faults.append)

    await until(lambda: len(runs) > task_scope.FAILURES_IN_A_ROW + 1, "it failed often enough")
    assert faults == []


async def test_what_returns_has_done_its_work(scope: TaskScope) -> None:
    runs = list[int]()

    async def once() -> None:
        runs.append(1)

    await asyncio.wait_for(scope.supervise(once, "watching"), 1)

    assert len(runs) == 1


async def test_closing_ends_what_is_supervised_also_between_two_runs(scope: TaskScope) -> None:
    going, failing = Watch(failures=0), Watch(failures=1000)
    tasks = [scope.supervise(going.run, "going"), scope.supervise(failing.run, "failing")]
    await until(lambda: going.runs and failing.runs, "both run")

    await scope.close()

    assert going.cancelled
    assert all(task.cancelled() for task in tasks)


def test_a_fault_that_tasks_share_lasts_until_each_of_them_works() -> None:
    """Microphone and speaker are checked apart, and said as one: the one that recovers does not speak for the other."""
    store = SnapshotStore()
    microphone, speaker = store.fault_of(CallPart.AUDIO), store.fault_of(CallPart.AUDIO)
    camera = store.fault_of(CallPart.CAMERA)
    for on_fault in (microphone, speaker, camera):
        on_fault(True)
    microphone(False)
    assert store.snapshot.failing_parts == {CallPart.AUDIO, CallPart.CAMERA}
    speaker(False)
    assert store.snapshot.failing_parts == {CallPart.CAMERA}
