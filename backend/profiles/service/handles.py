"""Choosing the name in the address of one's public page. A former one leads on to the current one for good."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.kit.database import violated_constraint
from backend.profiles import repository
from backend.profiles.rules import Profile
from backend.profiles.rules.handles import MOST_HANDLES, HandleTaken, TooManyHandles, suggestions
from backend.profiles.tables import HandleRow


def choose_handle(session: Session, professional_id: UUID, handle: str, now: datetime) -> None:
    """Makes it the current one; HandleTaken, TooManyHandles. The account is locked already (`own_row`)."""
    found = repository.handle_row(session, handle)
    if found is not None and found.professional_id != professional_id:
        raise HandleTaken
    if found is not None and found.is_current:
        return
    if found is None and repository.count_handles(session, professional_id) >= MOST_HANDLES:
        raise TooManyHandles
    former = repository.current_handle_row(session, professional_id)
    if former is not None:
        former.is_current = False
        session.flush()  # before the next one is current: the database allows one
    if found is not None:
        found.is_current, found.chosen_at = True, now
    else:
        session.add(HandleRow(handle=handle, professional_id=professional_id, is_current=True, chosen_at=now))
    try:
        session.flush()
    except IntegrityError as error:
        if violated_constraint(error) == "pk_handles":  # somebody else took it in the same instant
            raise HandleTaken from error
        raise


def suggested_handle(session: Session, profile: Profile) -> str:
    """One that is free, from the professional's name."""
    wanted = list(suggestions(profile.name, profile.category, profile.id))
    taken = repository.taken_of(session, wanted)
    return next((handle for handle in wanted if handle not in taken), wanted[-1])
