"""Bookings, and slots seen together with them, in the database."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, cast, func, or_, select, text
from sqlalchemy.orm import Session

from backend.auth import repository as accounts
from backend.auth.tables import AccountRow
from backend.availability.rules import SlotStatus
from backend.availability.tables import SlotRow
from backend.bookings.rules import ACTIVE, OCCUPYING, BookingStatus
from backend.bookings.rules.earnings import Takings
from backend.bookings.tables import BookingRow, IdempotencyKeyRow
from backend.kit.paging import PageRequest, decode_time_cursor, encode_time_cursor
from backend.payments.ports import PayeeState, RefundState
from backend.payments.tables import PayeeRow, PaymentRow, RefundRow

Key = tuple[datetime, UUID]


def _in_force(statuses: Iterable[BookingStatus], now: datetime) -> ColumnElement[bool]:
    """Bookings with one of these statuses, of the held ones those whose hold is not over at `now`."""
    lasting = [status.value for status in statuses if status is not BookingStatus.HELD]
    held = and_(BookingRow.status == BookingStatus.HELD.value, BookingRow.hold_expires_at > now)
    return or_(BookingRow.status.in_(lasting), held)


def free_slots(now: datetime) -> Select[SlotRow]:
    """Every slot that can be booked at `now`: offered, not begun, nobody's, of someone who can be paid.

    For callers to narrow and sort.
    """
    taken = select(BookingRow.id).where(BookingRow.slot_id == SlotRow.id, _in_force(OCCUPYING, now)).exists()
    ready = PayeeRow.state == PayeeState.READY.value
    payable = select(PayeeRow.state).where(PayeeRow.professional_id == SlotRow.professional_id, ready).exists()
    return select(SlotRow).where(SlotRow.withdrawn_at.is_(None), SlotRow.starts_at > now, ~taken, payable)


def free_between(
    session: Session, professional_id: UUID, begin: datetime, end: datetime, now: datetime
) -> Sequence[SlotRow]:
    """A professional's free slots that start from `begin` on and before `end`, in order."""
    query = free_slots(now).where(
        SlotRow.professional_id == professional_id, SlotRow.starts_at >= begin, SlotRow.starts_at < end
    )
    return session.scalars(query.order_by(SlotRow.starts_at, SlotRow.id)).all()


def next_free(session: Session, wanted: SlotRow, now: datetime, limit: int) -> Sequence[SlotRow]:
    """Free slots of the same professional: those after the wanted one first, then earlier ones."""
    earlier = case((SlotRow.starts_at < wanted.starts_at, 1), else_=0)
    query = free_slots(now).where(SlotRow.professional_id == wanted.professional_id, SlotRow.id != wanted.id)
    return session.scalars(query.order_by(earlier, SlotRow.starts_at).limit(limit)).all()


def own_slots(
    session: Session,
    professional_id: UUID,
    begin: datetime,
    end: datetime | None,
    now: datetime,
    page: PageRequest | None,
) -> tuple[list[tuple[SlotRow, SlotStatus]], str | None]:
    """A professional's slots by start with their statuses, and the next page's cursor; without `page` all of them."""
    query = (
        select(SlotRow, BookingRow.status)
        .outerjoin(BookingRow, and_(BookingRow.slot_id == SlotRow.id, _in_force(OCCUPYING, now)))
        .where(SlotRow.professional_id == professional_id, SlotRow.withdrawn_at.is_(None), SlotRow.starts_at >= begin)
        .order_by(SlotRow.starts_at, SlotRow.id)
    )
    if end is not None:
        query = query.where(SlotRow.starts_at < end)
    if page is not None and page.cursor:
        instant, row_id = decode_time_cursor(page.cursor)
        query = query.where(or_(SlotRow.starts_at > instant, and_(SlotRow.starts_at == instant, SlotRow.id > row_id)))
    if page is not None:
        query = query.limit(page.limit + 1)
    rows = [(slot, _slot_status(status)) for slot, status in session.execute(query)]
    if page is None or len(rows) <= page.limit:
        return rows, None
    rows = rows[: page.limit]
    return rows, encode_time_cursor(rows[-1][0].starts_at, rows[-1][0].id)


def _slot_status(booking_status: str | None) -> SlotStatus:
    if booking_status is None:
        return SlotStatus.FREE
    return SlotStatus.HELD if booking_status == BookingStatus.HELD else SlotStatus.BOOKED


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
    return session.scalar(select(BookingRow).where(BookingRow.slot_id == slot_id, _in_force(OCCUPYING, now)))


def overdue_holds(
    session: Session, now: datetime, *, slot_id: UUID | None = None, limit: int = 100
) -> list[BookingRow]:
    """Holds that are over but still stand as held, locked; of one slot, or the oldest that nobody else is tidying."""
    query = select(BookingRow).where(BookingRow.status == BookingStatus.HELD.value, BookingRow.hold_expires_at <= now)
    query = query.where(BookingRow.slot_id == slot_id) if slot_id else query.order_by(BookingRow.hold_expires_at)
    locked = query.limit(limit).with_for_update(skip_locked=slot_id is None)
    return list(session.scalars(locked.execution_options(populate_existing=True)))


def ended_sessions(session: Session, now: datetime, limit: int = 100) -> list[BookingRow]:
    """Confirmed sessions whose time is over, locked, those that nobody else is tidying."""
    query = select(BookingRow).where(BookingRow.status == BookingStatus.CONFIRMED.value, BookingRow.ends_at <= now)
    return list(session.scalars(query.order_by(BookingRow.ends_at).limit(limit).with_for_update(skip_locked=True)))


def active_at_this_time(
    session: Session, user_id: UUID, slot: SlotRow, now: datetime, *, besides: UUID | None = None
) -> BookingRow | None:
    """Another session than `besides` that the user holds or has booked, which shares an instant with the slot."""
    query = select(BookingRow).where(
        BookingRow.user_id == user_id,
        BookingRow.starts_at < slot.ends_at,
        BookingRow.ends_at > slot.starts_at,
        _in_force(ACTIVE, now),
    )
    if besides is not None:
        query = query.where(BookingRow.id != besides)
    return session.scalar(query.order_by(BookingRow.starts_at).limit(1))


def holds_of(session: Session, user_id: UUID, now: datetime) -> int:
    """How many slots the user holds at `now`."""
    held = _in_force([BookingStatus.HELD], now)
    query = select(func.count()).select_from(BookingRow).where(BookingRow.user_id == user_id, held)
    return session.scalars(query).one()


def checkouts_to_ask(session: Session, gateway: str, created_before: datetime, limit: int = 50) -> Sequence[BookingRow]:
    """Bookings whose checkout has not been closed: those that are no longer held, and holds made some time ago."""
    query = select(BookingRow).where(
        BookingRow.gateway == gateway,
        BookingRow.checkout_closed_at.is_(None),
        BookingRow.checkout_reference.is_not(None),
        or_(BookingRow.status != BookingStatus.HELD.value, BookingRow.created_at <= created_before),
    )
    return session.scalars(query.order_by(BookingRow.created_at).limit(limit)).all()


def rooms_to_close(session: Session, ended_before: datetime, limit: int = 50) -> Sequence[BookingRow]:
    """Once confirmed sessions whose room has to go: cancelled, or ended by `ended_before`."""
    query = select(BookingRow).where(
        BookingRow.room_closed_at.is_(None),
        BookingRow.confirmed_at.is_not(None),
        or_(BookingRow.ends_at <= ended_before, BookingRow.status == BookingStatus.CANCELLED.value),
    )
    return session.scalars(query.order_by(BookingRow.ends_at).limit(limit)).all()


def booking_of(session: Session, booking_id: UUID, account_id: UUID) -> BookingRow | None:
    """The booking, to either of its two people; nobody else's to know of."""
    query = select(BookingRow).where(
        BookingRow.id == booking_id, or_(BookingRow.user_id == account_id, BookingRow.professional_id == account_id)
    )
    return session.scalar(query)


def bookings_of_user(
    session: Session, user_id: UUID, *, past: bool, now: datetime, page: PageRequest
) -> tuple[list[BookingRow], str | None]:
    """Upcoming: what is held or stands and is not over, by start. Past: all the rest, latest first."""
    upcoming = and_(BookingRow.ends_at > now, _in_force(OCCUPYING, now))
    query = select(BookingRow).where(BookingRow.user_id == user_id, ~upcoming if past else upcoming)
    return _page(session, query, past, page)


def bookings_of_professional(
    session: Session, professional_id: UUID, *, past: bool, now: datetime, page: PageRequest
) -> tuple[list[BookingRow], str | None]:
    """The same for a professional, who sees only what has once been confirmed."""
    upcoming = and_(BookingRow.ends_at > now, BookingRow.status != BookingStatus.CANCELLED.value)
    query = select(BookingRow).where(
        BookingRow.professional_id == professional_id,
        BookingRow.confirmed_at.is_not(None),
        ~upcoming if past else upcoming,
    )
    return _page(session, query, past, page)


def _page(
    session: Session, query: Select[BookingRow], descending: bool, page: PageRequest
) -> tuple[list[BookingRow], str | None]:
    if page.cursor:
        instant, row_id = decode_time_cursor(page.cursor)
        same = BookingRow.starts_at == instant
        if descending:
            query = query.where(or_(BookingRow.starts_at < instant, and_(same, BookingRow.id < row_id)))
        else:
            query = query.where(or_(BookingRow.starts_at > instant, and_(same, BookingRow.id > row_id)))
    keys = (BookingRow.starts_at, BookingRow.id)
    ordered = query.order_by(*(key.desc() for key in keys)) if descending else query.order_by(*keys)
    rows = list(session.scalars(ordered.limit(page.limit + 1)))
    if len(rows) <= page.limit:
        return rows, None
    rows = rows[: page.limit]
    return rows, encode_time_cursor(rows[-1].starts_at, rows[-1].id)


def names_of(session: Session, account_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Several people's names in one query."""
    query = select(AccountRow.id, AccountRow.name).where(AccountRow.id.in_(set(account_ids)))
    return {row_id: name for row_id, name in session.execute(query)}


def zone_of(session: Session, account_id: UUID) -> str:
    """A person's time zone."""
    return session.get_one(AccountRow, account_id).time_zone


def idempotency_key(session: Session, account_id: UUID, key: str) -> IdempotencyKeyRow | None:
    """What this account sent this key with."""
    return session.get(IdempotencyKeyRow, (account_id, key))


def takings(session: Session, professional_id: UUID, begins: Sequence[datetime]) -> Iterator[Takings]:
    """What was paid to a professional, by week and status, in one query.

    `begins`: where each week begins, and the end of the last. Week -1 is all before them, `len(begins) - 1` all after.
    A refund on its way counts as gone; what the platform returns of its fee is then the fee's share of it.
    """
    week = case(*((BookingRow.starts_at < begin, n - 1) for n, begin in enumerate(begins)), else_=len(begins) - 1)
    fee_share = cast(PaymentRow.fee_minor, BigInteger) * RefundRow.amount_minor // PaymentRow.amount_minor
    of_the_booking = RefundRow.booking_id == BookingRow.id  # says what payment_id says too, and has the index
    live = RefundRow.status.in_([RefundState.PENDING.value, RefundState.DONE.value])
    query = (
        select(
            week,
            BookingRow.status,
            func.sum(case((PaymentRow.pays, 1), else_=0)),
            func.sum(PaymentRow.amount_minor),
            func.sum(PaymentRow.fee_minor),
            func.sum(func.coalesce(RefundRow.amount_minor, 0)),
            func.sum(func.coalesce(RefundRow.fee_returned_minor, fee_share, 0)),
        )
        .join(PaymentRow, PaymentRow.booking_id == BookingRow.id)
        .outerjoin(RefundRow, and_(of_the_booking, RefundRow.payment_id == PaymentRow.id, live))
        .where(BookingRow.professional_id == professional_id)
        .group_by(text("1"), BookingRow.status)
    )
    for number, status, *sums in session.execute(query):
        yield Takings(number, BookingStatus(status), *(int(cents) for cents in sums))
