"""What the bookings say about entering a room. The media server is asked by the endpoints, outside the transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from backend.auth.rules import Account
from backend.bookings import repository
from backend.bookings.rules import BookingStatus, PaymentStatus, Terms, join_window, status_at
from backend.bookings.rules.refunds import is_disputed
from backend.calls import repository as joins
from backend.calls.ports import RoomPass
from backend.calls.rules import check_may_join, check_rejoin, check_room_name, identity_of, room_name
from backend.calls.tables import CallJoinRow
from backend.kit.errors import NotFound

CHECK_VALID_FOR = timedelta(minutes=2)
CHECK_ROOM_KEPT_S = 30


@dataclass(frozen=True)
class Entry:
    """Leave to enter: the pass, and for how many seconds the room has to stay."""

    room_pass: RoomPass
    keep_s: int


def entry(session: Session, account: Account, booking_id: UUID, terms: Terms, now: datetime) -> Entry:
    """One person's way into their booking's room, until the join window closes.

    NotFound, SessionCancelled, NotPaid, PaymentDisputed, TooEarlyToStart, SessionOver.
    """
    booking = repository.booking_of(session, booking_id, account.id)
    if booking is None:
        raise NotFound
    window = join_window(booking.starts_at, booking.ends_at, terms)
    status = status_at(BookingStatus(booking.status), booking.hold_expires_at, now)
    disputed = is_disputed(booking.dispute_state)
    check_may_join(status, PaymentStatus(booking.payment_status), window, now, disputed=disputed)
    room_pass = RoomPass(
        room_name=room_name(booking.id),
        identity=identity_of(account.role, account.id),
        name=account.name,
        role=account.role.value,
        valid_for=window.closes_at - now,
    )
    return Entry(room_pass, keep_s=max(1, int((window.closes_at - now).total_seconds())))


def check_newest(session: Session, account: Account, booking_id: UUID, join_id: str) -> None:
    """Before a rejoin. JoinedElsewhere."""
    newest = joins.newest_join(session, booking_id, account.role.value)
    check_rejoin(newest.join_id if newest else None, join_id)


def note_join(
    session: Session, account: Account, booking_id: UUID, join_id: str, now: datetime, *, rejoin: bool
) -> None:
    """After a person was let in: their newest join. A rejoin never takes the place of another join."""
    if repository.locked_booking(session, booking_id) is None:  # two of one person's devices queue here
        return
    newest = joins.newest_join(session, booking_id, account.role.value)
    if newest is None:
        session.add(CallJoinRow(booking_id=booking_id, role=account.role.value, join_id=join_id, joined_at=now))
    elif not rejoin:
        newest.join_id, newest.joined_at = join_id, now
    session.flush()


def check_entry(account: Account, check_id: UUID) -> Entry:
    """The way into a room that nobody else knows of and that goes by itself, for trying the connection."""
    room_pass = RoomPass(
        room_name=check_room_name(check_id),
        identity=identity_of(account.role, account.id),
        name=account.name,
        role=account.role.value,
        valid_for=CHECK_VALID_FOR,
    )
    return Entry(room_pass, keep_s=CHECK_ROOM_KEPT_S)


def may_have_a_room(session: Session, account: Account, booking_id: UUID, terms: Terms, now: datetime) -> bool:
    """Whether anybody can be in the booking's room at `now`; NotFound."""
    booking = repository.booking_of(session, booking_id, account.id)
    if booking is None:
        raise NotFound
    window = join_window(booking.starts_at, booking.ends_at, terms)
    return booking.confirmed_at is not None and window.opens_at <= now < window.closes_at
