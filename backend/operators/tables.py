"""The audit log."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base, UtcDateTime


class AuditEntryRow(Base):
    """Who did what to which account or booking (`subject`), why, and what came of it. Never changed, never deleted.

    It outlives what it is about, so it refers to nothing, and holds no name and no address of those it is about.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (Index(None, "subject"), Index(None, "at"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    operator: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[UUID]
    reason: Mapped[str] = mapped_column(Text)
    result: Mapped[str] = mapped_column(Text)
