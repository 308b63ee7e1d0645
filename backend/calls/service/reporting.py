"""How a call ran, kept for its two people. Sessions are the caller's and nothing here commits."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.auth.rules import Account, Role
from backend.bookings import repository as bookings
from backend.bookings.rules import BookingStatus, Terms, join_window, status_at
from backend.calls import repository
from backend.calls.rules.quality import check_may_report, replaces
from backend.calls.schemas import QualityReportAnswer, ReportQuality, SessionQualityAnswer
from backend.calls.tables import CallQualityRow
from backend.kit.errors import NotFound


def report(
    session: Session, account: Account, booking_id: UUID, said: ReportQuality, terms: Terms, now: datetime
) -> SessionQualityAnswer:
    """Keeps what one of the two says of their call; the longest measured one stays. Says what is kept.

    NotFound, SessionCancelled, NotPaid, TooEarlyToStart, SessionOver, InvalidPayload.
    """
    if bookings.booking_of(session, booking_id, account.id) is None:
        raise NotFound
    booking = bookings.locked_booking(session, booking_id)  # two reports of one person queue here
    if booking is None:
        raise NotFound
    status = status_at(BookingStatus(booking.status), booking.hold_expires_at, now)
    check_may_report(status, join_window(booking.starts_at, booking.ends_at, terms), now, said.measured_s)
    row = repository.quality_by(session, booking_id, account.role.value)
    if replaces(row.measured_s if row else None, said.measured_s):
        if row is None:
            row = CallQualityRow(booking_id=booking_id, role=account.role.value)
            session.add(row)
        for name, value in said.model_dump(mode="json").items():
            setattr(row, name, value)
        row.reported_at = now
        session.flush()
    return _answer(session, booking_id)


def quality(session: Session, account: Account, booking_id: UUID) -> SessionQualityAnswer:
    """What both people's apps said of the call; NotFound."""
    if bookings.booking_of(session, booking_id, account.id) is None:
        raise NotFound
    return _answer(session, booking_id)


def _answer(session: Session, booking_id: UUID) -> SessionQualityAnswer:
    kept = {row.role: QualityReportAnswer.model_validate(row) for row in repository.quality_of(session, booking_id)}
    return SessionQualityAnswer(professional=kept.get(Role.PROFESSIONAL.value), user=kept.get(Role.USER.value))
