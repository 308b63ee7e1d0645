"""Slots together with what has become of them: free ones for users, all of one's own for professionals."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, or_, select, text, tuple_
from sqlalchemy.orm import Session

from backend.auth.tables import AccountRow
from backend.availability.rules import SlotStatus
from backend.availability.tables import SlotRow
from backend.bookings.rules import BookingStatus
from backend.bookings.tables import OCCUPIED, BookingRow
from backend.kit.database import UtcDateTime
from backend.kit.paging import PageRequest, decode_time_cursor, encode_time_cursor
from backend.payments.ports import ConnectedAccountState
from backend.payments.tables import ConnectedAccountRow

_FIRST = UUID(int=0)
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


class OfferedSlot(NamedTuple):
    """A slot for reading."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    price_minor: int


_SLOT, _BOOKING, _CONNECTED = SlotRow.__table__.c, BookingRow.__table__.c, ConnectedAccountRow.__table__.c
_ACCOUNT = AccountRow.__table__.c
_NOW = bindparam("now", type_=UtcDateTime)
_BEGIN, _END = bindparam("begin", type_=UtcDateTime), bindparam("end", type_=UtcDateTime)
_OWNER = _SLOT.professional_id == bindparam("professional_id")


def _occupied() -> ColumnElement[bool]:
    """In the words of the index by slot, without which every query for one slot would read all bookings."""
    lasts = or_(_BOOKING.status != BookingStatus.HELD.value, _BOOKING.hold_expires_at > _NOW)
    return and_(_BOOKING.slot_id == _SLOT.id, text(OCCUPIED), lasts)


def free_slots(*columns: ColumnElement[Any]) -> Select[Any]:
    """Every slot that can be booked at `:now`: offered, not begun, nobody's, of someone who can be paid.

    For callers to narrow and sort; with these columns, by default those of `OfferedSlot`.
    """
    ready = and_(
        _CONNECTED.professional_id == _SLOT.professional_id, _CONNECTED.state == ConnectedAccountState.READY.value
    )
    blocked = and_(_ACCOUNT.id == _SLOT.professional_id, _ACCOUNT.blocked_at.is_not(None))
    return select(*(columns or (_SLOT[name] for name in OfferedSlot._fields))).where(
        _SLOT.withdrawn_at.is_(None),
        _SLOT.starts_at > _NOW,
        ~exists().where(_occupied()),
        exists().where(ready),
        ~exists().where(blocked),
    )


@cache
def _free_between() -> Select[Any]:
    return free_slots().where(_OWNER, _SLOT.starts_at >= _BEGIN, _SLOT.starts_at < _END).order_by(*_by_start())


def _by_start() -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    return _SLOT.starts_at, _SLOT.id


def free_between(
    session: Session, professional_id: UUID, begin: datetime, end: datetime, now: datetime
) -> Sequence[OfferedSlot]:
    """A professional's free slots that start from `begin` on and before `end`, in order."""
    asked = {"professional_id": professional_id, "begin": begin, "end": end, "now": now}
    return [OfferedSlot._make(row) for row in session.execute(_free_between(), asked).all()]


@cache
def _free_soon() -> Select[Any]:
    return free_slots().where(_OWNER).order_by(*_by_start()).limit(bindparam("limit"))


def free_soon(session: Session, professional_id: UUID, now: datetime, limit: int) -> Sequence[OfferedSlot]:
    """A professional's next free slots, in order."""
    asked = {"professional_id": professional_id, "now": now, "limit": limit}
    return [OfferedSlot._make(row) for row in session.execute(_free_soon(), asked).all()]


def next_free(session: Session, wanted: SlotRow, now: datetime, limit: int) -> Sequence[OfferedSlot]:
    """Free slots of the same professional: those after the wanted one first, then earlier ones."""
    others = free_slots().where(_OWNER, _SLOT.id != bindparam("wanted")).order_by(*_by_start()).limit(limit)
    asked = {"professional_id": wanted.professional_id, "wanted": wanted.id, "now": now, "begin": wanted.starts_at}
    found = [
        OfferedSlot._make(row)
        for which in (_SLOT.starts_at >= _BEGIN, _SLOT.starts_at < _BEGIN)
        for row in session.execute(others.where(which), asked)
    ]
    return found[:limit]


@cache
def _own_slots(limited: bool) -> Select[Any]:
    """With what occupies each. A statement a slot would be one too many, a join may be done the wrong way round."""
    status = select(_BOOKING.status).where(_occupied()).scalar_subquery()
    key = tuple_(*_by_start()) > tuple_(_BEGIN, bindparam("after", type_=_SLOT.id.type))
    query = select(*(_SLOT[name] for name in OfferedSlot._fields), status).where(
        _OWNER, _SLOT.withdrawn_at.is_(None), key, _SLOT.starts_at < _END
    )
    ordered = query.order_by(*_by_start())
    return ordered.limit(bindparam("limit")) if limited else ordered


def own_slots(
    session: Session,
    professional_id: UUID,
    begin: datetime,
    end: datetime | None,
    now: datetime,
    page: PageRequest | None,
) -> tuple[list[tuple[OfferedSlot, SlotStatus]], str | None]:
    """A professional's slots by start with their statuses, and the next page's cursor; without `page` all of them."""
    key = begin, _FIRST
    if page is not None and page.cursor:
        key = max(key, decode_time_cursor(page.cursor))
    asked: dict[str, Any] = {"professional_id": professional_id, "now": now, "begin": key[0], "after": key[1]}
    asked["end"] = end or _END_OF_TIME
    if page is not None:
        asked["limit"] = page.limit + 1
    found = session.execute(_own_slots(page is not None), asked)
    rows = [(OfferedSlot._make(row[:-1]), _slot_status(row[-1])) for row in found.all()]
    if page is None or len(rows) <= page.limit:
        return rows, None
    rows = rows[: page.limit]
    return rows, encode_time_cursor(rows[-1][0].starts_at, rows[-1][0].id)


def _slot_status(booking_status: str | None) -> SlotStatus:
    if booking_status is None:
        return SlotStatus.FREE
    return SlotStatus.HELD if booking_status == BookingStatus.HELD else SlotStatus.BOOKED
