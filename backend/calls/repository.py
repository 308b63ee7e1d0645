"""The evidence of who was in which room."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from backend.availability.rules import MAX_LENGTH
from backend.bookings.tables import CONFIRMED, BookingRow
from backend.calls.tables import CallQualityRow, LiveKitEventRow, StayRow, WatchRow


def sessions_running(session: Session, ends_from: datetime, starts_until: datetime) -> Sequence[UUID]:
    """Confirmed sessions that begin by `starts_until` and do not end before `ends_from`; all of them."""
    query = select(BookingRow.id).where(
        text(CONFIRMED),
        BookingRow.ends_at >= ends_from,
        BookingRow.ends_at <= starts_until + MAX_LENGTH,  # no session is longer: those of next year are not read
        BookingRow.starts_at <= starts_until,
    )
    return session.scalars(query.order_by(BookingRow.ends_at)).all()


def stay(session: Session, participant_sid: str) -> StayRow | None:
    """One connection, if it has been seen."""
    return session.get(StayRow, participant_sid)


def stays_of(session: Session, booking_id: UUID) -> Sequence[StayRow]:
    """Everyone's connections to a session's room."""
    return session.scalars(select(StayRow).where(StayRow.booking_id == booking_id)).all()


def watches_of(session: Session, booking_id: UUID) -> Sequence[WatchRow]:
    """When the session's room was looked at."""
    return session.scalars(select(WatchRow).where(WatchRow.booking_id == booking_id)).all()


def last_watch(session: Session, booking_id: UUID) -> WatchRow | None:
    """The stretch of looking that a new look may go on with."""
    query = select(WatchRow).where(WatchRow.booking_id == booking_id)
    return session.scalar(query.order_by(WatchRow.until_at.desc()).limit(1))


def event_known(session: Session, event_id: str) -> bool:
    """Whether this webhook has been taken in."""
    return session.get(LiveKitEventRow, event_id) is not None


def forget_events(session: Session, received_before: datetime) -> None:
    """Old webhooks come no more, so their names need not be kept."""
    session.execute(delete(LiveKitEventRow).where(LiveKitEventRow.received_at < received_before))


def quality_by(session: Session, booking_id: UUID, role: str) -> CallQualityRow | None:
    """What one person's app said of the call."""
    return session.get(CallQualityRow, (booking_id, role))


def quality_of(session: Session, booking_id: UUID) -> Sequence[CallQualityRow]:
    """What either's app said of the call."""
    return session.scalars(select(CallQualityRow).where(CallQualityRow.booking_id == booking_id)).all()
