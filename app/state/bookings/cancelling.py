"""Cancelling a session: what it gives back is seen first, and seen again if it changes before the person says yes."""

from dataclasses import dataclass
from enum import StrEnum

import flet as ft

from app.api.models import Booking, Cancellation, Role
from app.errors import AppError, Problem
from app.state.bookings.words.cancellation_words import CancelQuestion, cancel_question
from app.state.core.services import Services
from app.state.core.wall_time import moment_words, until_words

POLL_S = 20.0
AFTER_CHANGE_S = 0.5  # the amount holds at its last instant; what comes after it is asked for just behind


class CancelStage(StrEnum):
    """Where the question stands."""

    CHECKING = "checking"
    ASKING = "asking"
    CANCELLING = "cancelling"
    REFUSED = "refused"  # `error` says why it is not possible
    OUT_OF_REACH = "out_of_reach"  # nobody could say what it gives back; it may be asked again


@ft.observable
@dataclass(eq=False)
class Cancelling:
    """`changed`: the amount is another one than was shown before, and has not been agreed to yet."""

    services: Services
    role: Role
    booking: Booking
    stage: CancelStage = CancelStage.CHECKING
    cancellation: Cancellation | None = None
    changed: bool = False
    error: str = ""

    @property
    def which_words(self) -> str:
        """ "Ada Lovelace, today 14:30–15:15": the session that is meant."""
        booking, zone = self.booking, self.services.zone
        name = booking.other(self.role).name
        starts = moment_words(booking.starts_at, zone, self.services.now())
        return f"{name}, {starts}–{until_words(booking.starts_at, booking.ends_at, zone)}"

    @property
    def question(self) -> CancelQuestion | None:
        """What is asked, in words; None until the backend has said what cancelling gives back."""
        if self.cancellation is None:
            return None
        return cancel_question(self.cancellation, self.booking, self.services.now(), self.services.zone)

    async def poll(self) -> float:
        """Asks what cancelling gives back now. Answers the seconds until the next poll."""
        if self._under_way():
            return POLL_S
        try:
            fresh = await self.services.api.cancellation(self.booking.id)
        except Problem as problem:
            self._refuse(problem)
        except AppError as error:
            if self.cancellation is None:
                self.stage, self.error = CancelStage.OUT_OF_REACH, error.detail
        else:
            if not self._under_way():  # said yes meanwhile
                self._ask(fresh)
        return self._next_poll_s()

    async def confirm(self) -> Booking | None:
        """Cancels for the amount that is shown. None when nothing was cancelled; `changed` or `error` says why."""
        shown = self.cancellation
        if shown is None or self.stage is not CancelStage.ASKING:
            return None
        self.stage, self.error = CancelStage.CANCELLING, ""
        try:
            return await self.services.api.cancel(self.booking.id, shown.refund_minor)
        except Problem as problem:
            if isinstance(problem.cancellation, Cancellation):
                self._ask(problem.cancellation)
            else:
                self._refuse(problem)
        except AppError as error:
            self.stage, self.error = CancelStage.ASKING, f"{error.detail} It is safe to try again."
        return None

    def _under_way(self) -> bool:
        return self.stage is CancelStage.CANCELLING

    def _ask(self, fresh: Cancellation) -> None:
        if self.cancellation is not None and fresh.refund_minor != self.cancellation.refund_minor:
            self.changed = True
        self.cancellation, self.stage, self.error = fresh, CancelStage.ASKING, ""

    def _refuse(self, problem: Problem) -> None:
        self.stage, self.error = CancelStage.REFUSED, problem.detail

    def _next_poll_s(self) -> float:
        ends = self.cancellation.changes_at if self.cancellation else None
        if ends is None:
            return POLL_S
        left_s = (ends - self.services.now()).total_seconds() + AFTER_CHANGE_S
        return min(POLL_S, max(left_s, AFTER_CHANGE_S))
