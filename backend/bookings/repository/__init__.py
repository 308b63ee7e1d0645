"""Bookings in the database. `lists` has what people read page by page, `slots` what is free, `due` what waits for
the worker."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select, text
from sqlalchemy.orm import Session

from backend.auth import repository as accounts
from backend.auth.tables import AccountRow
from backend.availability.rules import MAX_LENGTH
from backend.availability.tables import SlotRow
from backend.bookings.rules import ACTIVE, OCCUPYING, BookingStatus
from backend.bookings.rules.earnings import Revenue
from backend.bookings.tables import (
    CONFIRMED,
    HELD,
    NOT_STANDING,
    OCCUPIED,
    BookingRow,
    IdempotencyKeyRow,
)
from backend.payments.tables import PaymentRow, PayoutRow


def _in_force(statuses: Iterable[BookingStatus], now: datetime) -> ColumnElement[bool]:
    """Bookings with one of these statuses, of the held ones those whose hold is not over at `now`."""
    lasting = [status.value for status in statuses if status is not BookingStatus.HELD]
    held = and_(BookingRow.status == BookingStatus.HELD.value, BookingRow.hold_expires_at > now)
    return or_(BookingRow.status.in_(lasting), held)


def locked_slot(session: Session, slot_id: UUID) -> SlotRow | None:
    """The slot, withdrawn or not, nobody else's to change until the transaction ends."""
    return session.get(SlotRow, slot_id, with_for_update=True, populate_existing=True)


def lock_user(session: Session, user_id: UUID) -> None:
    """Makes this user's requests to book wait for each other, as their number and times are checked together."""
    accounts.lock_account(session, user_id)


def locked_booking(session: Session, booking_id: UUID) -> BookingRow | None:
    """The booking as it is now, nobody else's to change until the transaction ends."""
    return session.get(BookingRow, booking_id, with_for_update=True, populate_existing=True)


def locked_with_its_slot(session: Session, booking_id: UUID) -> BookingRow | None:
    """The booking, with everything locked that decides about it, in the order in which holding locks."""
    seen = session.get(BookingRow, booking_id)
    if seen is None:
        return None
    lock_user(session, seen.user_id)
    session.refresh(seen)  # who moves it to another slot holds the user's lock too
    locked_slot(session, seen.slot_id)
    return locked_booking(session, booking_id)


def occupant(session: Session, slot_id: UUID, now: datetime) -> BookingRow | None:
    """The booking that keeps this slot from everyone else."""
    query = select(BookingRow).where(BookingRow.slot_id == slot_id, text(OCCUPIED), _in_force(OCCUPYING, now))
    return session.scalar(query)


def overdue_holds(
    session: Session, now: datetime, *, slot_id: UUID | None = None, limit: int = 100
) -> list[BookingRow]:
    """Holds that are over but still stand as held, locked; of one slot, or the oldest that nobody else is tidying."""
    query = select(BookingRow).where(text(HELD), BookingRow.hold_expires_at <= now)
    of_slot = query.where(BookingRow.slot_id == slot_id, text(OCCUPIED))
    query = of_slot if slot_id else query.order_by(BookingRow.hold_expires_at)
    locked = query.limit(limit).with_for_update(skip_locked=slot_id is None)
    return list(session.scalars(locked.execution_options(populate_existing=True)))


def ended_bookings(session: Session, now: datetime, limit: int = 100) -> list[BookingRow]:
    """Confirmed bookings whose time is over, locked, those that nobody else is tidying."""
    query = select(BookingRow).where(text(CONFIRMED), BookingRow.ends_at <= now)
    return list(session.scalars(query.order_by(BookingRow.ends_at).limit(limit).with_for_update(skip_locked=True)))


def active_at_this_time(
    session: Session, user_id: UUID, slot: SlotRow, now: datetime, *, besides: UUID | None = None
) -> BookingRow | None:
    """Another booking than `besides` that the user holds or has booked, which shares an instant with the slot."""
    query = select(BookingRow).where(
        BookingRow.user_id == user_id,
        BookingRow.starts_at < slot.ends_at,
        BookingRow.starts_at > slot.starts_at - MAX_LENGTH,  # what began before has ended by then
        BookingRow.ends_at > slot.starts_at,
        _in_force(ACTIVE, now),
    )
    if besides is not None:
        query = query.where(BookingRow.id != besides)
    return session.scalar(query.order_by(BookingRow.starts_at).limit(1))


def holds_of(session: Session, user_id: UUID, now: datetime) -> int:
    """How many slots the user holds at `now`."""
    of_user = select(func.count()).select_from(BookingRow).where(BookingRow.user_id == user_id, text(NOT_STANDING))
    return session.scalars(of_user.where(text(HELD), BookingRow.hold_expires_at > now)).one()


def booking_of(session: Session, booking_id: UUID, account_id: UUID) -> BookingRow | None:
    """The booking, to either of its two people; nobody else's to know of."""
    query = select(BookingRow).where(
        BookingRow.id == booking_id, or_(BookingRow.user_id == account_id, BookingRow.professional_id == account_id)
    )
    return session.scalar(query)


def names_of(session: Session, account_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Several people's names in one query."""
    query = select(AccountRow.id, AccountRow.name).where(AccountRow.id.in_(set(account_ids)))
    return {row_id: name for row_id, name in session.execute(query)}


def zone_of(session: Session, account_id: UUID) -> str:
    """A person's time zone."""
    return session.get_one(AccountRow, account_id).time_zone


def idempotency_key(session: Session, account_id: UUID, key: str, since: datetime) -> IdempotencyKeyRow | None:
    """What this account sent this key with. One from before `since` has expired: it is deleted, and may come again."""
    found = session.get(IdempotencyKeyRow, (account_id, key))
    if found is None or found.created_at > since:
        return found
    session.delete(found)
    session.flush()
    return None


def revenue(session: Session, professional_id: UUID, begins: Sequence[datetime], now: datetime) -> Iterator[Revenue]:
    """What was paid to a professional, by week and status, in one query.

    `begins`: where each week begins, and the end of the last. Week -1 is all before them, `len(begins) - 1` all after.
    """
    week = case(*((BookingRow.starts_at < begin, n - 1) for n, begin in enumerate(begins)), else_=len(begins) - 1)
    released = PayoutRow.released_at
    # What was transferred with the payment is upcoming until it is decided who came.
    upcoming = case(
        (PayoutRow.payment_id.is_(None), BookingRow.status == BookingStatus.CONFIRMED.value),
        else_=or_(released.is_(None), released > now),
    )
    query = (
        select(
            week,
            BookingRow.status,
            upcoming,
            func.sum(case((PaymentRow.pays, 1), else_=0)),
            func.sum(PaymentRow.amount_minor),
            func.sum(PaymentRow.back_minor),
            func.sum(PaymentRow.payee_minor),
        )
        .join(PaymentRow, PaymentRow.booking_id == BookingRow.id)
        .outerjoin(PayoutRow, PayoutRow.payment_id == PaymentRow.id)
        .where(BookingRow.professional_id == professional_id)
        .group_by(text("1"), BookingRow.status, text("3"))
    )
    for number, status, is_upcoming, *sums in session.execute(query):
        yield Revenue(number, BookingStatus(status), bool(is_upcoming), *(int(cents) for cents in sums))
