"""What the two people of a booking are told by mail. Each mail is put into the outbox in the transaction that changes
the booking, so that it is sent if the change is there, and only then.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.auth.repository import reader_of
from backend.auth.rules import Role
from backend.bookings.repository import due
from backend.bookings.rules import BookingStatus
from backend.bookings.rules.calendar import calendar_sequence
from backend.bookings.tables import BookingRow
from backend.mail.repository import drop_reminders, enqueue, last_told
from backend.mail.rules import REMIND, MailKind
from backend.mail.rules.facts import FollowUpFacts, Reader, RefundFacts, SessionFacts
from backend.payments.tables import RefundRow


def booking_confirmed(session: Session, booking: BookingRow, now: datetime) -> None:
    """The booking is paid: a confirmation to the user, a new booking to the professional."""
    user, professional = _people(session, booking)
    enqueue(session, MailKind.BOOKED, user, _session(booking, professional), now, about=booking.id)
    enqueue(session, MailKind.NEW_BOOKING, professional, _session(booking, user), now, about=booking.id)


def booking_moved(session: Session, booking: BookingRow, now: datetime) -> None:
    """The booking has a new time: both are told, and reminders of the old one are not sent any more."""
    drop_reminders(session, booking.id, now)
    for reader, other in _both(session, booking):
        enqueue(session, MailKind.MOVED, reader, _session(booking, other), now, about=booking.id, version=booking.moves)


def booking_cancelled(session: Session, booking: BookingRow, refund_minor: int, now: datetime) -> None:
    """The booking is cancelled: both are told what goes back. `cancelled_by` is None if no one of the two did it."""
    drop_reminders(session, booking.id, now)
    by = Role(booking.cancelled_by).value if booking.cancelled_by else None
    for reader, other in _both(session, booking):
        facts = _session(booking, other).model_copy(update={"refund_minor": refund_minor, "by": by})
        enqueue(session, MailKind.CANCELLED, reader, facts, now, about=booking.id)


def refund_settled(session: Session, refund: RefundRow, *, done: bool, now: datetime) -> None:
    """A refund is done, or its first attempt has failed: that it is tried again is said once."""
    booking = session.get(BookingRow, refund.booking_id)
    if booking is None:
        return
    user, professional = _people(session, booking)
    facts = RefundFacts(
        booking_id=booking.id,
        other=professional.name,
        starts_at=booking.starts_at,
        refund_minor=refund.amount_minor,
        done=done,
    )
    version = refund.attempt if done else 0
    enqueue(session, MailKind.REFUND, user, facts, now, about=booking.id, version=version)


def follow_up_sent(session: Session, booking: BookingRow, files: int, now: datetime) -> None:
    """The professional sent something after the session: the user is told that it is there, and with how many files."""
    user, professional = _people(session, booking)
    facts = FollowUpFacts(booking_id=booking.id, other=professional.name, starts_at=booking.starts_at, files=files)
    enqueue(session, MailKind.FOLLOW_UP, user, facts, now, about=booking.id)


def remind(session: Session, kind: MailKind, booking_id: UUID, now: datetime) -> None:
    """Reminds both of a booking, unless it is no longer to come by now.

    Who was told of its time when the reminder was due already needs none: that is written down, as a dropped mail.
    """
    booking = due.locked_for_reminder(session, booking_id)
    before, too_late = REMIND[kind]
    if booking is None or not too_late < booking.starts_at - now <= before:
        return
    told_at = last_told(session, booking.id) or booking.confirmed_at
    for reader, other in _both(session, booking):
        enqueue(
            session,
            kind,
            reader,
            _session(booking, other),
            now,
            about=booking.id,
            version=booking.moves,
            not_after=booking.starts_at - too_late,
            dropped=told_at is not None and told_at > booking.starts_at - before,
        )


def _people(session: Session, booking: BookingRow) -> tuple[Reader, Reader]:
    return reader_of(session, booking.user_id), reader_of(session, booking.professional_id)


def _both(session: Session, booking: BookingRow) -> tuple[tuple[Reader, Reader], tuple[Reader, Reader]]:
    """Each with the other."""
    user, professional = _people(session, booking)
    return (user, professional), (professional, user)


def _session(booking: BookingRow, other: Reader) -> SessionFacts:
    return SessionFacts(
        booking_id=booking.id,
        other=other.name,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        price_minor=booking.price_minor,
        sequence=calendar_sequence(
            BookingStatus(booking.status), booking.moves, confirmed=booking.confirmed_at is not None
        ),
        moved_from=booking.moved_from,
    )
