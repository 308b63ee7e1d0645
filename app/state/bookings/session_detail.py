"""One session in detail: what it is now, and what can be done with it."""

import contextlib
import datetime as dt
from dataclasses import dataclass
from functools import partial

import flet as ft

from app.api.models import (
    PROFESSIONAL,
    Attendance,
    Booking,
    FollowUp,
    Message,
    RecordingConsentRecord,
    Role,
    SessionQuality,
)
from app.errors import AppError
from app.state.bookings.cancelling import Cancelling
from app.state.bookings.follow_up import SENT, FollowUpForms, may_send
from app.state.bookings.follow_up_files import SavingFiles
from app.state.bookings.problem_report import ProblemReport
from app.state.bookings.rescheduling import Rescheduling
from app.state.bookings.session_messages import DELETED
from app.state.bookings.session_notes import session_notes
from app.state.bookings.start_window import is_ahead
from app.state.bookings.words.attendance_words import may_object
from app.state.core.fetching import Fetching, Phase
from app.state.core.wall_time import moment_words

POLL_S = 20.0
REFUND_POLL_S = 5.0  # money is on its way: the person waits to see it arrive
MISSING = "This session does not exist, or is not yours."
DECISION, MESSAGES, FOLLOW_UP, RECORDINGS = "decision", "messages", "follow-up", "recordings"
DISPUTED = "The payment is disputed with the bank"
TOOK_PLACE = ("confirmed", "completed", "no_show")
REFUNDING = ("refund_pending", "refund_failed")


@ft.observable
@dataclass(eq=False)
class SessionDetail(Fetching):
    """`role` is the viewer's. `booking` may be given at first: what the list knew of it. `cancelling`, `moving` and
    `reporting` are what the person is about to do with it, one of them at a time.
    """

    role: Role
    session_id: str
    booking: Booking | None = None
    action_error: str = ""
    quality: SessionQuality | None = None  # how its call ran, once there was one
    messages: tuple[Message, ...] = ()  # what both wrote in its call
    recordings: tuple[RecordingConsentRecord, ...] = ()  # who asked to record its call, and who agreed
    follow_up: FollowUp | None = None  # what the professional sent after it
    follow_up_known: bool = False  # whether the backend has been asked: before that nothing is offered
    cancelling: Cancelling | None = None
    moving: Rescheduling | None = None
    decision: Attendance | None = None  # who kept the appointment, once that is decided
    reporting: ProblemReport | None = None  # what the person is about to say that went wrong

    def __post_init__(self) -> None:
        self.follow_up_form = FollowUpForms.kept_by(self.services).of(self.session_id)
        self.saving_files = SavingFiles(self.services, self.session_id)
        if self.booking is not None:
            self.phase = Phase.READY

    @property
    def now(self) -> dt.datetime:
        return self.services.now()

    @property
    def is_professional(self) -> bool:
        return self.role == PROFESSIONAL

    @property
    def may_lead_to_a_call(self) -> bool:
        """Its room is open or will be; longer than the session itself, as people may overrun."""
        return self.booking is not None and is_ahead(self.booking, self.now)

    @property
    def is_to_come(self) -> bool:
        """Confirmed and not over: it may be moved or cancelled."""
        return self.booking is not None and self.booking.status == "confirmed" and self.now < self.booking.ends_at

    @property
    def is_cancelled(self) -> bool:
        """It was confirmed, perhaps in a calendar, and will not take place."""
        return self.booking is not None and self.booking.status == "cancelled" and self.booking.cancelled_at is not None

    @property
    def calendar_words(self) -> str:
        """What its calendar file does for the person now; empty when there is nothing to do."""
        if self.booking is None or self.now >= self.booking.ends_at:
            return ""
        if self.is_cancelled:
            return "Remove from calendar"
        if not self.is_to_come:
            return ""
        return "Update calendar" if self.booking.moved_from else "Add to calendar"

    @property
    def why_not_cancel(self) -> str:
        """Why it cannot be cancelled; empty when it can."""
        if self.booking is None or not self.is_to_come:
            return "This session is over."
        if self.booking.is_disputed:
            return f"{DISPUTED}, so it cannot be cancelled."
        if not self.is_professional and self.now >= self.booking.starts_at:
            return "It has already started, so it can no longer be cancelled."
        return ""

    @property
    def why_not_move(self) -> str:
        """Why it cannot be moved; empty when it can."""
        if self.booking is not None and self.booking.is_disputed:
            return f"{DISPUTED}, so it cannot be moved."
        until = self.booking.reschedule_until if self.booking else None
        return "" if until is not None and self.now <= until else "It is too late to move this session."

    @property
    def move_until_words(self) -> str:
        """ "Possible until today 14:30."; empty when it cannot be moved."""
        until = self.booking.reschedule_until if self.booking else None
        if until is None or self.why_not_move:
            return ""
        return f"Possible until {moment_words(until, self.services.zone, self.now)}."

    async def poll(self) -> float:
        """Asks how it stands now. Answers the seconds until the next poll."""
        fetched = await self.fetch(
            lambda: self.services.api.session(self.session_id),
            self._take,
            is_shown=lambda: self.booking is not None,
            missing=MISSING,
        )
        if self.phase is Phase.MISSING:
            self.booking = None
        if fetched and self.booking is not None:
            await self._fetch_call(self.booking)
            await self._fetch_decision(self.booking)
            await self._fetch_follow_up(self.booking)
        refunding = self.booking is not None and self.booking.payment_status in REFUNDING
        return REFUND_POLL_S if refunding else POLL_S

    async def _fetch_call(self, booking: Booking) -> None:
        """Only where a call may have been; the details stand without it."""
        if booking.status in TOOK_PLACE and self.now >= booking.join_opens_at:
            with contextlib.suppress(AppError):
                self.quality = await self.services.api.session_quality(self.session_id)
            with contextlib.suppress(AppError):
                ask = partial(self.services.api.messages, self.session_id)
                found = await self.requests.newest(ask, MESSAGES)
                self.messages = self.messages if found is None else found  # None: something newer has happened
            with contextlib.suppress(AppError):
                records = await self.requests.newest(partial(self.services.api.recordings, self.session_id), RECORDINGS)
                self.recordings = self.recordings if records is None else records

    async def _fetch_decision(self, booking: Booking) -> None:
        if booking.absent is not None and not (self.decision and self.decision.final):
            with contextlib.suppress(AppError):
                ask = partial(self.services.api.attendance, self.session_id)
                self.decision = await self.requests.newest(ask, DECISION) or self.decision

    async def _fetch_follow_up(self, booking: Booking) -> None:
        """There is none before the end, and once there is one it stays as it is."""
        if booking.status in TOOK_PLACE and self.now >= booking.ends_at and self.follow_up is None:
            with contextlib.suppress(AppError):
                ask = partial(self.services.api.follow_up, self.session_id)
                found = await self.requests.newest(ask, FOLLOW_UP)
                if found is None:
                    return  # something newer has happened
                if not self.follow_up_known:
                    self.follow_up_form.files.take(found.unsent)
                self.follow_up, self.follow_up_known = found.follow_up, True

    @property
    def may_send_follow_up(self) -> bool:
        known = self.follow_up_known and self.follow_up is None
        return known and self.booking is not None and may_send(self.booking, self.role, self.now)

    async def send_follow_up(self) -> str:
        """For good. Answers what came of it, for people; empty when it was not sent."""
        sent = await self.follow_up_form.send()
        if sent is None:
            return ""
        self.requests.outdate(FOLLOW_UP)
        self.follow_up = sent
        return SENT

    async def delete_messages(self) -> str:
        """For both. Answers what came of it, for people."""
        try:
            await self.services.api.delete_messages(self.session_id)
        except AppError as error:
            return error.detail
        self.requests.outdate(MESSAGES)
        self.messages = ()
        return DELETED

    def show(self, booking: Booking) -> None:
        """Takes what the backend just made of it: newer than any answer that is under way."""
        self.requests.outdate()
        self._take(booking)

    def _take(self, booking: Booking) -> None:
        """A question that has settled itself is not asked any more."""
        self.booking, self.phase, self.error = booking, Phase.READY, ""
        if not self.is_to_come:
            self.cancelling = self.moving = None

    async def calendar_file(self) -> bytes | None:
        """The session for a calendar (iCalendar); None when it cannot be had, and `action_error` says why."""
        self.action_error = ""
        try:
            return await self.services.api.calendar_file(self.session_id)
        except AppError as error:
            self.action_error = error.detail
            return None

    def start_cancelling(self) -> None:
        """Asks first: what it gives back."""
        if self.booking is not None and not self.why_not_cancel:
            self.cancelling, self.moving = Cancelling(self.services, self.role, self.booking), None

    def start_moving(self) -> None:
        """Shows where it could be moved to."""
        if self.booking is not None and not self.why_not_move:
            self.moving, self.cancelling = Rescheduling(self.services, self.booking), None

    def start_reporting(self) -> None:
        """Something went wrong: asks what."""
        if self.decision is not None and may_object(self.decision, self.now):
            said = self.decision.reason or ""
            self.reporting = ProblemReport(self.services, self.session_id, said)

    async def report(self) -> str:
        """Sends what went wrong. Answers what came of it, for people; empty when it was not sent."""
        decision = await self.reporting.send() if self.reporting else None
        if decision is None:
            return ""
        self.requests.outdate(DECISION)
        self.decision, self.reporting = decision, None
        return "Thank you. We will look into it, and no money moves until then."

    def keep(self) -> None:
        """Everything stays as it is."""
        self.cancelling = self.moving = self.reporting = None

    async def cancel(self) -> str:
        """Cancels for the amount that was shown. Answers what came of it, for people; empty when it was not done."""
        cancelled = await self.cancelling.confirm() if self.cancelling else None
        if cancelled is None:
            return ""
        self.show(cancelled)
        self.keep()
        notes = session_notes(cancelled, self.role, self.now, self.services.zone)
        return f"Cancelled. {notes[-1].words}" if notes else "Cancelled."

    async def move(self) -> str:
        """Moves it to the chosen time. Answers what came of it, for people; empty when it stayed where it was."""
        moved = await self.moving.move() if self.moving else None
        if moved is None:
            return ""
        self.show(moved)
        self.keep()
        return f"Moved to {moment_words(moved.starts_at, self.services.zone, self.now)}. Your payment stays with it."
