"""Profiles and photos; a professional without a row has said nothing yet."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base, UtcDateTime


class ProfileRow(Base):
    """`category` is one of `rules.CATEGORIES`. `photo_version` is null without a photo and new with each."""

    __tablename__ = "profiles"

    professional_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    headline: Mapped[str] = mapped_column(String(120), default="")
    about: Mapped[str] = mapped_column(Text, default="")
    category: Mapped[str | None] = mapped_column(String(40), index=True)
    photo_version: Mapped[str | None] = mapped_column(String(16))


class PhotoRow(Base):
    """The photo as it is served: a JPEG of 512x512, written by this backend. Apart, so that lists never load it."""

    __tablename__ = "photos"

    professional_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[str] = mapped_column(String(16))
    jpeg: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
