"""The evidence of who was in which room."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, or_, select, text
from sqlalchemy.orm import Session

from backend.availability.rules import MAX_LENGTH
from backend.bookings.tables import CONFIRMED, BookingRow
from backend.calls.tables import (
    OPEN,
    AttendanceDecisionRow,
    CallJoinRow,
    CallQualityRow,
    LiveKitEventRow,
    ObjectionRow,
    ObservationWindowRow,
    PresenceIntervalRow,
)


def bookings_running(session: Session, ends_from: datetime, starts_until: datetime) -> Sequence[UUID]:
    """Confirmed bookings that begin by `starts_until` and do not end before `ends_from`; all of them."""
    query = select(BookingRow.id).where(
        text(CONFIRMED),
        BookingRow.ends_at >= ends_from,
        BookingRow.ends_at <= starts_until + MAX_LENGTH,  # no booking is longer: those of next year are not read
        BookingRow.starts_at <= starts_until,
    )
    return session.scalars(query.order_by(BookingRow.ends_at)).all()


def presence_interval(session: Session, participant_sid: str) -> PresenceIntervalRow | None:
    """One connection, if it has been seen."""
    return session.get(PresenceIntervalRow, participant_sid)


def presence_intervals_of(session: Session, booking_id: UUID) -> Sequence[PresenceIntervalRow]:
    """Everyone's connections to a booking's room."""
    return session.scalars(select(PresenceIntervalRow).where(PresenceIntervalRow.booking_id == booking_id)).all()


def observation_windows_of(session: Session, booking_id: UUID) -> Sequence[ObservationWindowRow]:
    """When the participants of the booking's room were polled."""
    return session.scalars(select(ObservationWindowRow).where(ObservationWindowRow.booking_id == booking_id)).all()


def last_observation_window(session: Session, booking_id: UUID) -> ObservationWindowRow | None:
    """The window that a new poll may extend."""
    query = select(ObservationWindowRow).where(ObservationWindowRow.booking_id == booking_id)
    return session.scalar(query.order_by(ObservationWindowRow.until_at.desc()).limit(1))


_OBJECTED = exists().where(ObjectionRow.booking_id == AttendanceDecisionRow.booking_id)


def decision_of(session: Session, booking_id: UUID) -> AttendanceDecisionRow | None:
    """What was decided of a booking, once it is over."""
    return session.get(AttendanceDecisionRow, booking_id)


def objection_by(session: Session, booking_id: UUID, role: str) -> ObjectionRow | None:
    """What one of the two said went wrong."""
    return session.get(ObjectionRow, (booking_id, role))


def objections_of(session: Session, booking_id: UUID) -> Sequence[ObjectionRow]:
    """What either said went wrong, the first first."""
    query = select(ObjectionRow).where(ObjectionRow.booking_id == booking_id)
    return session.scalars(query.order_by(ObjectionRow.created_at)).all()


def decisions_to_end(session: Session, now: datetime, objected_before: datetime, limit: int) -> Sequence[UUID]:
    """Decisions that nobody may object to any more, and none has, or that nobody decided on since `objected_before`."""
    query = select(AttendanceDecisionRow.booking_id).where(
        text(OPEN),
        AttendanceDecisionRow.open_until <= now,
        or_(~_OBJECTED, AttendanceDecisionRow.open_until <= objected_before),
    )
    return session.scalars(query.order_by(AttendanceDecisionRow.open_until).limit(limit)).all()


def objections_waiting(session: Session) -> int:
    """How many decisions wait for an operator's."""
    return session.scalars(select(func.count()).select_from(AttendanceDecisionRow).where(text(OPEN), _OBJECTED)).one()


def event_known(session: Session, event_id: str) -> bool:
    """Whether this webhook has been taken in."""
    return session.get(LiveKitEventRow, event_id) is not None


def newest_join(session: Session, booking_id: UUID, role: str) -> CallJoinRow | None:
    """The last join of one person that was no rejoin."""
    return session.get(CallJoinRow, (booking_id, role))


def quality_by(session: Session, booking_id: UUID, role: str) -> CallQualityRow | None:
    """What one person's app said of the call."""
    return session.get(CallQualityRow, (booking_id, role))


def quality_of(session: Session, booking_id: UUID) -> Sequence[CallQualityRow]:
    """What either's app said of the call."""
    return session.scalars(select(CallQualityRow).where(CallQualityRow.booking_id == booking_id)).all()
