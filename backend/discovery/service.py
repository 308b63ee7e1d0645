"""Answers about professionals."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.bookings.service.policies import policy_of
from backend.bookings.service.showing import policy_answer
from backend.discovery import repository
from backend.discovery.rules import search_parts
from backend.discovery.schemas import ProfessionalAnswer, ProfessionalCard
from backend.kit.errors import InvalidPayload, NotFound
from backend.kit.paging import Page, PageRequest, decode_cursor, encode_cursor
from backend.profiles.repository import profile_by_id


def professionals_page(
    session: Session, text: str, category: str | None, page: PageRequest, now: datetime
) -> Page[ProfessionalCard]:
    """Professionals who offer hours and can be paid, whose profile has all the words of `text`, by name."""
    after = _sort_key(page.cursor) if page.cursor else None
    found = repository.search(session, search_parts(text), category, after, page.limit + 1, now)
    shown = found[: page.limit]
    offers = repository.offers(session, [profile.id for _, profile in shown], now)
    more = len(found) > page.limit
    name, row_id = shown[-1][0] if more else ("", None)
    return Page[ProfessionalCard](
        items=[ProfessionalCard.of(profile, offers.get(profile.id)) for _, profile in shown],
        next_cursor=encode_cursor(name, str(row_id)) if more else None,
    )


def professional(session: Session, professional_id: UUID, now: datetime) -> ProfessionalAnswer:
    """The whole profile; NotFound for anyone else's id."""
    profile = profile_by_id(session, professional_id)
    if profile is None:
        raise NotFound("This professional does not exist.")
    offer = repository.offers(session, [professional_id], now).get(professional_id)
    policy = policy_answer(policy_of(session, professional_id))
    return ProfessionalAnswer.of(profile, offer, about=profile.about, cancellation_policy=policy)


def _sort_key(cursor: str) -> tuple[str, UUID]:
    name, row_id = decode_cursor(cursor, 2)
    try:
        return name, UUID(row_id)
    except ValueError as error:
        raise InvalidPayload({"cursor": "This page does not exist. Start again from the first."}) from error
