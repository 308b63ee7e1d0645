"""Threads for the kinds of work: each goes at its own pace, none waits for another, and all end together."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence

logger = logging.getLogger(__name__)

STOP_WITHIN_S = 10.0
"""What hangs in a provider for longer is left to die with the process; it holds no transaction meanwhile."""


class Schedule:
    """Runs each of `tasks` again and again, `pause_s` apart (or its own of `pauses_s`), from `start` to `stop`.

    A task returns whether more of the same is due already: then there is no pause. It handles what it raises itself;
    should it raise all the same, its thread logs that and goes on.
    """

    def __init__(
        self,
        tasks: Sequence[tuple[str, Callable[[], bool]]],
        pause_s: float,
        stopping: threading.Event,
        pauses_s: Mapping[str, float] | None = None,
    ) -> None:
        self._tasks = tasks
        self._pauses_s = pauses_s or {}
        self._pause_s = pause_s
        self._stopping = stopping
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Every task runs at once, so that what was left over from the last time is done."""
        if self._threads:
            raise RuntimeError("the worker runs already")
        self._stopping.clear()
        self._threads = [
            threading.Thread(target=self._run, args=task, name=f"worker: {task[0]}", daemon=True)
            for task in self._tasks
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Each ends after the item at hand."""
        self._stopping.set()
        until = time.monotonic() + STOP_WITHIN_S
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
            if thread.is_alive():
                logger.warning("%s did not end within %d s", thread.name, STOP_WITHIN_S)
        self._threads = []

    def _run(self, name: str, act: Callable[[], bool]) -> None:
        while not self._stopping.is_set():
            more = False
            try:
                more = act()
            except Exception as error:  # supervised: one kind of work that breaks must not end for ever
                logger.error("the worker cannot %s", name, exc_info=error)
            if not more:
                self._stopping.wait(self._pauses_s.get(name, self._pause_s))
