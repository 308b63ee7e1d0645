"""Slots. The database refuses overlaps, impossible times and prices out of range, whatever the code above it does."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base, UtcDateTime

NO_OVERLAP = "ex_slots_no_overlap"
"""The exclusion constraint (PostgreSQL) and the triggers' message (SQLite), both made by migration 0001."""


class SlotRow(Base):
    """An offered time. Deleting one sets `withdrawn_at`, which the overlap rule then ignores."""

    __tablename__ = "slots"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="order"),
        CheckConstraint("price_minor BETWEEN 100 AND 25000", name="price"),
        Index(None, "professional_id", "starts_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    professional_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    price_minor: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
