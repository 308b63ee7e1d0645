"""Searching professionals and what they have free: two queries a page, however many professionals there are."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from backend.auth.tables import AccountRow
from backend.availability.tables import SlotRow
from backend.bookings.repository import free_slots
from backend.discovery.rules import Offer
from backend.profiles.repository import presented, profile_of
from backend.profiles.rules import Profile, categories_named
from backend.profiles.tables import ProfileRow

SortKey = tuple[str, UUID]


def search(
    session: Session, words: Sequence[str], category: str | None, after: SortKey | None, limit: int
) -> list[tuple[SortKey, Profile]]:
    """Professionals by name whose profile has every word, each with its key for the cursor."""
    query = presented().order_by(AccountRow.sort_name, AccountRow.id).limit(limit)
    if category is not None:
        query = query.where(ProfileRow.category == category)
    query = query.where(*(_has_word(word) for word in words))
    if after is not None:
        name, row_id = after
        further = and_(AccountRow.sort_name == name, AccountRow.id > row_id)
        query = query.where(or_(AccountRow.sort_name > name, further))
    return [((row[0].sort_name, row[0].id), profile_of(row)) for row in session.execute(query)]


def _has_word(word: str) -> ColumnElement[bool]:
    return or_(
        AccountRow.name.icontains(word, autoescape=True),
        ProfileRow.headline.icontains(word, autoescape=True),
        ProfileRow.about.icontains(word, autoescape=True),
        ProfileRow.category.in_(categories_named(word)),
    )


def offers(session: Session, professional_ids: Iterable[UUID], now: datetime) -> dict[UUID, Offer]:
    """What each of the professionals has free after `now`; those with nothing are left out."""
    free = free_slots(now).where(SlotRow.professional_id.in_(set(professional_ids))).subquery()
    query = select(free.c.professional_id, func.min(free.c.price_minor), func.min(free.c.starts_at)).group_by(
        free.c.professional_id
    )
    return {row_id: Offer(price_minor, starts_at) for row_id, price_minor, starts_at in session.execute(query)}
