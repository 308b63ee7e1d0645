"""One's own notes of a session, kept for their author alone. Sessions are the caller's and nothing here commits."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.auth.rules import Account
from backend.bookings import repository as bookings
from backend.bookings.rules import BookingStatus, status_at
from backend.calls.rules.notes import NoteChanged, check_may_note
from backend.calls.schemas import NoteAnswer, SaveNote
from backend.calls.tables import PrivateNoteRow
from backend.kit.errors import NotFound

NOTHING = NoteAnswer(text="", version=0, updated_at=None)


def note_of(session: Session, account: Account, booking_id: UUID) -> NoteAnswer:
    """This person's; NotFound."""
    if bookings.booking_of(session, booking_id, account.id) is None:
        raise NotFound
    return _told(session.get(PrivateNoteRow, (booking_id, account.id)))


def save(session: Session, account: Account, booking_id: UUID, wanted: SaveNote, now: datetime) -> NoteAnswer:
    """Takes the text if it was written over what is kept; what is kept already may come again.

    NotFound, NotPaid, NoteChanged.
    """
    if bookings.booking_of(session, booking_id, account.id) is None:
        raise NotFound
    booking = bookings.locked_booking(session, booking_id)  # two devices of one person queue here
    if booking is None:
        raise NotFound
    check_may_note(status_at(BookingStatus(booking.status), booking.hold_expires_at, now), booking.confirmed_at)
    row = session.get(PrivateNoteRow, (booking_id, account.id))
    known = _told(row)
    if wanted.text == known.text:
        return known
    if wanted.version != known.version:
        raise NoteChanged(known.model_dump(mode="json"))
    if row is None:
        row = PrivateNoteRow(booking_id=booking_id, account_id=account.id, version=0)
        session.add(row)
    row.text, row.version, row.updated_at = wanted.text, row.version + 1, now
    session.flush()
    return _told(row)


def _told(row: PrivateNoteRow | None) -> NoteAnswer:
    return NOTHING if row is None else NoteAnswer.model_validate(row)
