"""The messages of a session, kept for its two people. Sessions are the caller's and nothing here commits."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from backend.auth.rules import Account
from backend.bookings import repository as bookings
from backend.bookings.rules import BookingStatus, Terms, join_window, status_at
from backend.calls.rules.messages import MOST_OF_ONE, TooManyMessages, believed
from backend.calls.rules.quality import check_took_place
from backend.calls.schemas import NewMessage
from backend.calls.tables import CallMessageRow
from backend.kit.errors import NotFound


def keep(
    session: Session, account: Account, booking_id: UUID, new: Sequence[NewMessage], terms: Terms, now: datetime
) -> None:
    """Keeps what one of the two wrote; a message that is kept already stays as it was.

    NotFound, SessionCancelled, NotPaid, TooEarlyToStart, SessionOver, TooManyMessages.
    """
    booking = bookings.locked_booking(session, booking_id) if _is_theirs(session, account, booking_id) else None
    if booking is None:
        raise NotFound
    window = join_window(booking.starts_at, booking.ends_at, terms)
    check_took_place(status_at(BookingStatus(booking.status), booking.hold_expires_at, now), window, now)
    by_id = {message.id: message for message in new}
    known = session.scalars(
        select(CallMessageRow.id).where(CallMessageRow.booking_id == booking_id, CallMessageRow.id.in_(by_id))
    ).all()
    own = (CallMessageRow.booking_id == booking_id, CallMessageRow.account_id == account.id)
    kept = session.scalar(select(func.count()).select_from(CallMessageRow).where(*own)) or 0
    added = [message for message_id, message in by_id.items() if message_id not in known]
    if kept + len(added) > MOST_OF_ONE:
        raise TooManyMessages
    session.add_all(
        CallMessageRow(
            booking_id=booking_id,
            id=message.id,
            account_id=account.id,
            role=account.role.value,
            text=message.text,
            sent_at=believed(message.sent_at, window, now),
        )
        for message in added
    )
    session.flush()


def kept_of(session: Session, account: Account, booking_id: UUID) -> Sequence[CallMessageRow]:
    """All that is kept, in the order in which it was sent; NotFound."""
    if not _is_theirs(session, account, booking_id):
        raise NotFound
    query = select(CallMessageRow).where(CallMessageRow.booking_id == booking_id)
    return session.scalars(query.order_by(CallMessageRow.sent_at, CallMessageRow.id)).all()


def delete_all(session: Session, account: Account, booking_id: UUID) -> None:
    """By either of the two, for both; NotFound."""
    if not _is_theirs(session, account, booking_id):
        raise NotFound
    session.execute(delete(CallMessageRow).where(CallMessageRow.booking_id == booking_id))


def _is_theirs(session: Session, account: Account, booking_id: UUID) -> bool:
    return bookings.booking_of(session, booking_id, account.id) is not None
