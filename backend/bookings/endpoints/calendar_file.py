"""A session as an event for any calendar: RFC 5545, and RFC 5546 for what follows what."""

import ipaddress
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Request, Response
from icalendar import Alarm, Calendar, Event, vCalAddress

from backend.auth.access import CurrentAccount
from backend.auth.rules import NotSignedIn, Role
from backend.bookings import repository
from backend.bookings.access import TermsDep
from backend.bookings.rules import BookingStatus
from backend.bookings.rules.calendar import calendar_sequence
from backend.bookings.schemas import BookingAnswer
from backend.bookings.service.showing import booking_answer
from backend.kit.errors import NotFound, error_responses
from backend.kit.http import DatabaseDep, NowDep
from backend.settings import Settings

router = APIRouter(tags=["sessions"])

_STATUSES = {
    BookingStatus.HELD: "TENTATIVE",
    BookingStatus.EXPIRED: "CANCELLED",
    BookingStatus.CANCELLED: "CANCELLED",
}
_REMIND_BEFORE = timedelta(minutes=15)
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/calendar": {"schema": {"type": "string"}}}, "description": "The event."}
}


@router.get(
    "/sessions/{session_id:uuid}/calendar",
    response_class=Response,
    responses={**_FILE, **error_responses(NotSignedIn, NotFound)},
)
def calendar_file(
    session_id: UUID, account: CurrentAccount, database: DatabaseDep, terms: TermsDep, now: NowDep, request: Request
) -> Response:
    """The session as an event, named after the other person; once it is cancelled, the file that takes it out again."""
    with database.read() as session:
        booking = repository.booking_of(session, session_id, account.id)
        if booking is None:
            raise NotFound
        answer = booking_answer(session, booking, terms, now)
        sequence = calendar_sequence(answer.status, booking.moves, confirmed=booking.confirmed_at is not None)
        other = answer.user.name if account.role is Role.PROFESSIONAL else answer.professional.name
        public_url = cast(Settings, request.app.state.settings).public_url
        return Response(
            event_file(answer, sequence, other, public_url, now),
            media_type="text/calendar",
            headers={"Content-Disposition": 'attachment; filename="session.ics"'},
        )


def event_file(booking: BookingAnswer, sequence: int, other: str, public_url: str, now: datetime) -> bytes:
    """The iCalendar object: UTC times, one event whose UID stays the booking's, so that a later file changes the event.

    `sequence` is the event's revision. METHOD is PUBLISH, or CANCEL, which has no alarm (RFC 5546, 3.2.1 and 3.2.5);
    both need an ORGANIZER. It is the product: no mail address of a person stands in the file.
    """
    status = _STATUSES.get(booking.status, "CONFIRMED")
    cancelled = status == "CANCELLED"
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//Rendezvous//Sessions//EN")
    calendar.add("METHOD", "CANCEL" if cancelled else "PUBLISH")
    event = Event()
    event.add("UID", f"{booking.id}@rendezvous")
    event.add("DTSTAMP", now)
    event.add("DTSTART", booking.starts_at)
    event.add("DTEND", booking.ends_at)
    event.add("SUMMARY", f"Session with {other}")
    event.add("ORGANIZER", _organizer(public_url))
    event.add("URL", f"{public_url}/call/{booking.id}")
    event.add("SEQUENCE", sequence)
    event.add("STATUS", status)
    if not cancelled:
        event.add("DESCRIPTION", "Open Rendezvous and press Start to join the call.")
        event.add_component(_reminder(other))
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _reminder(other: str) -> Alarm:
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", f"Session with {other}")
    alarm.add("TRIGGER", -_REMIND_BEFORE)
    return alarm


def _organizer(public_url: str) -> vCalAddress:
    host = urlsplit(public_url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        domain = host if "." in host else "rendezvous.invalid"
    else:
        domain = "rendezvous.invalid"  # RFC 2606: a name that is nobody's
    organizer = vCalAddress(f"mailto:no-reply@{domain}")
    organizer.params["CN"] = "Rendezvous"
    return organizer
