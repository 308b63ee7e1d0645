"""Accounts and their tokens."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base, UtcDateTime


class AccountRow(Base):
    """A person. `sort_name` is the name as lists sort it (case folded)."""

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("email"),
        CheckConstraint("role IN ('professional', 'user')", name="role"),
        Index(None, "role", "sort_name", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    role: Mapped[str] = mapped_column(String(16))
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(80))
    sort_name: Mapped[str] = mapped_column(String(240))
    time_zone: Mapped[str] = mapped_column(String(64))
    password_hash: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SignInAttemptsRow(Base):
    """Attempts to sign in since `began_at`, of a person or a network address, of which only a hash is stored."""

    __tablename__ = "sign_in_attempts"

    counted_for: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    attempts: Mapped[int]
    began_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class TokenRow(Base):
    """A sign-in. Only the token's SHA-256 is stored: who reads the database cannot act as anyone."""

    __tablename__ = "tokens"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
