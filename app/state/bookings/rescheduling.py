"""Moving a paid session to another free time of the same professional and price; the payment stays with it."""

from dataclasses import dataclass, field

import flet as ft

from app.api.error_names import ErrorName, is_named
from app.api.models import Booking, FreeSlot
from app.errors import AppError, Problem
from app.state.bookings.microsite import Microsite
from app.state.core.fetching import Phase
from app.state.core.services import Services
from app.state.core.shown_error import ShownError
from app.state.core.wall_time import moment_words, span_words

FRESH_S = 20.0
_WORDS: dict[ErrorName, str] = {
    "OverlappingSession": "You have another session at this time. Choose one that does not overlap.",
    "NotFound": "This time is no longer available. Choose another one.",
}


@ft.observable
@dataclass(eq=False)
class Rescheduling:
    """`times` are the professional's free times of the price that is paid; its `chosen` one is where to move."""

    services: Services
    booking: Booking
    times: Microsite = field(init=False)
    moving: bool = False
    error: ShownError | None = None

    def __post_init__(self) -> None:
        self.times = Microsite(self.services, self.booking.professional.id, self.booking.price_minor)

    @property
    def why_not(self) -> str:
        """Why it cannot be moved now; empty when it can."""
        until = self.booking.reschedule_until
        if until is None or self.services.now() > until:
            return "It is too late to move this session."
        return "" if self.times.chosen else "Choose a time first."

    @property
    def kept_words(self) -> str:
        """What happens to the money."""
        return f"Same price: your {self.booking.price_words} stay with the session. You are not charged again."

    @property
    def until_words(self) -> str:
        """The last moment, and what moving costs of the refund once free cancellation has ended."""
        now, zone, until = self.services.now(), self.services.zone, self.booking.reschedule_until
        if until is None:
            return ""
        words = f"You can move it until {moment_words(until, zone, now)}."
        policy = self.booking.policy
        if policy and (policy.at_most != "full" or now > policy.full_until):
            words += " Free cancellation has ended, also for the new time: you get at most half back."
        return words

    @property
    def old_words(self) -> str:
        """ "Today 14:30–15:15"."""
        return self._span(self.booking)

    @property
    def new_words(self) -> str:
        """The same of the chosen time; empty while none is chosen."""
        return self._span(self.times.chosen) if self.times.chosen else ""

    @property
    def button_words(self) -> str:
        """ "Move to today 16:00"."""
        chosen = self.times.chosen
        if chosen is None:
            return "Move"
        return f"Move to {moment_words(chosen.starts_at, self.services.zone, self.services.now())}"

    async def poll(self) -> float:
        """Fetches the free times, or fetches them again. Answers the seconds until the next poll."""
        if self.times.phase is Phase.READY:
            await self.times.refresh()
        elif self.times.phase is not Phase.MISSING:
            await self.times.load()
        return FRESH_S

    async def move(self) -> Booking | None:
        """Moves to the chosen time. None when it stayed where it was; `error` says why and what is free instead."""
        chosen = self.times.chosen
        if chosen is None or self.moving or self.why_not:
            return None
        self.moving, self.error = True, None
        try:
            return await self.services.api.reschedule(self.booking.id, chosen.id)
        except Problem as problem:
            self.error = self._shown(problem)
            if is_named(problem, "SlotAlreadyTaken", "NotFound"):
                self.times.forget(chosen.id)
            await self.times.refresh()
        except AppError as error:
            self.error = ShownError(f"{error.detail} It is safe to try again.")
        finally:
            self.moving = False
        return None

    async def take(self, slot: FreeSlot) -> None:
        """Chooses a time that was offered instead of a taken one."""
        self.error = None
        await self.times.show_slot(slot)

    def offer_words(self, slot: FreeSlot) -> str:
        """ "Today 15:30"."""
        words = moment_words(slot.starts_at, self.services.zone, self.services.now())
        return words[0].upper() + words[1:]

    def _shown(self, problem: Problem) -> ShownError:
        if not is_named(problem, "SlotAlreadyTaken"):
            return ShownError(
                next((words for name, words in _WORDS.items() if is_named(problem, name)), problem.detail)
            )
        free = tuple(
            each
            for each in problem.next_free
            if isinstance(each, FreeSlot) and each.price_minor == self.booking.price_minor
        )
        offer = "Free instead:" if free else "Choose another one."
        return ShownError(f"This time was just booked by someone else. {offer}", next_free=free)

    def _span(self, session: Booking | FreeSlot) -> str:
        return span_words(session.starts_at, session.ends_at, self.services.zone, self.services.now())
