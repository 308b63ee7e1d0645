"""What a professional sends after a session, once. Sessions are the caller's and nothing here commits."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.auth.rules import Account
from backend.bookings import repository as bookings
from backend.bookings.rules import BookingStatus, status_at
from backend.bookings.service import news
from backend.calls.rules.notes import FollowUpSent, check_may_follow_up
from backend.calls.schemas import FollowUpAnswer, FollowUpFileAnswer, SentFollowUpAnswer
from backend.calls.service.follow_up_files import files_of, send_files
from backend.calls.tables import FollowUpRow
from backend.kit.errors import NotFound


def follow_up_of(session: Session, account: Account, booking_id: UUID) -> SentFollowUpAnswer:
    """For either of the two; before it is sent its professional sees the files that are there already. NotFound."""
    booking = bookings.booking_of(session, booking_id, account.id)
    if booking is None:
        raise NotFound
    return _answer(session, booking_id, to_its_professional=booking.professional_id == account.id)


def send(
    session: Session, professional: Account, booking_id: UUID, text: str, file_ids: Sequence[UUID], now: datetime
) -> SentFollowUpAnswer:
    """Keeps it and has the user told. Sending the same again changes nothing.

    NotFound, SessionCancelled, NotPaid, SessionNotOver, SessionOver, FollowUpSent, FileMissing.
    """
    if bookings.booking_of(session, booking_id, professional.id) is None:
        raise NotFound
    booking = bookings.locked_booking(session, booking_id)  # two devices of one person queue here
    if booking is None:
        raise NotFound
    row = session.get(FollowUpRow, booking_id)
    if row is None:
        check_may_follow_up(
            status_at(BookingStatus(booking.status), booking.hold_expires_at, now), booking.ends_at, now
        )
        send_files(session, booking_id, file_ids, now)
        session.add(FollowUpRow(booking_id=booking_id, account_id=professional.id, text=text, sent_at=now))
        session.flush()
        news.follow_up_sent(session, booking, len(set(file_ids)), now)
    elif row.text != text or {each.id for each in files_of(session, booking_id)} != set(file_ids):
        raise FollowUpSent
    return _answer(session, booking_id, to_its_professional=True)


def _answer(session: Session, booking_id: UUID, *, to_its_professional: bool) -> SentFollowUpAnswer:
    row = session.get(FollowUpRow, booking_id)
    files = [FollowUpFileAnswer.model_validate(each) for each in files_of(session, booking_id)]
    if row is None:
        return SentFollowUpAnswer(follow_up=None, unsent=files if to_its_professional else [])
    return SentFollowUpAnswer(follow_up=FollowUpAnswer(text=row.text, sent_at=row.sent_at, files=files), unsent=[])
