"""The outbox, what people do not want to be told, and the demo's inbox."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base, UtcDateTime

WAITING = "mails.status = 'pending'"
_WAITING = text(WAITING.replace("mails.", ""))
_KINDS = (
    "kind IN ('verify_code', 'reset_code', 'booked', 'new_booking', 'moved', 'cancelled', 'reminder_day',"
    " 'reminder_soon', 'refund', 'follow_up', 'new_sign_in', 'change_code', 'email_changed', 'second_factor_off')"
)


class MailRow(Base):
    """A mail that is to be sent, or was. `about` and `version` make it the only one of its kind: the booking, and which
    of its states; without `about` there may be several.

    `reader` and `facts` are JSON (`backend.mail.rules.facts`), emptied once the mail is settled: codes and addresses
    stand here no longer than needed. `next_attempt_at` is the end of the lease while a worker is sending it. After
    `not_after` it is not sent any more. `failure`: why it was given up.
    """

    __tablename__ = "mails"
    __table_args__ = (
        CheckConstraint(_KINDS, name="kind"),
        CheckConstraint("status IN ('pending', 'sent', 'given_up', 'dropped')", name="status"),
        UniqueConstraint("about", "account_id", "kind", "version"),
        Index("ix_mails_waiting", "next_attempt_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_mails_account_id", "account_id"),
        Index("ix_mails_created_at", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    about: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(default=0)
    reader: Mapped[str] = mapped_column(Text)
    facts: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime)
    not_after: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failure: Mapped[str | None] = mapped_column(String(200))


class MailOptOutRow(Base):
    """This account wants no mails of this kind."""

    __tablename__ = "mail_opt_outs"
    __table_args__ = (CheckConstraint(_KINDS, name="kind"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)


class SandboxMailRow(Base):
    """A mail of a demo without a mail server, whole (RFC 5322): its inbox page shows it."""

    __tablename__ = "sandbox_mails"

    message_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    address: Mapped[str] = mapped_column(String(254), index=True)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
