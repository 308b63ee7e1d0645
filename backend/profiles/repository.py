"""Profiles, photos and handles in the database."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.orm import Session

from backend.auth.repository import lock_account
from backend.auth.rules import Role
from backend.auth.tables import AccountRow
from backend.profiles.rules import Profile
from backend.profiles.tables import HandleRow, PhotoRow, ProfileRow

_ACCOUNT, _PROFILE = AccountRow.__table__.c, ProfileRow.__table__.c
WITH_PROFILE = select(
    *(_ACCOUNT.id, _ACCOUNT.name, _ACCOUNT.time_zone, _ACCOUNT.sort_name),
    *(_PROFILE.headline, _PROFILE.about, _PROFILE.category, _PROFILE.photo_version),
).outerjoin_from(AccountRow.__table__, ProfileRow.__table__, _PROFILE.professional_id == _ACCOUNT.id)
"""Accounts with their profiles, for callers who know which accounts are professionals'."""

PRESENTED = WITH_PROFILE.where(_ACCOUNT.role == Role.PROFESSIONAL.value, _ACCOUNT.blocked_at.is_(None))
"""Every professional who is not blocked; what stands in their profile is None until they write something."""

_BY_ID = PRESENTED.where(_ACCOUNT.id == bindparam("professional_id"))


def profile_of(row: Sequence[Any]) -> Profile:
    """A row of `PRESENTED` as the profile that others see."""
    row_id, name, time_zone, _, headline, about, category, photo_version = row
    return Profile(row_id, name, headline or "", about or "", category, photo_version, time_zone)


def profile_by_id(session: Session, professional_id: UUID) -> Profile | None:
    """A professional's profile; None for anyone else's id."""
    session.flush()
    row = session.execute(_BY_ID, {"professional_id": professional_id}).first()
    return None if row is None else profile_of(row)


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


def current_handle(session: Session, professional_id: UUID) -> str | None:
    """The handle that links carry today; None before one was chosen."""
    query = select(HandleRow.handle).where(HandleRow.professional_id == professional_id, HandleRow.is_current)
    return session.scalar(query)


def current_handle_row(session: Session, professional_id: UUID) -> HandleRow | None:
    """The same, to change."""
    query = select(HandleRow).where(HandleRow.professional_id == professional_id, HandleRow.is_current)
    return session.scalar(query)


def handle_row(session: Session, handle: str) -> HandleRow | None:
    """A handle that somebody has or had."""
    return session.get(HandleRow, handle)


def count_handles(session: Session, professional_id: UUID) -> int:
    """How many this professional has had, the current one too."""
    query = select(func.count()).where(HandleRow.professional_id == professional_id)
    return session.scalars(query).one()


def taken_of(session: Session, handles: Sequence[str]) -> set[str]:
    """Which of these somebody has or had."""
    return set(session.scalars(select(HandleRow.handle).where(HandleRow.handle.in_(handles))))
