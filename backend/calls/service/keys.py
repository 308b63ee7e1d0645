"""The key that encrypts a session's call from end to end. Sessions are the caller's and nothing here commits.

It goes to the two people beside their tokens, never in one: the media server reads those. It is never logged.
"""

import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.bookings import repository as bookings
from backend.calls.tables import CallKeyRow
from backend.kit.errors import NotFound

KEY_BYTES = 32


def call_key(session: Session, booking_id: UUID, closes_at: datetime, now: datetime) -> str:
    """The session's key, the same for both and for each of their devices until the room closes; made for whoever comes
    first. NotFound.
    """
    if bookings.locked_booking(session, booking_id) is None:  # two who come at once queue here
        raise NotFound
    row = session.get(CallKeyRow, booking_id)
    if row is not None and now < row.expires_at:
        return row.key
    key = secrets.token_urlsafe(KEY_BYTES)
    if row is None:
        session.add(CallKeyRow(booking_id=booking_id, key=key, expires_at=closes_at))
    else:
        row.key, row.expires_at = key, closes_at
    session.flush()
    return key


def kept_key(session: Session, booking_id: UUID) -> str | None:
    """The session's key, if there is one now."""
    return session.scalar(select(CallKeyRow.key).where(CallKeyRow.booking_id == booking_id))


def forget_call_key(session: Session, booking_id: UUID) -> None:
    """The room is closed."""
    session.execute(delete(CallKeyRow).where(CallKeyRow.booking_id == booking_id))
