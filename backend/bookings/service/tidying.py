"""What the worker writes down when time has passed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.bookings import repository
from backend.bookings.rules import BookingEvent, BookingStatus, next_status


def complete_ended(session: Session, now: datetime) -> int:
    """Confirmed sessions whose time is over become completed, the oldest hundred; says how many."""
    ended = repository.ended_sessions(session, now)
    for booking in ended:
        booking.status = next_status(BookingStatus(booking.status), BookingEvent.ENDED).value
    session.flush()
    return len(ended)


def note_room_closed(session: Session, booking_id: UUID, now: datetime) -> None:
    """The session's room is deleted; nothing is left to close."""
    booking = repository.locked_booking(session, booking_id)
    if booking is not None and booking.room_closed_at is None:
        booking.room_closed_at = now
        session.flush()
