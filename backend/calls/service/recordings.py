"""Who asked to record a session's call and who agreed. Sessions are the caller's and nothing here commits."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.auth.rules import Account
from backend.bookings import repository as bookings
from backend.bookings.rules import BookingStatus, Terms, join_window, status_at
from backend.calls.rules.messages import believed
from backend.calls.rules.quality import check_took_place
from backend.calls.rules.recordings import (
    ANSWERS,
    MOST_OF_A_SESSION,
    TIME_OF,
    NotYourRecording,
    TooManyRecordings,
    asker,
    check_may_record,
)
from backend.calls.schemas import NoteRecording
from backend.calls.tables import RecordingRow
from backend.kit.errors import NotFound


def note(
    session: Session, account: Account, booking_id: UUID, said: NoteRecording, terms: Terms, now: datetime
) -> None:
    """Keeps one act of this person, in whatever order the two devices tell theirs. What is known already stays as it
    was first told.

    NotFound, SessionCancelled, NotPaid, TooEarlyToStart, SessionOver, NotYourRecording, TooManyRecordings.
    """
    theirs = bookings.booking_of(session, booking_id, account.id) is not None
    booking = bookings.locked_booking(session, booking_id) if theirs else None
    if booking is None:
        raise NotFound
    window = join_window(booking.starts_at, booking.ends_at, terms)
    check_took_place(status_at(BookingStatus(booking.status), booking.hold_expires_at, now), window, now)
    asked_by = asker(said.event, account.role).value
    row = session.get(RecordingRow, (booking_id, said.ask_id))
    if row is None:
        row = _new(session, booking_id, said.ask_id, asked_by, now)
    elif row.asked_by != asked_by:
        raise NotYourRecording
    column = TIME_OF[said.event]
    if getattr(row, column) is None:
        setattr(row, column, believed(said.at, window, now))
        if said.event in ANSWERS:
            row.answer = said.event.value
    session.flush()


def _new(session: Session, booking_id: UUID, ask_id: UUID, asked_by: str, now: datetime) -> RecordingRow:
    kept = session.scalar(select(func.count()).select_from(RecordingRow).where(RecordingRow.booking_id == booking_id))
    if (kept or 0) >= MOST_OF_A_SESSION:
        raise TooManyRecordings
    row = RecordingRow(booking_id=booking_id, ask_id=ask_id, asked_by=asked_by, first_told_at=now)
    session.add(row)
    return row


def recordings_of(session: Session, account: Account, booking_id: UUID) -> Sequence[RecordingRow]:
    """All that was asked, in order; NotFound."""
    if bookings.booking_of(session, booking_id, account.id) is None:
        raise NotFound
    query = select(RecordingRow).where(RecordingRow.booking_id == booking_id)
    rows = session.scalars(query).all()
    return sorted(rows, key=lambda row: (row.asked_at or row.first_told_at, row.ask_id))


def check_asker(session: Session, account: Account, booking_id: UUID, ask_id: UUID) -> None:
    """Whether this person may have it recorded now; NotFound, NotYourRecording, NotAgreed."""
    if bookings.booking_of(session, booking_id, account.id) is None:
        raise NotFound
    row = session.get(RecordingRow, (booking_id, ask_id))
    if row is None:
        raise NotFound
    if row.asked_by != account.role.value:
        raise NotYourRecording
    check_may_record(row.answer, withdrawn=row.withdrawn_at is not None, ended=row.ended_at is not None)
