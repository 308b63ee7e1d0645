"""Free times, booking one, and what becomes of it up to the call."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Literal

from app.api import models
from app.api.carrier import Carrier
from app.api.protocol import Query, Request, decimal_price

RecordingEvent = Literal["asked", "began", "ended", "agreed", "refused", "withdrawn"]
"""The first three are the asker's acts, the others the other person's."""


class SessionsApi(Carrier):
    """Free times, booking one, and what becomes of it up to the call."""

    async def free_slots(self, professional_id: str, date: dt.date, tz: str) -> models.FreeSlots:
        """The free times of `date` as that date reads in the zone `tz`."""
        query: Query = {"date": date.isoformat(), "tz": tz}
        return await self._get(models.FreeSlots, Request("GET", f"/professional/{professional_id}/availability", query))

    async def free_days(self, professional_id: str, month: dt.date, tz: str) -> models.FreeDays:
        query: Query = {"month": f"{month:%Y-%m}", "tz": tz}
        return await self._get(
            models.FreeDays, Request("GET", f"/professional/{professional_id}/availability/days", query)
        )

    async def book(self, slot_id: str) -> models.Booking:
        """Holds the slot; the answer carries `checkout_url` and `hold_expires_at`. One Idempotency-Key per call, so a
        repeat after a lost answer is the same booking. Problem SlotAlreadyTaken (`next_free`), TooManyHolds,
        OverlappingSession, ProfessionalNotReady.
        """
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        return await self._get(
            models.Booking, Request("POST", "/sessions/book", body={"slot_id": slot_id}, headers=headers)
        )

    async def session(self, session_id: str) -> models.Booking:
        return await self._get(models.Booking, Request("GET", f"/sessions/{session_id}"))

    async def release(self, session_id: str) -> models.Booking:
        """Gives a hold back. Problem NotHeld (409)."""
        return await self._get(models.Booking, Request("POST", f"/sessions/{session_id}/release"))

    async def cancellation(self, session_id: str) -> models.Cancellation:
        """What cancelling would give back now. Problem NotCancellable (409)."""
        return await self._get(models.Cancellation, Request("GET", f"/sessions/{session_id}/cancellation"))

    async def cancel(self, session_id: str, expected_refund_minor: int) -> models.Booking:
        """Cancels, if the refund is what the person was shown. Problem RefundChanged (`cancellation` says what it is
        now; nothing was cancelled), NotCancellable.
        """
        body = {"expected_refund": decimal_price(expected_refund_minor)}
        request = Request("POST", f"/sessions/{session_id}/cancel", body=body, repeatable=True)
        return await self._get(models.Booking, request)

    async def reschedule(self, session_id: str, slot_id: str) -> models.Booking:
        """Moves it to another free slot of the same professional and price; the payment stays. Problem
        SlotAlreadyTaken (`next_free`), OverlappingSession, DifferentPrice, NotReschedulable, NotFound.
        """
        request = Request("POST", f"/sessions/{session_id}/reschedule", body={"slot_id": slot_id}, repeatable=True)
        return await self._get(models.Booking, request)

    async def my_bookings(
        self, when: str = "upcoming", cursor: str | None = None, limit: int = 20
    ) -> models.Page[models.Booking]:
        return await self._bookings("/sessions/my-bookings", when, cursor, limit)

    async def professional_sessions(
        self, when: str = "upcoming", cursor: str | None = None, limit: int = 20
    ) -> models.Page[models.Booking]:
        return await self._bookings("/professional/sessions", when, cursor, limit)

    async def calendar_file(self, session_id: str) -> bytes:
        """The booking as an iCalendar file."""
        return await self._content(Request("GET", f"/sessions/{session_id}/calendar"))

    async def call_link(self, session_id: str, join_id: str, *, rejoin: bool = False) -> models.CallLink:
        """`join_id` names this join of this device, and is the same for each `rejoin` after a lost connection.

        Problem NotPaid, TooEarlyToStart (`opens_at`), SessionOver, SessionCancelled, and for a rejoin JoinedElsewhere
        (409).
        """
        body = {"join_id": join_id, "rejoin": rejoin}
        return await self._get(
            models.CallLink, Request("POST", f"/sessions/{session_id}/generate-call-link", body=body)
        )

    async def call_check(self) -> models.CallCheck:
        """A room of one's own for two minutes, to try the connection before a call. Problem ServiceUnavailable."""
        return await self._get(models.CallCheck, Request("POST", "/calls/check"))

    async def presence(self, session_id: str) -> models.Presence:
        return await self._get(models.Presence, Request("GET", f"/sessions/{session_id}/presence"))

    async def messages(self, session_id: str) -> tuple[models.Message, ...]:
        """What both wrote in the session's call, as it is kept."""
        return (await self._get(models.Messages, Request("GET", f"/sessions/{session_id}/messages"))).messages

    async def keep_messages(self, session_id: str, messages: Sequence[models.Message]) -> None:
        """Keeps up to 50 of one's own messages; sent again they change nothing. Problem TooManyMessages, SessionOver,
        InvalidPayload.
        """
        told = [{"id": each.id, "text": each.text, "sent_at": each.sent_at.isoformat()} for each in messages]
        body = {"messages": told}
        await self._done(Request("POST", f"/sessions/{session_id}/messages", body=body, repeatable=True))

    async def delete_messages(self, session_id: str) -> None:
        """Deletes what both wrote, for both."""
        await self._done(Request("DELETE", f"/sessions/{session_id}/messages"))

    async def recordings(self, session_id: str) -> tuple[models.RecordingConsentRecord, ...]:
        """Who asked to record the session's call and who agreed, as far as their devices have told it."""
        request = Request("GET", f"/sessions/{session_id}/recordings")
        return (await self._get(models.RecordingConsentRecords, request)).recordings

    async def note_recording(self, session_id: str, ask_id: str, event: RecordingEvent, at: dt.datetime) -> None:
        """Keeps one act of one's own; told again it changes nothing. `at` is aware UTC. Problem NotYourRecording,
        TooManyRecordings, SessionOver.
        """
        body = {"ask_id": ask_id, "event": event, "at": at.isoformat()}
        await self._done(Request("POST", f"/sessions/{session_id}/recordings", body=body, repeatable=True))

    async def note(self, session_id: str) -> models.Note:
        """One's own notes of the session."""
        return await self._get(models.Note, Request("GET", f"/sessions/{session_id}/note"))

    async def save_note(self, session_id: str, text: str, version: int) -> models.Note:
        """Saves the whole text, written over `version`. Problem NoteChanged (`note`: what they are by now; nothing was
        saved), NotPaid, InvalidPayload.
        """
        body = {"text": text, "version": version}
        return await self._get(models.Note, Request("PUT", f"/sessions/{session_id}/note", body=body, repeatable=True))

    async def attendance(self, session_id: str) -> models.Attendance:
        """Who kept the appointment. Problem NothingDecided until some minutes after the session's end."""
        return await self._get(models.Attendance, Request("GET", f"/sessions/{session_id}/attendance"))

    async def report_problem(self, session_id: str, reason: str) -> models.Attendance:
        """Something went wrong, in words. Problem DecisionFinal a day after the decision."""
        request = Request("POST", f"/sessions/{session_id}/problem", body={"reason": reason})
        return await self._get(models.Attendance, request)

    async def report_quality(self, session_id: str, report: models.QualityReport) -> models.SessionQuality:
        """Keeps how the call ran for whoever is signed in. Problem NotPaid, TooEarlyToStart, SessionOver (409)."""
        request = Request("PUT", f"/sessions/{session_id}/quality", body=report.model_dump())
        return await self._get(models.SessionQuality, request)

    async def session_quality(self, session_id: str) -> models.SessionQuality:
        return await self._get(models.SessionQuality, Request("GET", f"/sessions/{session_id}/quality"))

    async def _bookings(self, path: str, when: str, cursor: str | None, limit: int) -> models.Page[models.Booking]:
        query: Query = {"when": when, "cursor": cursor or "", "limit": limit}
        return await self._get(models.Page[models.Booking], Request("GET", path, query))
