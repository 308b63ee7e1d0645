"""Who made which hold over which line, for as long as that counts."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import case, delete, func, select, text, update
from sqlalchemy.orm import Session

from backend.bookings.rules.fairness import Origin
from backend.bookings.tables import NOT_STANDING, BookingRow, HoldRow


class Unpaid(NamedTuple):
    """How many holds ended unpaid, and when the last of them did."""

    times: int
    last_ended_at: datetime | None


def lock_network(session: Session, origin: Origin) -> None:
    """Makes holds from one network wait for each other, as their number is checked: SQLite's writers do anyway.

    Taken after the account's lock and before the slot's.
    """
    if session.get_bind().dialect.name == "postgresql":
        key = int.from_bytes(origin.network[:8], "big", signed=True)
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def unpaid_of_user(session: Session, user_id: UUID, since: datetime, now: datetime) -> Unpaid:
    """Those of an account that were made after `since`."""
    query = select(func.count(), func.max(HoldRow.ends_at)).where(
        HoldRow.user_id == user_id, HoldRow.ends_at <= now, HoldRow.made_at > since
    )
    return Unpaid(*session.execute(query).one())


def unpaid_of_line(
    session: Session, line: bytes, professional_id: UUID, since: datetime, now: datetime
) -> tuple[Unpaid, Unpaid]:
    """Those from a line that were made after `since`: of all professionals, and of this one."""
    of_one = HoldRow.professional_id == professional_id
    query = select(
        func.count(),
        func.max(HoldRow.ends_at),
        func.coalesce(func.sum(case((of_one, 1), else_=0)), 0),
        func.max(case((of_one, HoldRow.ends_at))),
    ).where(HoldRow.line == line, HoldRow.ends_at <= now, HoldRow.made_at > since)
    count, last, count_of_one, last_of_one = session.execute(query).one()
    return Unpaid(count, last), Unpaid(int(count_of_one), last_of_one)


def lasting(session: Session, network: bytes, professional_id: UUID, now: datetime) -> Sequence[tuple[bytes, datetime]]:
    """Each hold of a professional's times that lasts, from a network: its line, and when it ends."""
    query = select(HoldRow.line, HoldRow.ends_at).where(
        HoldRow.network == network, HoldRow.professional_id == professional_id, HoldRow.ends_at > now
    )
    return [(line, ends_at) for line, ends_at in session.execute(query)]


def note(session: Session, booking: BookingRow, origin: Origin) -> None:
    """A hold was made."""
    session.add(
        HoldRow(
            booking_id=booking.id,
            professional_id=booking.professional_id,
            user_id=booking.user_id,
            line=origin.line,
            network=origin.network,
            made_at=booking.created_at,
            ends_at=booking.hold_expires_at,
        )
    )
    session.flush()


def end(session: Session, booking_id: UUID, now: datetime) -> None:
    """The hold was given back before its time."""
    session.execute(update(HoldRow).where(HoldRow.booking_id == booking_id, HoldRow.ends_at > now).values(ends_at=now))


def forget(session: Session, booking_id: UUID) -> None:
    """The hold ended without the user's doing, so it does not count."""
    session.execute(delete(HoldRow).where(HoldRow.booking_id == booking_id))


def forgive(session: Session, user_id: UUID, booking_id: UUID, now: datetime) -> None:
    """The hold was paid: it and the account's earlier unpaid holds no longer count."""
    ended = (HoldRow.ends_at <= now) | (HoldRow.booking_id == booking_id)
    session.execute(delete(HoldRow).where(HoldRow.user_id == user_id, ended))


def cancelled_by_user(session: Session, user_id: UUID, since: datetime) -> Sequence[BookingRow]:
    """Paid bookings that their user cancelled after `since`; such a booking was still to begin then."""
    query = select(BookingRow).where(
        BookingRow.user_id == user_id,
        text(NOT_STANDING),
        BookingRow.starts_at > since,
        BookingRow.cancelled_by == "user",
        BookingRow.cancelled_at > since,
    )
    return session.scalars(query).all()
