"""Accounts, their tokens and codes, and their second factors."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column

from backend.auth.rules import NAME_KEY_LENGTH, email_form, name_look
from backend.auth.rules.sign_ins import LONGEST_DEVICE_NAME
from backend.kit.database import Base, UtcDateTime

_BEGUN = text("on_since IS NULL")


def _form_of_email(context: DefaultExecutionContext) -> str:
    return email_form(str(_given(context)["email"]))


def _look_of_name(context: DefaultExecutionContext) -> str:
    return name_look(str(_given(context)["name"]))


def _given(context: DefaultExecutionContext) -> dict[str, Any]:
    given: dict[str, Any] = context.get_current_parameters()  # type: ignore[no-untyped-call]  # SQLAlchemy's, untyped
    return given


class AccountRow(Base):
    """A person. `sort_name` is the name as lists sort and search it (folded), `name_look` what it passes for.

    `email_form` is what an address is looked up by. Two accounts may share one only if they are older than that rule:
    `email` still tells them apart. `email_verified_at`: when its owner showed that mail reaches them there.
    `language` is a tag (BCP 47) of the device that last signed in, by which mails write dates. `blocked_at`: by an
    operator, or because the person deleted it; nobody signs in, finds or books it.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("email"),
        CheckConstraint("role IN ('professional', 'user')", name="role"),
        Index(None, "role", "sort_name", "id"),
        Index(None, "email_form"),
        Index(None, "name_look"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    role: Mapped[str] = mapped_column(String(16))
    email: Mapped[str] = mapped_column(String(254))
    email_form: Mapped[str] = mapped_column(Text, default=_form_of_email, server_default="")
    name: Mapped[str] = mapped_column(String(80))
    sort_name: Mapped[str] = mapped_column(String(NAME_KEY_LENGTH))
    name_look: Mapped[str] = mapped_column(String(NAME_KEY_LENGTH), default=_look_of_name, server_default="")
    time_zone: Mapped[str] = mapped_column(String(64))
    password_hash: Mapped[str] = mapped_column(String(255))
    language: Mapped[str] = mapped_column(String(35), default="", server_default="")
    email_verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    blocked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SearchTextRow(Base):
    """What a professional is found by: their folded name, a line break, and what their folded profile says.

    `number` is what SQLite's index of trigrams refers to, PostgreSQL's is on `text` itself (migration 0009).
    """

    __tablename__ = "search_texts"
    __table_args__ = (
        Index(
            "ix_search_texts_trigrams", "text", postgresql_using="gin", postgresql_ops={"text": "gin_trgm_ops"}
        ).ddl_if(dialect="postgresql"),
    )

    number: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), unique=True)
    text: Mapped[str] = mapped_column(Text)


class TokenRow(Base):
    """A sign-in. Only the token's SHA-256 is stored: who reads the database cannot act as anyone.

    `device` is what its person knows it by ("Firefox on Windows"), empty of older ones. `last_seen_at` is at most
    `SEEN_EVERY` old while it is used; None until then.
    """

    __tablename__ = "tokens"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    device: Mapped[str] = mapped_column(String(LONGEST_DEVICE_NAME), default="", server_default="")


class EmailCodeRow(Base):
    """The code that was sent to an account last, as a keyed digest. One that is used is deleted.

    `new_email`: where a code to change the address was sent, and what the address becomes.
    """

    __tablename__ = "email_codes"
    __table_args__ = (CheckConstraint("purpose IN ('verify', 'reset', 'change')", name="purpose"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(10), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    new_email: Mapped[str | None] = mapped_column(String(254))
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class ResetRequestRow(Base):
    """Somebody has forgotten the password of `email`, as typed; the worker finds out whether it has an account."""

    __tablename__ = "reset_requests"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class SecondFactorRow(Base):
    """What an account's authenticator app has, too: the secret, encrypted (`backend.auth.service.second_factor`).

    Nothing is asked for before `on_since`: until then it is being set up. `last_step`: the time step (RFC 6238) of the
    last code that was used; none of it or before is taken again.
    """

    __tablename__ = "second_factors"
    __table_args__ = (Index("ix_second_factors_begun", "created_at", sqlite_where=_BEGUN, postgresql_where=_BEGUN),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    on_since: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecoveryCodeRow(Base):
    """A code that its person has on paper, as a digest; deleted once it was used."""

    __tablename__ = "recovery_codes"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
