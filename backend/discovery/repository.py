"""Searching professionals and what they have free: two queries a page, however many professionals there are."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, or_, tuple_
from sqlalchemy.orm import Session

from backend.auth.tables import AccountRow
from backend.availability.tables import SlotRow
from backend.bookings.repository.slots import free_slots
from backend.discovery.rules import Offer
from backend.profiles.repository import PRESENTED, profile_of
from backend.profiles.rules import Profile, categories_named
from backend.profiles.tables import ProfileRow

SortKey = tuple[str, UUID]

_ACCOUNT, _PROFILE = AccountRow.__table__.c, ProfileRow.__table__.c
_FIRST: SortKey = ("", UUID(int=0))
_KEY = tuple_(bindparam("name", type_=_ACCOUNT.sort_name.type), bindparam("row_id", type_=_ACCOUNT.id.type))
_BY_NAME = (
    PRESENTED.where(tuple_(_ACCOUNT.sort_name, _ACCOUNT.id) > _KEY)
    .order_by(_ACCOUNT.sort_name, _ACCOUNT.id)
    .limit(bindparam("limit"))
)


def search(
    session: Session, words: Sequence[str], category: str | None, after: SortKey | None, limit: int
) -> list[tuple[SortKey, Profile]]:
    """Professionals by name whose profile has every word, each with its key for the cursor."""
    query = _BY_NAME if category is None else _BY_NAME.where(_PROFILE.category == category)
    if words:
        query = query.where(*(_has_word(word) for word in words))
    name, row_id = after or _FIRST
    rows = session.execute(query, {"name": name, "row_id": row_id, "limit": limit}).all()
    return [((row.sort_name, row.id), profile_of(row)) for row in rows]


def _has_word(word: str) -> ColumnElement[bool]:
    return or_(
        _ACCOUNT.name.icontains(word, autoescape=True),
        _PROFILE.headline.icontains(word, autoescape=True),
        _PROFILE.about.icontains(word, autoescape=True),
        _PROFILE.category.in_(categories_named(word)),
    )


_SLOT = SlotRow.__table__.c
_OFFERS = (
    free_slots(_SLOT.professional_id, func.min(_SLOT.price_minor), func.min(_SLOT.starts_at))
    .where(_SLOT.professional_id.in_(bindparam("ids", expanding=True)))
    .group_by(_SLOT.professional_id)
)


def offers(session: Session, professional_ids: Iterable[UUID], now: datetime) -> dict[UUID, Offer]:
    """What each of the professionals has free after `now`; those with nothing are left out."""
    rows = session.execute(_OFFERS, {"ids": list(set(professional_ids)), "now": now}).all()
    return {row_id: Offer(price_minor, starts_at) for row_id, price_minor, starts_at in rows}
