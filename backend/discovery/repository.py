"""Searching professionals and what they have free: two to four queries a page, however many there are."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Select, bindparam, column, exists, func, select, text, tuple_
from sqlalchemy.orm import Session

from backend.auth.rules import Role
from backend.auth.tables import AccountRow, SearchTextRow
from backend.availability.tables import SlotRow
from backend.bookings.repository.slots import free_slots
from backend.discovery.rules import Offer
from backend.kit.database import UtcDateTime, has_trigrams
from backend.payments.ports import ConnectedAccountState
from backend.payments.tables import ConnectedAccountRow
from backend.profiles.repository import PRESENTED, WITH_PROFILE, profile_of
from backend.profiles.rules import Profile
from backend.profiles.tables import ProfileRow

SortKey = tuple[str, UUID]

_ACCOUNT, _PROFILE = AccountRow.__table__.c, ProfileRow.__table__.c
_TEXT, _SLOT, _CONNECTED = SearchTextRow.__table__.c, SlotRow.__table__.c, ConnectedAccountRow.__table__.c
_FIRST: SortKey = ("", UUID(int=0))
_KEY = tuple_(bindparam("name", type_=_ACCOUNT.sort_name.type), bindparam("row_id", type_=_ACCOUNT.id.type))
_AFTER = tuple_(_ACCOUNT.sort_name, _ACCOUNT.id) > _KEY
_NOW = bindparam("now", type_=UtcDateTime)
_READY = exists().where(
    _CONNECTED.professional_id == _ACCOUNT.id, _CONNECTED.state == ConnectedAccountState.READY.value
)
_OFFERS_HOURS = exists().where(
    _SLOT.professional_id == _ACCOUNT.id, _SLOT.withdrawn_at.is_(None), _SLOT.starts_at > _NOW
)
_NOT_BLOCKED = _ACCOUNT.blocked_at.is_(None)
_BY_NAME = PRESENTED.where(_READY, _OFFERS_HOURS).order_by(_ACCOUNT.sort_name, _ACCOUNT.id).limit(bindparam("limit"))
"""Who can be booked, now or once a time becomes free. Others are left out: their page would be a dead end."""

_SORT_KEY = _ACCOUNT.sort_name + ""
_FOUND = (
    WITH_PROFILE.where(_NOT_BLOCKED, _READY, _OFFERS_HOURS, tuple_(_SORT_KEY, _ACCOUNT.id) > _KEY)
    .order_by(_SORT_KEY, _ACCOUNT.id)
    .limit(bindparam("limit"))
)
"""The same of few accounts that are known, all professionals. The key is no plain column here: with the index in its
order databases walk through every name to find those few.
"""

AHEAD = 400
"""So many names are read in their order before an index is asked: words that many have are found among them."""


def search(
    session: Session, parts: Sequence[str], category: str | None, after: SortKey | None, limit: int, now: datetime
) -> list[tuple[SortKey, Profile]]:
    """Professionals by name whose text has every part, each with its key for the cursor.

    Words that many have are read in order until the page is full; for rare ones an index of trigrams is asked. Neither
    way alone is quick for both: sorting 30,000 who have a word, or reading 30,000 for a word that nobody has.
    """
    name, row_id = after or _FIRST
    asked: dict[str, Any] = {"name": name, "row_id": row_id, "limit": limit, "now": now}
    if not parts:
        query = _BY_NAME if category is None else _BY_NAME.where(_PROFILE.category == category)
        return _profiles(session, query.where(_AFTER), asked)
    query = _FOUND if category is None else _FOUND.where(_PROFILE.category == category)
    near = _profiles(session, query.where(_ACCOUNT.id.in_(_near_with(session, parts))), asked)
    if len(near) == limit:
        return near
    return _profiles(session, query.where(_ACCOUNT.id.in_(_all_with(session, parts))), asked)


def _profiles(session: Session, query: Select[Any], asked: dict[str, Any]) -> list[tuple[SortKey, Profile]]:
    return [((row.sort_name, row.id), profile_of(row)) for row in session.execute(query, asked).all()]


def _near_with(session: Session, parts: Sequence[str]) -> Select[Any]:
    """Of the next names in order, the accounts that have all parts."""
    professional = _ACCOUNT.role == Role.PROFESSIONAL.value
    ordered = select(_ACCOUNT.id).where(professional, _AFTER).order_by(_ACCOUNT.sort_name, _ACCOUNT.id)
    near = ordered.limit(AHEAD).subquery()
    place = func.strpos if _on_postgresql(session) else func.instr
    have = (place(_TEXT.text, part) > 0 for part in parts)
    return select(_TEXT.account_id).join(near, near.c.id == _TEXT.account_id).where(*have)


def _all_with(session: Session, parts: Sequence[str]) -> Select[Any]:
    """All accounts that have all parts, by the index of trigrams (migration 0009)."""
    if _on_postgresql(session):
        have = (_TEXT.text.contains(part, autoescape=True) for part in parts)
        found = select(_TEXT.account_id).where(*have).cte("found").prefix_with("MATERIALIZED", dialect="postgresql")
        return select(found.c.account_id)
    if not has_trigrams():
        return select(_TEXT.account_id).where(*(func.instr(_TEXT.text, part) > 0 for part in parts))
    phrases = " AND ".join('"' + part.replace('"', '""') + '"' for part in parts)
    numbers = text("SELECT rowid FROM search_index WHERE search_index MATCH :phrases").bindparams(phrases=phrases)
    return select(_TEXT.account_id).where(_TEXT.number.in_(numbers.columns(column("rowid", Integer)).scalar_subquery()))


def _on_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


_OFFERS = (
    free_slots(_SLOT.professional_id, func.min(_SLOT.price_minor), func.min(_SLOT.starts_at))
    .where(_SLOT.professional_id.in_(bindparam("ids", expanding=True)))
    .group_by(_SLOT.professional_id)
)


def offers(session: Session, professional_ids: Iterable[UUID], now: datetime) -> dict[UUID, Offer]:
    """What each of the professionals has free after `now`; those with nothing are left out."""
    rows = session.execute(_OFFERS, {"ids": list(set(professional_ids)), "now": now}).all()
    return {row_id: Offer(price_minor, starts_at) for row_id, price_minor, starts_at in rows}
