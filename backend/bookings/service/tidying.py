"""What the worker writes down when time has passed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.bookings import repository


def note_room_closed(session: Session, booking_id: UUID, now: datetime) -> None:
    """The booking's room is deleted; nothing is left to close."""
    booking = repository.locked_booking(session, booking_id)
    if booking is not None and booking.room_closed_at is None:
        booking.room_closed_at = now
        session.flush()
