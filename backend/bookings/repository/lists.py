"""Bookings as people see them: each with the names of its two people, one statement a list, however long it is.

Every list is one step into an index that is in the list's order, so that its thousandth page, and a page among a
million bookings, costs what the first of a few costs. Statements are made once: that takes longer than running them.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, not_, or_, select, text, tuple_
from sqlalchemy.orm import Session

from backend.auth.tables import AccountRow
from backend.availability.rules import MAX_LENGTH
from backend.bookings.rules import BookingStatus
from backend.bookings.tables import NOT_STANDING, BookingRow
from backend.kit.database import UtcDateTime
from backend.kit.paging import PageRequest, decode_time_cursor, encode_time_cursor
from backend.profiles.tables import ProfileRow

Owner = Literal["user_id", "professional_id"]
Key = tuple[datetime, UUID]

_FIRST, _LAST = UUID(int=0), UUID(int=(1 << 128) - 1)
_LATEST: Key = datetime.max.replace(tzinfo=UTC), _LAST


class ListedBooking(NamedTuple):
    """A booking with its people; the columns of `BookingRow` have its names."""

    id: UUID
    slot_id: UUID
    professional_id: UUID
    user_id: UUID
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    price_minor: int
    currency: str
    status: str
    payment_status: str
    hold_expires_at: datetime
    created_at: datetime
    checkout_url: str | None
    policy_full_until_min: int
    policy_half_until_min: int
    refund_share_cap: int
    cancelled_at: datetime | None
    cancelled_by: str | None
    absent: str | None
    moved_from: datetime | None
    dispute_state: str | None
    professional_name: str
    professional_time_zone: str
    headline: str | None
    photo_version: str | None
    user_name: str


# Columns of tables instead of attributes of classes, which take SQLAlchemy longer, for rows that are only read.
_BOOKING = BookingRow.__table__.c
_PROFESSIONAL = AccountRow.__table__.alias("professional")
_USER = AccountRow.__table__.alias("booker")
_PROFILE = ProfileRow.__table__
_PEOPLE = (
    BookingRow.__table__.join(_PROFESSIONAL, _PROFESSIONAL.c.id == _BOOKING.professional_id)
    .join(_USER, _USER.c.id == _BOOKING.user_id)
    .outerjoin(_PROFILE, _PROFILE.c.professional_id == _BOOKING.professional_id)
)
_LISTED = select(
    *(_BOOKING[name] for name in ListedBooking._fields if name in _BOOKING),
    *(_PROFESSIONAL.c.name, _PROFESSIONAL.c.time_zone, _PROFILE.c.headline, _PROFILE.c.photo_version, _USER.c.name),
).select_from(_PEOPLE)

_NOW = bindparam("now", type_=UtcDateTime)
_KEY = tuple_(bindparam("key_instant", type_=UtcDateTime), bindparam("key_id", type_=_BOOKING.id.type))


def listed(session: Session, booking: BookingRow) -> ListedBooking:
    """One booking, as this transaction has it."""
    session.flush()
    return ListedBooking._make(session.execute(_ONE, {"booking_id": booking.id}).one())


_ONE = _LISTED.where(_BOOKING.id == bindparam("booking_id"))


def bookings_of(
    session: Session, owner: Owner, account_id: UUID, *, past: bool, now: datetime, page: PageRequest
) -> tuple[list[ListedBooking], str | None]:
    """Upcoming: what is held or stands and is not over, by start. Past: all the rest, latest first.

    A professional sees only what has once been confirmed.
    """
    after = decode_time_cursor(page.cursor) if page.cursor else None
    asked = {"owner": account_id, "now": now}
    find = _past if past else _upcoming
    rows = find(session, owner, asked, after, page.limit + 1)
    if len(rows) <= page.limit:
        return rows, None
    rows = rows[: page.limit]
    return rows, encode_time_cursor(rows[-1].starts_at, rows[-1].id)


def _upcoming(
    session: Session, owner: Owner, asked: dict[str, Any], after: Key | None, limit: int
) -> list[ListedBooking]:
    begun = asked["now"] - MAX_LENGTH, _FIRST  # what began before is over
    return _found(session, _upcoming_statement(owner), asked, max(after or begun, begun), limit)


def _past(session: Session, owner: Owner, asked: dict[str, Any], after: Key | None, limit: int) -> list[ListedBooking]:
    """Latest first: what would begin after now but does not stand, then all that has begun and is not upcoming."""
    now = asked["now"], _LAST
    rows: list[ListedBooking] = []
    if after is None or after > now:
        rows = _found(session, _given_up_statement(owner), asked, after or _LATEST, limit)
    if len(rows) < limit:
        rows += _found(session, _past_statement(owner), asked, min(after or now, now), limit - len(rows))
    return rows


def _found(session: Session, query: Select[Any], asked: dict[str, Any], key: Key, limit: int) -> list[ListedBooking]:
    rows = session.execute(query, asked | {"key_instant": key[0], "key_id": key[1], "limit": limit})
    return [ListedBooking._make(row) for row in rows.all()]


def _stands(owner: Owner) -> ColumnElement[bool]:
    """Neither given up nor run out; professionals see no holds at all."""
    status = _BOOKING.status
    lasting = status.in_([BookingStatus.CONFIRMED, BookingStatus.COMPLETED, BookingStatus.NO_SHOW])
    if owner == "professional_id":
        return lasting
    return or_(lasting, and_(status == BookingStatus.HELD, _BOOKING.hold_expires_at > _NOW))


def _of(owner: Owner) -> Select[Any]:
    query = _LISTED.where(_BOOKING[owner] == bindparam("owner")).limit(bindparam("limit"))
    return query.where(_BOOKING.confirmed_at.is_not(None)) if owner == "professional_id" else query


@cache
def _upcoming_statement(owner: Owner) -> Select[Any]:
    keys = (_BOOKING.starts_at, _BOOKING.id)
    return _of(owner).where(tuple_(*keys) > _KEY, _BOOKING.ends_at > _NOW, _stands(owner)).order_by(*keys)


@cache
def _past_statement(owner: Owner) -> Select[Any]:
    return _latest_first(_of(owner).where(or_(_BOOKING.ends_at <= _NOW, not_(_stands(owner)))))


@cache
def _given_up_statement(owner: Owner) -> Select[Any]:
    return _latest_first(_of(owner).where(_BOOKING.starts_at > _NOW, text(NOT_STANDING), not_(_stands(owner))))


def _latest_first(query: Select[Any]) -> Select[Any]:
    keys: Sequence[ColumnElement[Any]] = (_BOOKING.starts_at, _BOOKING.id)
    return query.where(tuple_(*keys) < _KEY).order_by(*(key.desc() for key in keys))
