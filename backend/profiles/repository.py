"""Profiles and photos in the database."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Row, Select, delete, select
from sqlalchemy.orm import Session

from backend.auth.repository import lock_account
from backend.auth.rules import Role
from backend.auth.tables import AccountRow
from backend.profiles.rules import Profile
from backend.profiles.tables import PhotoRow, ProfileRow


def presented() -> Select[AccountRow, ProfileRow | None]:
    """Every professional's account with the profile, which is None until they write something."""
    return (
        select(AccountRow, ProfileRow)
        .outerjoin(ProfileRow, ProfileRow.professional_id == AccountRow.id)
        .where(AccountRow.role == Role.PROFESSIONAL.value)
    )


def profile_of(row: Row[AccountRow, ProfileRow | None]) -> Profile:
    """A row of `presented` as the profile that others see."""
    account, profile = row
    return Profile(
        id=account.id,
        name=account.name,
        headline=profile.headline if profile else "",
        about=profile.about if profile else "",
        category=profile.category if profile else None,
        photo_version=profile.photo_version if profile else None,
        time_zone=account.time_zone,
    )


def profile_by_id(session: Session, professional_id: UUID) -> Profile | None:
    """A professional's profile; None for anyone else's id."""
    row = session.execute(presented().where(AccountRow.id == professional_id)).first()
    return None if row is None else profile_of(row)


def profiles_by_id(session: Session, professional_ids: Iterable[UUID]) -> dict[UUID, Profile]:
    """Several at once, in one query."""
    rows = session.execute(presented().where(AccountRow.id.in_(set(professional_ids))))
    return {profile.id: profile for profile in map(profile_of, rows)}


def own_row(session: Session, professional_id: UUID) -> ProfileRow:
    """The row to change, made if there is none. The account is locked, so that two requests do not both make it."""
    lock_account(session, professional_id)
    row = session.get(ProfileRow, professional_id)
    if row is None:
        row = ProfileRow(professional_id=professional_id, headline="", about="")
        session.add(row)
    return row


def photo_of(session: Session, professional_id: UUID) -> PhotoRow | None:
    """The photo's bytes."""
    return session.get(PhotoRow, professional_id)


def delete_photo(session: Session, professional_id: UUID) -> None:
    """Forgets the photo, if there is one."""
    session.execute(delete(PhotoRow).where(PhotoRow.professional_id == professional_id))
