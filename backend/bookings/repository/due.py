"""What the worker has to do now, and since when the oldest of it waits: each answered from a short partial index."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select, text
from sqlalchemy.orm import Session

from backend.availability.rules import MAX_LENGTH
from backend.bookings.rules import BookingStatus
from backend.bookings.tables import CHECKOUT_OPEN, CONFIRMED, HELD, BookingRow
from backend.mail.rules import REMIND, MailKind
from backend.mail.tables import MailRow

# A payment usually reports itself; one that is still open after this is asked about.
ASK_AFTER = timedelta(seconds=30)
# Who takes a checkout to ask the provider about it keeps every other worker from it for this long.
CHECKOUT_LEASE = timedelta(minutes=1)
# What is still open then is asked about again only after this.
ASK_AGAIN_AFTER = timedelta(seconds=20)
_ONCE_CONFIRMED = [BookingStatus.CONFIRMED.value, BookingStatus.COMPLETED.value, BookingStatus.NO_SHOW.value]


def oldest_overdue_hold(session: Session, now: datetime) -> datetime | None:
    """When the first hold ran out that is still held."""
    query = select(BookingRow.hold_expires_at).where(text(HELD), BookingRow.hold_expires_at <= now)
    return session.scalar(query.order_by(BookingRow.hold_expires_at).limit(1))


def checkouts(session: Session, gateway: str, now: datetime, limit: int) -> Sequence[UUID]:
    """Bookings whose checkout is to be asked about, the oldest first: those that are no longer held, and holds made
    some time ago; not those that another worker is asking about.
    """
    query = select(BookingRow.id).where(_checkout_due(gateway, now))
    return session.scalars(query.order_by(BookingRow.created_at).limit(limit)).all()


def oldest_checkout(session: Session, gateway: str, now: datetime) -> datetime | None:
    """When the oldest of them was made."""
    query = select(BookingRow.created_at).where(_checkout_due(gateway, now))
    return session.scalar(query.order_by(BookingRow.created_at).limit(1))


def claimed_checkout(session: Session, booking_id: UUID, gateway: str, now: datetime) -> BookingRow | None:
    """Leases a checkout to this worker and returns its booking; None if it is not due or another worker has it."""
    query = select(BookingRow).where(BookingRow.id == booking_id, _checkout_due(gateway, now))
    booking = session.scalar(query.with_for_update(skip_locked=True).execution_options(populate_existing=True))
    if booking is not None:
        booking.checkout_leased_until = now + CHECKOUT_LEASE
        session.flush()
    return booking


def lease_checkout(session: Session, booking_id: UUID, until: datetime | None) -> None:
    """Nobody asks about the checkout before `until`; None: the next worker may."""
    booking = session.get(BookingRow, booking_id, with_for_update=True, populate_existing=True)
    if booking is not None:
        booking.checkout_leased_until = until
        session.flush()


def _checkout_due(gateway: str, now: datetime) -> ColumnElement[bool]:
    leased = BookingRow.checkout_leased_until
    return and_(
        text(CHECKOUT_OPEN),
        BookingRow.gateway == gateway,
        or_(BookingRow.status != BookingStatus.HELD.value, BookingRow.created_at <= now - ASK_AFTER),
        or_(leased.is_(None), leased <= now),
    )


def oldest_ended(session: Session, ended_before: datetime) -> datetime | None:
    """When the first booking ended that is still confirmed."""
    query = select(BookingRow.ends_at).where(text(CONFIRMED), BookingRow.ends_at <= ended_before)
    return session.scalar(query.order_by(BookingRow.ends_at).limit(1))


def to_remind_of(session: Session, kind: MailKind, now: datetime, limit: int) -> Sequence[UUID]:
    """Confirmed bookings whose reminder is due, and was not put into the outbox yet, the next first."""
    before, too_late = REMIND[kind]
    told = exists().where(
        MailRow.about == BookingRow.id, MailRow.kind == kind.value, MailRow.version == BookingRow.moves
    )
    query = select(BookingRow.id).where(
        text(CONFIRMED),
        BookingRow.ends_at > now + too_late,  # as the index has it; nothing lasts longer than MAX_LENGTH
        BookingRow.ends_at <= now + before + MAX_LENGTH,
        BookingRow.starts_at > now + too_late,
        BookingRow.starts_at <= now + before,
        ~told,
    )
    return session.scalars(query.order_by(BookingRow.ends_at).limit(limit)).all()


def locked_for_reminder(session: Session, booking_id: UUID) -> BookingRow | None:
    """The booking, nobody else's to change until the transaction ends; None if it is not confirmed any more."""
    query = select(BookingRow).where(BookingRow.id == booking_id, text(CONFIRMED)).with_for_update()
    return session.scalar(query.execution_options(populate_existing=True))


def rooms_to_close(session: Session, ended_before: datetime, limit: int) -> Sequence[UUID]:
    """Once confirmed bookings whose room has to go: cancelled, or ended by `ended_before`."""
    left = select(BookingRow.id).where(BookingRow.room_closed_at.is_(None), BookingRow.confirmed_at.is_not(None))
    over = left.where(BookingRow.status.in_(_ONCE_CONFIRMED), BookingRow.ends_at <= ended_before)
    cancelled = left.where(BookingRow.status == BookingStatus.CANCELLED.value)
    return [row for query in (over, cancelled) for row in session.scalars(query.limit(limit))]


def oldest_room(session: Session, ended_before: datetime) -> datetime | None:
    """When the first booking ended whose room is still to be closed."""
    left = and_(BookingRow.room_closed_at.is_(None), BookingRow.confirmed_at.is_not(None))
    ends = [
        session.scalar(
            select(BookingRow.ends_at)
            .where(left, BookingRow.status == status, BookingRow.ends_at <= ended_before)
            .order_by(BookingRow.ends_at)
            .limit(1)
        )
        for status in _ONCE_CONFIRMED
    ]
    return min((each for each in ends if each is not None), default=None)
