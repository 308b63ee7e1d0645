"""What a call starts, it also ends: tasks and whatever else has to be closed, in order, once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

log = logging.getLogger(__name__)

CLOSE_LIMIT_S = 3.0
RESTART_AFTER_S = 1.0
FAILURES_IN_A_ROW = 3
"""After so many the fault is reported."""
HEALTHY_AFTER_S = 10.0
"""A run that lasts this long ends the row of failures, and the fault."""

OnFault = Callable[[bool], None]
"""Called with True when a supervised task fails again and again, and with False once it works again."""


class TaskScope:
    """Belongs to one event loop. Closing cancels the tasks, then runs the closers, the last registered first."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closers: list[tuple[str, Callable[[], Awaitable[None]]]] = []
        self.closed = False

    def start(self, work: Coroutine[Any, Any, Any], name: str) -> "asyncio.Task[Any]":
        """Runs `work` until it ends or the scope closes. An error in it is logged, and is no one else's end."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        if self.closed:
            task.cancel()
        return task

    def supervise(
        self, factory: Callable[[], Coroutine[Any, Any, None]], name: str, on_fault: OnFault = lambda failing: None
    ) -> "asyncio.Task[None]":
        """Runs what `factory` makes until that returns or the scope closes: for work that the call cannot go without.
        When it raises, it is logged and started again after 1 s. Three failures in a row are reported to `on_fault`;
        it is still started again, and a run of 10 s takes the fault back.
        """
        return self.start(self._supervised(factory, name, on_fault), name)

    async def _supervised(self, factory: Callable[[], Coroutine[Any, Any, None]], name: str, on_fault: OnFault) -> None:
        loop, failures = asyncio.get_running_loop(), 0

        def recovered() -> None:
            nonlocal failures
            if failures >= FAILURES_IN_A_ROW:
                on_fault(False)
            failures = 0

        while True:
            healthy = loop.call_later(HEALTHY_AFTER_S, recovered)
            try:
                await factory()
            except Exception:  # whatever it is: what must go on is started again
                failures += 1
                log.exception("%s failed, %d in a row; it is started again", name, failures)
                if failures == FAILURES_IN_A_ROW:
                    on_fault(True)
            else:
                recovered()
                return
            finally:
                healthy.cancel()
            await asyncio.sleep(RESTART_AFTER_S)

    def _finished(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("%s failed", task.get_name(), exc_info=error)

    def on_close(self, name: str, closer: Callable[[], Awaitable[None]]) -> None:
        self._closers.append((name, closer))

    async def close(self) -> None:
        """Can be called twice. A closer that hangs or fails does not keep the others from their turn."""
        if self.closed:
            return
        self.closed = True
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSE_LIMIT_S)
        for name, closer in reversed(self._closers):
            try:
                await asyncio.wait_for(closer(), CLOSE_LIMIT_S)
            except Exception:  # whatever a device or the SDK raises at its end, the rest still has to be closed
                log.exception("closing %s failed", name)
        self._closers.clear()
