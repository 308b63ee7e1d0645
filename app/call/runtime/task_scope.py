"""What a call starts, it also ends: tasks and whatever else has to be closed, in order, once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

log = logging.getLogger(__name__)

CLOSE_LIMIT_S = 3.0


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
