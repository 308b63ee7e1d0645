"""Editing one's profile. Photos are decoded and encoded again, so that what is served is never what was sent."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.auth.repository import write_search_text
from backend.auth.rules import Account
from backend.auth.service import update_account
from backend.profiles import repository
from backend.profiles.rules import CATEGORIES
from backend.profiles.service.decoding import PHOTO_BYTES, normal_photo
from backend.profiles.service.handles import choose_handle
from backend.profiles.tables import PhotoRow

__all__ = ["PHOTO_BYTES", "normal_photo", "put_photo", "remove_photo", "update_profile"]


def update_profile(session: Session, professional: Account, changes: Mapping[str, Any], now: datetime) -> None:
    """Stores what is there: what is None stays, but a None category clears it. HandleTaken, TooManyHandles."""
    update_account(session, professional, changes.get("name"), changes.get("time_zone"))
    row = repository.own_row(session, professional.id)
    for field in ("headline", "about"):
        if changes.get(field) is not None:
            setattr(row, field, changes[field])
    if "category" in changes:
        row.category = changes["category"]
    if changes.get("handle") is not None:
        choose_handle(session, professional.id, changes["handle"], now)
    label = CATEGORIES[row.category] if row.category else ""
    write_search_text(session, professional.id, profile=f"{row.headline} {row.about} {label}")
    session.flush()


def put_photo(session: Session, professional: Account, jpeg: bytes, now: datetime) -> None:
    """Stores a photo made by `normal_photo` in the place of any other."""
    version = hashlib.sha256(jpeg).hexdigest()[:16]
    repository.own_row(session, professional.id).photo_version = version
    photo = repository.photo_of(session, professional.id)
    if photo is None:
        session.add(PhotoRow(professional_id=professional.id, version=version, jpeg=jpeg, created_at=now))
    else:
        photo.version, photo.jpeg, photo.created_at = version, jpeg, now
    session.flush()


def remove_photo(session: Session, professional: Account) -> None:
    """Back to initials."""
    repository.own_row(session, professional.id).photo_version = None
    repository.delete_photo(session, professional.id)
    session.flush()
