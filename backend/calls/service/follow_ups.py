"""What the professional sends after a session, once. Sessions are the caller's and nothing here commits."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.auth.rules import Account
from backend.bookings import repository as bookings
from backend.bookings.rules import BookingStatus, status_at
from backend.bookings.service import news
from backend.calls.rules.notes import FollowUpSent, check_may_follow_up
from backend.calls.schemas import FollowUpAnswer
from backend.calls.tables import FollowUpRow
from backend.kit.errors import NotFound


def follow_up_of(session: Session, account: Account, booking_id: UUID) -> FollowUpAnswer | None:
    """For either of the two; None while there is none. NotFound."""
    if bookings.booking_of(session, booking_id, account.id) is None:
        raise NotFound
    row = session.get(FollowUpRow, booking_id)
    return None if row is None else FollowUpAnswer.model_validate(row)


def send(session: Session, professional: Account, booking_id: UUID, text: str, now: datetime) -> FollowUpAnswer:
    """Keeps it and has the user told. Sending the same again changes nothing.

    NotFound, SessionCancelled, NotPaid, SessionNotOver, SessionOver, FollowUpSent.
    """
    if bookings.booking_of(session, booking_id, professional.id) is None:
        raise NotFound
    booking = bookings.locked_booking(session, booking_id)  # two devices of one person queue here
    if booking is None:
        raise NotFound
    row = session.get(FollowUpRow, booking_id)
    if row is not None and row.text != text:
        raise FollowUpSent
    if row is None:
        check_may_follow_up(
            status_at(BookingStatus(booking.status), booking.hold_expires_at, now), booking.ends_at, now
        )
        row = FollowUpRow(booking_id=booking_id, account_id=professional.id, text=text, sent_at=now)
        session.add(row)
        session.flush()
        news.follow_up_sent(session, booking, now)
    return FollowUpAnswer.model_validate(row)
