"""Fetching what a screen shows: where it stands, what went wrong, and no late answer in the place of a newer fact."""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from app.errors import AppError, Offline, Problem
from app.state.core.services import Services

AnswerT = TypeVar("AnswerT")

NOT_THERE = (404, 422)
"""Statuses of an id that leads to nothing: none of that name, or no id at all."""


class Phase(StrEnum):
    """What a list or page shows: grey rows, its content, or a sentence in its place."""

    LOADING = "loading"
    READY = "ready"
    ERROR = "error"
    OFFLINE = "offline"
    MISSING = "missing"  # there is no such thing (any more), and asking again does not help


def phase_after(error: AppError) -> Phase:
    """What is shown where an error left nothing else to show."""
    return Phase.OFFLINE if isinstance(error, Offline) else Phase.ERROR


class Requests:
    """Numbers the requests of one model, by what they ask for: only the answer to the newest one counts."""

    def __init__(self) -> None:
        self._started: dict[Hashable, int] = {}
        self._outdated: dict[Hashable, int] = {}

    def start(self, what: Hashable = "") -> int:
        """A new request: answers to all earlier ones are dropped."""
        self._started[what] = self._started.get(what, 0) + 1
        return self._started[what]

    def is_newest(self, number: int, what: Hashable = "") -> bool:
        """Whether no other request was started after that one."""
        return self._started.get(what, 0) == number

    def outdate(self, what: Hashable = "") -> None:
        """Something newer than any answer under way is known now: what is under way is asked again."""
        self._outdated[what] = self._outdated.get(what, 0) + 1

    async def newest(
        self, ask: Callable[[], Awaitable[AnswerT]], what: Hashable = "", number: int | None = None
    ) -> AnswerT | None:
        """The answer; None, and no error, when another request for the same was started meanwhile. AppError."""
        mine = self.start(what) if number is None else number
        while True:
            before = self._outdated.get(what, 0)
            try:
                answer = await ask()
            except AppError:
                if self.is_newest(mine, what):
                    raise
                return None
            if not self.is_newest(mine, what):
                return None
            if before == self._outdated.get(what, 0):
                return answer


def _always() -> bool:
    return True


@dataclass(eq=False)
class Fetching:
    """The base of a view model that fetches. Once something is shown, a failure is only the note `error` beside it;
    `refreshed_at` says from when the shown is, to the minute: a screen says no more, and a poll that brings nothing
    new is to draw nothing (most of what an idle session costs in the web app: decision 41).
    """

    services: Services
    phase: Phase = field(default=Phase.LOADING, kw_only=True)
    error: str = field(default="", kw_only=True)
    refreshed_at: datetime | None = field(default=None, kw_only=True)
    requests: Requests = field(default_factory=Requests, kw_only=True, repr=False)
    _fetched_at: datetime | None = field(default=None, kw_only=True, repr=False)

    async def fetch(
        self,
        ask: Callable[[], Awaitable[AnswerT]],
        take: Callable[[AnswerT], object],
        *,
        is_shown: Callable[[], bool],
        is_wanted: Callable[[], bool] = _always,
        what: Hashable = "",
        number: int | None = None,
        missing: str = "",
    ) -> bool:
        """Asks, and gives the answer to `take` unless it is overtaken (see `Requests`); whether it was given.

        `is_shown`: whether something stands on the screen that a failure leaves there. `is_wanted`: whether the screen
        still shows `what` (another day may have been chosen meanwhile). `missing` is the sentence for what does not
        exist; without one that is an error as any other.
        """
        try:
            answer = await self.requests.newest(ask, what, number)
        except AppError as error:
            if is_wanted():
                self._failed(error, is_shown(), missing)
            return False
        if answer is None:
            return False
        take(answer)
        if is_wanted():
            self.is_fresh()
        return True

    def is_fresh(self) -> None:
        """What is shown is what the server has now."""
        self.phase, self.error, self._fetched_at = Phase.READY, "", self.services.now()
        self.refreshed_at = self._fetched_at.replace(second=0, microsecond=0)

    def _failed(self, error: AppError, is_shown: bool, missing: str) -> None:
        self.error = error.detail
        if missing and isinstance(error, Problem) and error.status in NOT_THERE:
            self.phase, self.error = Phase.MISSING, missing
        elif not is_shown:
            self.phase = phase_after(error)
