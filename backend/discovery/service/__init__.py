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
from backend.profiles.repository import current_handle, handle_row, profile_by_id
from backend.profiles.rules.handles import possible_handle
from backend.profiles.service.handles import suggested_handle


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


def professional(session: Session, professional_id: UUID, now: datetime, public_url: str) -> ProfessionalAnswer:
    """The whole profile; NotFound for anyone else's id. `public_url` is the backend's own."""
    profile = profile_by_id(session, professional_id)
    if profile is None:
        raise NotFound("This professional does not exist.")
    offer = repository.offers(session, [professional_id], now).get(professional_id)
    policy = policy_answer(policy_of(session, professional_id))
    handle = current_handle(session, professional_id)
    return ProfessionalAnswer.of(
        profile,
        offer,
        about=profile.about,
        cancellation_policy=policy,
        handle=handle,
        public_url=page_url(public_url, handle) if handle else None,
    )


def page_url(public_url: str, handle: str) -> str:
    """Where everyone finds the page of a professional."""
    return f"{public_url}/p/{handle}"


def owner_of(session: Session, typed_handle: str) -> UUID:
    """The professional whose handle this is or was; NotFound where there is none."""
    handle = possible_handle(typed_handle)
    row = handle_row(session, handle) if handle else None
    if row is None or row.professional_id is None:
        raise NotFound("There is no such page.")
    return row.professional_id


def suggestion(session: Session, professional_id: UUID) -> str:
    """A free handle for a professional who has none, or looks for another."""
    profile = profile_by_id(session, professional_id)
    if profile is None:
        raise NotFound
    return suggested_handle(session, profile)


def _sort_key(cursor: str) -> tuple[str, UUID]:
    name, row_id = decode_cursor(cursor, 2)
    try:
        return name, UUID(row_id)
    except ValueError as error:
        raise InvalidPayload({"cursor": "This page does not exist. Start again from the first."}) from error
