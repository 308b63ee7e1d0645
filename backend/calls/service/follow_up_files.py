"""The files of a follow-up, from their upload to being sent. Sessions are the caller's and nothing here commits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, delete, func, insert, select
from sqlalchemy.orm import Session

from backend.auth import repository as accounts
from backend.auth.rules import Account
from backend.bookings import repository as bookings
from backend.bookings.rules import BookingStatus, status_at
from backend.bookings.tables import BookingRow
from backend.calls.rules.files import MOST_FILES, ROOM_FOR_FILES, FileIdTaken, FileMissing, FilesFull, TooManyFiles
from backend.calls.rules.notes import FollowUpSent, check_may_follow_up
from backend.calls.schemas import FollowUpFileAnswer
from backend.calls.tables import FollowUpFileRow, FollowUpPieceRow, FollowUpRow
from backend.kit.errors import NotFound


@dataclass(frozen=True)
class Upload:
    """A file that has arrived whole; `digest` is SHA-256. `pieces` is read once."""

    id: UUID
    name: str = field(repr=False)
    size: int
    digest: bytes = field(repr=False)
    pieces: Iterable[bytes] = field(repr=False)


def check_may_attach(session: Session, professional: Account, booking_id: UUID, file_id: UUID, now: datetime) -> None:
    """Whether a file may come, before anything of it is read; the same as `attach` raises."""
    booking = bookings.booking_of(session, booking_id, professional.id)
    if booking is None:
        raise NotFound
    if session.get(FollowUpFileRow, (booking_id, file_id)) is None:
        _check_room(session, booking, 0, now)


def attach(
    session: Session, professional: Account, booking_id: UUID, upload: Upload, now: datetime
) -> FollowUpFileAnswer:
    """Keeps a file for the follow-up. The same file under the same id changes nothing.

    NotFound, SessionCancelled, NotPaid, SessionNotOver, SessionOver, FollowUpSent, FileIdTaken, TooManyFiles,
    FilesFull.
    """
    if bookings.booking_of(session, booking_id, professional.id) is None:
        raise NotFound
    accounts.lock_account(session, professional.id)  # what all their files hold is counted
    booking = bookings.locked_booking(session, booking_id)  # sending waits, or has been
    if booking is None:
        raise NotFound
    known = session.get(FollowUpFileRow, (booking_id, upload.id))
    if known is not None:
        if (known.name, known.size, known.digest) != (upload.name, upload.size, upload.digest):
            raise FileIdTaken
        return FollowUpFileAnswer.model_validate(known)
    last = _check_room(session, booking, upload.size, now)
    row = FollowUpFileRow(
        booking_id=booking_id,
        id=upload.id,
        account_id=professional.id,
        position=last + 1,
        name=upload.name,
        size=upload.size,
        digest=upload.digest,
        created_at=now,
    )
    session.add(row)
    session.flush()
    for number, content in enumerate(upload.pieces):
        piece = {"booking_id": booking_id, "file_id": upload.id, "number": number, "content": content}
        session.execute(insert(FollowUpPieceRow), piece)
    return FollowUpFileAnswer.model_validate(row)


def _check_room(session: Session, booking: BookingRow, size: int, now: datetime) -> int:
    """Raises what keeps one more file out; answers the last position."""
    if session.get(FollowUpRow, booking.id) is not None:
        raise FollowUpSent
    check_may_follow_up(status_at(BookingStatus(booking.status), booking.hold_expires_at, now), booking.ends_at, now)
    of_this = select(func.count(), func.coalesce(func.max(FollowUpFileRow.position), 0))
    many, last = session.execute(of_this.where(FollowUpFileRow.booking_id == booking.id)).one()
    if many >= MOST_FILES:
        raise TooManyFiles
    held = select(func.coalesce(func.sum(FollowUpFileRow.size), 0))
    if session.scalars(held.where(FollowUpFileRow.account_id == booking.professional_id)).one() + size > ROOM_FOR_FILES:
        raise FilesFull
    return int(last)


def detach(session: Session, professional: Account, booking_id: UUID, file_id: UUID) -> None:
    """Removes a file that is not sent; one that is not there is removed already. NotFound, FollowUpSent."""
    if bookings.booking_of(session, booking_id, professional.id) is None:
        raise NotFound
    bookings.locked_booking(session, booking_id)
    row = session.get(FollowUpFileRow, (booking_id, file_id))
    if row is None:
        return
    if row.sent_at is not None:
        raise FollowUpSent
    session.delete(row)


def send_files(session: Session, booking_id: UUID, file_ids: Sequence[UUID], now: datetime) -> None:
    """Those go with the follow-up, and others that were uploaded are deleted. The booking is locked. FileMissing."""
    wanted = set(file_ids)
    rows = session.scalars(_files_of(booking_id).with_for_update()).all()  # retention may be at them
    if wanted - {row.id for row in rows}:
        raise FileMissing
    for row in rows:
        if row.id in wanted:
            row.sent_at = now
    unsent = FollowUpFileRow.booking_id == booking_id, FollowUpFileRow.sent_at.is_(None)
    session.flush()
    session.execute(delete(FollowUpFileRow).where(*unsent), execution_options={"synchronize_session": False})


def files_of(session: Session, booking_id: UUID) -> Sequence[FollowUpFileRow]:
    """All of a session's follow-up, in the order in which they came."""
    return session.scalars(_files_of(booking_id)).all()


def _files_of(booking_id: UUID) -> Select[FollowUpFileRow]:
    return select(FollowUpFileRow).where(FollowUpFileRow.booking_id == booking_id).order_by(FollowUpFileRow.position)


def file_for(session: Session, account: Account, booking_id: UUID, file_id: UUID) -> FollowUpFileRow:
    """For either of the two, and for its professional also before it is sent. NotFound."""
    booking = bookings.booking_of(session, booking_id, account.id)
    row = session.get(FollowUpFileRow, (booking_id, file_id)) if booking is not None else None
    if booking is None or row is None or (row.sent_at is None and booking.professional_id != account.id):
        raise NotFound
    return row


def piece_of(session: Session, booking_id: UUID, file_id: UUID, number: int) -> bytes | None:
    """A piece of the content; None when the file was deleted meanwhile."""
    query = select(FollowUpPieceRow.content).where(
        FollowUpPieceRow.booking_id == booking_id,
        FollowUpPieceRow.file_id == file_id,
        FollowUpPieceRow.number == number,
    )
    return session.scalar(query)
