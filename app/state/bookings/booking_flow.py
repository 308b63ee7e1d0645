"""From a chosen time to a paid session: the hold, its payment elsewhere, and every way in which that can go wrong."""

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

import flet as ft

from app.api.error_names import ErrorName, is_named
from app.api.models import Booking, FreeSlot
from app.errors import AppError, Problem
from app.state.bookings.start_window import hold_left_s
from app.state.core.email_check import EmailCheck
from app.state.core.paging import all_pages
from app.state.core.services import Services
from app.state.core.shown_error import ShownError, shown_error
from app.state.core.wall_time import countdown_words, day_words, span_words, time_words

POLL_S = 2.0
LATE_PAYMENT_S = 60.0  # a payment made in the hold's last seconds may be known only after it
MAYBE_OURS: tuple[ErrorName, ...] = ("SlotAlreadyTaken", "OverlappingSession")
"""What the backend answers to the second attempt of somebody whose first one's answer was lost."""


class Stage(StrEnum):
    """Where this person stands with this professional."""

    CHOOSING = "choosing"
    BOOKING = "booking"  # the hold was asked for, its answer is under way
    HELD = "held"
    OVER = "over"  # the hold ended without a session; `ended_message` says how
    CONFIRMED = "confirmed"


@ft.observable
@dataclass(eq=False)
class BookingFlow:
    """`booking` is the hold or the session that came of it. `on_freed` is called (and awaited) when a time may have
    become free or been taken, so that the shown times are fetched again.
    """

    services: Services
    professional_id: str
    on_freed: Callable[[], Awaitable[None]] = field(repr=False)
    stage: Stage = Stage.CHOOSING
    booking: Booking | None = None
    error: ShownError | None = None
    ended_message: str = ""
    releasing: bool = False
    checkout_opened: bool = False
    declined: bool = False
    email_check: EmailCheck | None = None  # shown where Book was pressed, until the e-mail is confirmed
    not_before: dt.datetime | None = None  # the backend wants this person to wait until then
    out_of_reach: bool = False  # the last poll reached nobody; the next one comes by itself
    _polling: bool = False
    _knows_holds: bool = False
    _wanted: FreeSlot | None = None

    # what may be done

    def why_not(self, chosen: FreeSlot | None) -> str:
        """Why "Book" is off; empty when it is on."""
        account = self.services.account.account
        if account is None:
            return "" if chosen else "Choose a time first."
        if account.id == self.professional_id:
            return "This is how people see your page. You cannot book your own time."
        if account.is_professional:
            return "You are signed in as a professional. Booking needs a user account."
        if self.wait_s > 0:
            return f"You can book again in {countdown_words(self.wait_s)}."
        return "" if chosen else "Choose a time first."

    @property
    def needs_sign_in(self) -> bool:
        """Whether booking begins with signing in."""
        return self.services.account.account is None

    @property
    def wait_s(self) -> float:
        """For how long nothing can be booked, as far as is known."""
        return max(0.0, (self.not_before - self.services.now()).total_seconds()) if self.not_before else 0.0

    def waited(self) -> None:
        """The wait is over."""
        self.not_before, self.error = None, None

    @property
    def left_s(self) -> float:
        """What is left of the hold by the server's clock; 0 when it is over or there is none."""
        return (hold_left_s(self.booking, self.services.now()) if self.booking else None) or 0.0

    @property
    def when_words(self) -> str:
        """ "Today 14:30–15:15" of the hold or session, in the viewer's zone."""
        if self.booking is None:
            return ""
        return span_words(self.booking.starts_at, self.booking.ends_at, self.services.zone, self.services.now())

    # the hold

    async def find_hold(self) -> None:
        """Takes up a hold at this professional that was left open, here or on another device. The backend answers once:
        the page asks whenever it is fresh again, and a hold that comes later is answered by booking its time.
        """
        account = self.services.account.account
        if account is None or account.is_professional or self._knows_holds or self.stage is not Stage.CHOOSING:
            return
        try:
            held = await self._own_holds()
        except AppError:
            return  # booking it again answers with the same hold, so nothing is lost
        self._knows_holds = True
        if held and self.stage is Stage.CHOOSING:
            self._hold(held[0])

    async def book(self, slot: FreeSlot) -> None:
        """Holds the slot. Whatever comes of it is in `stage` and `error`; a second call meanwhile does nothing."""
        if self.stage not in (Stage.CHOOSING, Stage.OVER):
            return
        self.stage, self.error, self.ended_message = Stage.BOOKING, None, ""
        self._wanted = slot
        try:
            booked = await self.services.api.book(slot.id)
        except Problem as problem:
            await self._refused(slot, problem)
        except AppError as error:
            self.stage = Stage.CHOOSING
            self.error = shown_error(error)
        else:
            self._hold(booked)
            if booked.status != "held":  # a repeat of a request whose booking has gone on meanwhile
                await self._settle(booked)

    async def _refused(self, slot: FreeSlot, problem: Problem) -> None:
        if is_named(problem, "EmailNotVerified"):
            self._ask_for_code(slot)
            return
        if is_named(problem, *MAYBE_OURS) and await self._took_it_ourselves(slot):
            return
        self.stage = Stage.CHOOSING
        self.error = self._error_words(problem)
        if is_named(problem, "TooManyAttempts") and problem.retry_after_s:
            self.not_before = self.services.now() + dt.timedelta(seconds=problem.retry_after_s)
        await self.on_freed()

    def _ask_for_code(self, slot: FreeSlot) -> None:
        """The time stays chosen, and is booked once the e-mail is confirmed. A code that was sent before, for another
        time, stays good.
        """
        self.stage = Stage.CHOOSING
        check = self.email_check or EmailCheck(self.services, "book", self._forget_check)
        check.go_on, self.email_check = lambda: self.book(slot), check

    def _forget_check(self) -> None:
        self.email_check = None

    def check_for(self, chosen: FreeSlot | None) -> EmailCheck | None:
        """What asks for the code while this time is chosen; for another one Book has to be pressed first."""
        asked_for = chosen is not None and self._wanted is not None and chosen.id == self._wanted.id
        return self.email_check if asked_for else None

    async def _took_it_ourselves(self, slot: FreeSlot) -> bool:
        """A first attempt whose answer was lost has the slot already: that hold is taken up."""
        try:
            mine = [each for each in await self._own_holds() if each.slot_id == slot.id]
        except AppError:
            return False
        if mine:
            self._hold(mine[0])
        return bool(mine)

    async def _own_holds(self) -> list[Booking]:
        upcoming, now = await all_pages(partial(self.services.api.my_bookings, "upcoming")), self.services.now()
        return [each for each in upcoming if each.professional.id == self.professional_id and hold_left_s(each, now)]

    def _hold(self, booking: Booking) -> None:
        self.booking, self.stage, self.error, self.not_before = booking, Stage.HELD, None, None
        self.checkout_opened = self.declined = self.out_of_reach = False

    def opened_checkout(self) -> None:
        """The payment page was opened in the person's browser."""
        self.checkout_opened = True

    async def back_out(self) -> None:
        """Gives the hold back; the time is free for others at once."""
        if self.booking is None or self.stage is not Stage.HELD or self.releasing:
            return
        self.releasing, self.error = True, None
        try:
            await self.services.api.release(self.booking.id)
        except Problem:
            await self.poll()  # not held any more: paid, or over
        except AppError as error:
            self.error = ShownError(f"{error.detail} The time is released in {countdown_words(self.left_s)}.")
        else:
            self.again()
            await self.on_freed()
        finally:
            self.releasing = False

    def again(self) -> None:
        """Back to choosing a time."""
        self.booking, self.stage, self.error, self.ended_message = None, Stage.CHOOSING, None, ""

    def dismiss(self) -> None:
        """The error was read."""
        self.error = None

    # its payment

    async def poll(self) -> None:
        """Asks how the hold stands; for every `POLL_S` seconds while the screen is shown. One poll at a time."""
        booking = self.booking
        if booking is None or self._polling or self.stage not in (Stage.HELD, Stage.OVER) or not self._worth_asking():
            return
        self._polling = True
        try:
            fresh = await self.services.api.session(booking.id)
        except AppError:
            self.out_of_reach = True
        else:
            self.out_of_reach = False
            if self.booking is booking:
                await self._settle(fresh)
        finally:
            self._polling = False
        if self.stage is Stage.HELD and self.left_s <= 0:
            await self._over("Your hold ran out before you paid. The time is free again.")

    def _worth_asking(self) -> bool:
        if self.stage is Stage.HELD:
            return True
        held_until = self.booking.hold_expires_at if self.booking else None
        if held_until is None or not self.checkout_opened:
            return False
        return (self.services.now() - held_until).total_seconds() < LATE_PAYMENT_S

    async def _settle(self, fresh: Booking) -> None:
        self.declined = fresh.status == "held" and fresh.payment_status == "failed"
        if fresh.status == "confirmed":
            self.booking, self.stage, self.ended_message = fresh, Stage.CONFIRMED, ""
            await self.on_freed()
        elif fresh.status == "held":
            self.booking = fresh
        elif fresh.payment_status in ("paid", "refund_pending", "refunded"):
            self.booking = fresh
            await self._over(
                "Your payment arrived after the hold ran out and the time was taken. It is being refunded."
            )
        elif self.stage is Stage.HELD and fresh.status == "cancelled":
            await self._over("This time was released.")
        elif self.stage is Stage.HELD:
            await self._over("Your hold ran out before you paid. The time is free again.")

    async def _over(self, ended_message: str) -> None:
        self.stage, self.ended_message, self.error = Stage.OVER, ended_message, None
        await self.on_freed()

    # the session

    async def calendar_file(self) -> bytes | None:
        """The session for a calendar (iCalendar); None when it cannot be had, and `error` says why."""
        if self.booking is None:
            return None
        self.error = None
        try:
            return await self.services.api.calendar_file(self.booking.id)
        except AppError as error:
            self.error = shown_error(error)
            return None

    # words

    def _error_words(self, problem: Problem) -> ShownError:
        if is_named(problem, "SlotAlreadyTaken"):
            free = tuple(each for each in problem.next_free if isinstance(each, FreeSlot))
            offer = f" {self.offer_words(free[0])} is free." if free else " Choose another one."
            return ShownError(f"This time was just booked.{offer}", next_free=free)
        return shown_error(problem)

    def offer_words(self, slot: FreeSlot) -> str:
        """ "15:30" on the day of the time that was wanted, "Tomorrow 09:00" on another."""
        zone = self.services.zone
        clock = time_words(slot.starts_at, zone)
        if self._wanted and self._wanted.starts_at.astimezone(zone).date() == slot.starts_at.astimezone(zone).date():
            return clock
        return f"{day_words(slot.starts_at, zone, self.services.now())} {clock}"
