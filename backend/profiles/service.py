"""Editing one's profile. Photos are decoded and written anew, so that what is served is never what was sent."""

import hashlib
import io
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from PIL import Image, ImageOps
from sqlalchemy.orm import Session

from backend.auth.repository import write_search_text
from backend.auth.rules import Account
from backend.auth.service import update_account
from backend.kit.errors import InvalidPayload
from backend.profiles import repository
from backend.profiles.rules import CATEGORIES
from backend.profiles.tables import PhotoRow

PHOTO_BYTES = 5 * 1024 * 1024
PHOTO_PIXELS = 40_000_000
PHOTO_SIDE = 512
_FORMATS = ("JPEG", "PNG", "WEBP")

# A large picture takes some 200 MB while it is decoded: a crowd of them must not take the machine's memory.
_decoding = threading.BoundedSemaphore(2)


def update_profile(session: Session, professional: Account, changes: Mapping[str, Any]) -> None:
    """Stores what is there: a name, time_zone, headline or about that is None stays, a None category clears it."""
    update_account(session, professional, changes.get("name"), changes.get("time_zone"))
    row = repository.own_row(session, professional.id)
    for field in ("headline", "about"):
        if changes.get(field) is not None:
            setattr(row, field, changes[field])
    if "category" in changes:
        row.category = changes["category"]
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


def normal_photo(upload: bytes) -> bytes:
    """The picture as a JPEG of 512x512 without any metadata; InvalidPayload at `photo` for what is no fit picture."""
    if len(upload) > PHOTO_BYTES:
        raise _unfit("A photo may have up to 5 MB.")
    with _decoding:
        try:
            return _decoded(upload)
        except InvalidPayload:
            raise
        except Exception as error:  # decoders fail in many ways on hostile bytes: all of them are "not a picture"
            raise _unfit("This file is not a picture that can be read. Use JPEG, PNG or WebP.") from error


def _decoded(upload: bytes) -> bytes:
    with Image.open(io.BytesIO(upload), formats=_FORMATS) as picture:
        width, height = picture.size
        if width * height > PHOTO_PIXELS:
            raise _unfit("This picture has too many pixels: at most 40 million.")
        if min(width, height) < 64:
            raise _unfit("This picture is too small: at least 64 by 64 pixels.")
        picture.draft("RGB", (PHOTO_SIDE * 2, PHOTO_SIDE * 2))
        square = ImageOps.fit(_upright_on_white(picture), (PHOTO_SIDE, PHOTO_SIDE), Image.Resampling.LANCZOS)
    jpeg = io.BytesIO()
    square.save(jpeg, "JPEG", quality=85, optimize=True)
    return jpeg.getvalue()


def _upright_on_white(picture: Image.Image) -> Image.Image:
    upright = ImageOps.exif_transpose(picture)
    if not upright.has_transparency_data:
        return _plain(upright.convert("RGB"))
    layer = upright.convert("RGBA")
    ground = Image.new("RGB", layer.size, "white")
    ground.paste(layer, mask=layer.getchannel("A"))
    return ground


def _plain(picture: Image.Image) -> Image.Image:
    # `info` is where Pillow keeps EXIF, XMP and comments, some of which it would write out again.
    picture.info.clear()
    return picture


def _unfit(sentence: str) -> InvalidPayload:
    return InvalidPayload({"photo": sentence})
