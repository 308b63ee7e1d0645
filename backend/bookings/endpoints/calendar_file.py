"""A session as a file for any calendar."""

from typing import Any, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Request, Response

from backend.auth.access import CurrentAccount
from backend.auth.rules import NotSignedIn, Role
from backend.bookings import repository
from backend.bookings.access import TermsDep
from backend.bookings.rules import BookingStatus
from backend.bookings.rules.calendar import calendar_sequence
from backend.bookings.service.showing import booking_answer
from backend.kit.calendar_event import CalendarEvent, calendar_file
from backend.kit.errors import NotFound, error_responses
from backend.kit.http import DatabaseDep, NowDep
from backend.settings import Settings

router = APIRouter(tags=["sessions"])

_STATUSES: dict[BookingStatus, Literal["TENTATIVE", "CANCELLED"]] = {
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
    responses={**_FILE, **error_responses(NotSignedIn, NotFound)},
)
def session_calendar(
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
        event = CalendarEvent(
            booking_id=answer.id,
            starts_at=answer.starts_at,
            ends_at=answer.ends_at,
            other=other,
            sequence=sequence,
            status=_STATUSES.get(answer.status, "CONFIRMED"),
        )
        return Response(
            calendar_file(event, public_url, now),
            media_type="text/calendar",
            headers={"Content-Disposition": 'attachment; filename="session.ics"'},
        )
