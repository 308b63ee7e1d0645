"""A session as an event for any calendar (RFC 5545)."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from fastapi import APIRouter, Request, Response

from backend.auth.access import SignedIn
from backend.auth.rules import NotSignedIn, Role
from backend.bookings import repository
from backend.bookings.access import TermsOf
from backend.bookings.rules import BookingStatus
from backend.bookings.schemas import BookingAnswer
from backend.bookings.service.showing import booking_answer
from backend.kit.errors import NotFound, answers
from backend.kit.http import DatabaseOf, Now
from backend.settings import Settings

router = APIRouter(tags=["sessions"])

_LINE_OCTETS = 75
_STATUSES = {
    BookingStatus.HELD: "TENTATIVE",
    BookingStatus.EXPIRED: "CANCELLED",
    BookingStatus.CANCELLED: "CANCELLED",
}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/calendar": {"schema": {"type": "string"}}}, "description": "The event."}
}


@router.get(
    "/sessions/{session_id:uuid}/calendar",
    response_class=Response,
    responses={**_FILE, **answers(NotSignedIn, NotFound)},
)
def calendar_file(
    session_id: UUID, account: SignedIn, database: DatabaseOf, terms: TermsOf, now: Now, request: Request
) -> Response:
    """The session as an event, named after the other person."""
    with database.read() as session:
        booking = repository.booking_of(session, session_id, account.id)
        if booking is None:
            raise NotFound
        answer = booking_answer(session, booking, terms, now)
        other = answer.user.name if account.role is Role.PROFESSIONAL else answer.professional.name
        call_page = f"{cast(Settings, request.app.state.settings).public_url}/call/{session_id}"
        return Response(
            event_file(answer, other, call_page, now),
            media_type="text/calendar",
            headers={"Content-Disposition": 'attachment; filename="session.ics"'},
        )


def event_file(booking: BookingAnswer, other: str, call_page: str, now: datetime) -> bytes:
    """The iCalendar object: UTC times, one event whose UID stays the booking's, so that a second file updates it."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Rendezvous//Sessions//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{booking.id}@rendezvous",
        f"DTSTAMP:{_utc(now)}",
        f"DTSTART:{_utc(booking.starts_at)}",
        f"DTEND:{_utc(booking.ends_at)}",
        f"SUMMARY:{_text(f'Session with {other}')}",
        f"DESCRIPTION:{_text('Open Rendezvous and press Start to join the call.')}",
        f"URL:{call_page}",
        f"SEQUENCE:{(booking.moved_from is not None) + (booking.cancelled_at is not None)}",
        f"STATUS:{_STATUSES.get(booking.status, 'CONFIRMED')}",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_text(f'Session with {other}')}",
        "TRIGGER:-PT15M",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(_folded(line) for line in lines)


def _utc(instant: datetime) -> str:
    return f"{instant:%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    """RFC 5545, 3.3.11."""
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "")


def _folded(line: str) -> bytes:
    """At most 75 octets a line, never within a character (RFC 5545, 3.1)."""
    parts, part = [], b""
    for letter in line:
        octets = letter.encode()
        if len(part) + len(octets) > _LINE_OCTETS:
            parts.append(part)
            part = b" "
        part += octets
    return b"\r\n".join([*parts, part]) + b"\r\n"
