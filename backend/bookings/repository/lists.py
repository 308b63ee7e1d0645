"""The two lists of one person's bookings, page by page: upcoming by start, and past with the latest first.

A list is read from one index in its own order (owner, start, id), in one or two runs:

| list     | run                          | begins at              | leaves out                          |
|----------|------------------------------|------------------------|-------------------------------------|
| upcoming | what may still end           | now - longest length   | what is over, and what was given up |
| past     | what is to come              | the end of time        | all that was not given up           |
| past     | what has begun               | now                    | what is upcoming                    |

Given up is a booking that was cancelled, or a hold that ran out. A page starts after its cursor's (start, id), so the
thousandth page costs what the first costs. Each run is one statement, built once for each owner and kept: building it
takes longer than running it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, not_, or_, text, tuple_
from sqlalchemy.orm import Session

from backend.availability.rules import MAX_LENGTH
from backend.bookings.repository.listed import BOOKING, SELECT_LISTED, ListedBooking
from backend.bookings.rules import BookingStatus
from backend.bookings.tables import NOT_STANDING
from backend.kit.database import UtcDateTime
from backend.kit.paging import PageRequest, decode_time_cursor, encode_time_cursor

Owner = Literal["user_id", "professional_id"]
"""Whose list it is. A professional sees a booking only once it has been confirmed."""
Key = tuple[datetime, UUID]
"""A place in a list: rows are sorted by start, then by id."""

_LOWEST_ID, _HIGHEST_ID = UUID(int=0), UUID(int=(1 << 128) - 1)
_END_OF_TIME: Key = datetime.max.replace(tzinfo=UTC), _HIGHEST_ID


def bookings_of(
    session: Session, owner: Owner, account_id: UUID, *, past: bool, now: datetime, page: PageRequest
) -> tuple[list[ListedBooking], str | None]:
    """One page, and the cursor of the next; None on the last."""
    after = decode_time_cursor(page.cursor) if page.cursor else None
    reader = _Reader(session, owner, account_id, now)
    one_more = page.limit + 1
    rows = reader.past(after, one_more) if past else reader.upcoming(after, one_more)
    if len(rows) < one_more:
        return rows, None
    last = rows[page.limit - 1]
    return rows[: page.limit], encode_time_cursor(last.starts_at, last.id)


@dataclass(frozen=True)
class _Reader:
    session: Session
    owner: Owner
    account_id: UUID
    now: datetime

    def upcoming(self, after: Key | None, limit: int) -> list[ListedBooking]:
        oldest = self.now - MAX_LENGTH, _LOWEST_ID  # what began before this is over
        return self._run(_upcoming(self.owner), max(after or oldest, oldest), limit)

    def past(self, after: Key | None, limit: int) -> list[ListedBooking]:
        now = self.now, _HIGHEST_ID
        rows: list[ListedBooking] = []
        if after is None or after > now:
            rows = self._run(_given_up_before_its_start(self.owner), after or _END_OF_TIME, limit)
        if len(rows) < limit:
            rows += self._run(_begun_and_not_upcoming(self.owner), min(after or now, now), limit - len(rows))
        return rows

    def _run(self, statement: Select[Any], after: Key, limit: int) -> list[ListedBooking]:
        values = {"owner": self.account_id, "now": self.now, "after_start": after[0], "after_id": after[1]}
        rows = self.session.execute(statement, values | {"limit": limit})
        return [ListedBooking._make(row) for row in rows.all()]


_NOW = bindparam("now", type_=UtcDateTime)
_ROW_KEY = tuple_(BOOKING.starts_at, BOOKING.id)
_AFTER = tuple_(bindparam("after_start", type_=UtcDateTime), bindparam("after_id", type_=BOOKING.id.type))


@cache
def _upcoming(owner: Owner) -> Select[Any]:
    query = _list_of(owner).where(_ROW_KEY > _AFTER, BOOKING.ends_at > _NOW, _stands(owner))
    return query.order_by(BOOKING.starts_at, BOOKING.id)


@cache
def _given_up_before_its_start(owner: Owner) -> Select[Any]:
    # `NOT_STANDING` is the partial index that makes this short: most of what is to come stands.
    query = _list_of(owner).where(BOOKING.starts_at > _NOW, text(NOT_STANDING), _given_up(owner))
    return _latest_first(query)


@cache
def _begun_and_not_upcoming(owner: Owner) -> Select[Any]:
    return _latest_first(_list_of(owner).where(or_(BOOKING.ends_at <= _NOW, _given_up(owner))))


def _list_of(owner: Owner) -> Select[Any]:
    query = SELECT_LISTED.where(BOOKING[owner] == bindparam("owner")).limit(bindparam("limit"))
    return query.where(BOOKING.confirmed_at.is_not(None)) if owner == "professional_id" else query


def _given_up(owner: Owner) -> ColumnElement[bool]:
    return not_(_stands(owner))


def _stands(owner: Owner) -> ColumnElement[bool]:
    confirmed_once = BOOKING.status.in_([BookingStatus.CONFIRMED, BookingStatus.COMPLETED, BookingStatus.NO_SHOW])
    if owner == "professional_id":
        return confirmed_once  # professionals see no holds at all
    return or_(confirmed_once, and_(BOOKING.status == BookingStatus.HELD, BOOKING.hold_expires_at > _NOW))


def _latest_first(query: Select[Any]) -> Select[Any]:
    return query.where(_ROW_KEY < _AFTER).order_by(BOOKING.starts_at.desc(), BOOKING.id.desc())
