"""Profiles, photos and handles; a professional without a row has said nothing yet."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base, UtcDateTime

CURRENT = "handles.is_current"
_CURRENT = text("is_current")


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


class HandleRow(Base):
    """A handle that somebody has, or once had: it leads to their page for good and is nobody else's.

    Of a professional's handles one is current. Where the account is gone, `professional_id` is null: the handle stays,
    so that nobody takes over the links that lead there.
    """

    __tablename__ = "handles"
    __table_args__ = (
        CheckConstraint("handle = lower(handle)", name="lower_case"),
        Index(
            "uq_handles_professional_id_current",
            "professional_id",
            unique=True,
            sqlite_where=_CURRENT,
            postgresql_where=_CURRENT,
        ),
        Index(None, "professional_id"),
    )

    handle: Mapped[str] = mapped_column(String(30), primary_key=True)
    professional_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    is_current: Mapped[bool]
    chosen_at: Mapped[datetime] = mapped_column(UtcDateTime)
