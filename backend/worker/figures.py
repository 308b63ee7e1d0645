"""How each kind of work is getting on, as figures: for an operator at `GET /status`, and in the log when it lags."""

import logging
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

logger = logging.getLogger(__name__)

LAG_WORTH_A_LINE = timedelta(minutes=1)
"""Something that has been due for less is the schedule's own rhythm."""


@dataclass(frozen=True)
class TaskFigures:
    """`failed`: items that failed in the last run. `oldest_due_at`: since when the oldest item waits that is still due
    after it; None if nothing does. `skipped`: the provider's breaker was open, so nothing was asked.
    """

    finished_at: datetime | None = None
    took_s: float = 0.0
    failed: int = 0
    skipped: bool = False
    oldest_due_at: datetime | None = None


class Figures:
    """The figures of one process's worker, by task. Safe to share between threads."""

    def __init__(self, tasks: list[str]) -> None:
        self._lock = threading.Lock()
        self._of_task = {task: TaskFigures() for task in tasks}
        self._logged: dict[str, timedelta] = {}

    def snapshot(self) -> dict[str, TaskFigures]:
        """The figures of every task as they are now."""
        with self._lock:
            return dict(self._of_task)

    def note(self, task: str, figures: TaskFigures) -> None:
        """A run of `task` has ended. Lag is logged when it has doubled since the last line, and when it is over."""
        with self._lock:
            self._of_task[task] = figures
            lag = _lag(figures)
            before = self._logged.get(task, timedelta())
            if lag < LAG_WORTH_A_LINE:
                self._logged.pop(task, None)
            elif lag >= 2 * before:
                self._logged[task] = lag
            else:
                return
        if lag >= LAG_WORTH_A_LINE:
            logger.warning("%s lags: the oldest item has been due for %d s", task, lag.total_seconds())
        elif before:
            logger.info("%s has caught up", task)


def _lag(figures: TaskFigures) -> timedelta:
    if figures.oldest_due_at is None or figures.finished_at is None:
        return timedelta()
    return figures.finished_at - figures.oldest_due_at
