"""The sandbox's own tables: apart from the ledger, as a real provider's are."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base, UtcDateTime


class SandboxCheckoutRow(Base):
    """A checkout of the sandbox, which keeps its ledger apart from the bookings as a real provider would."""

    __tablename__ = "sandbox_checkouts"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'paid', 'expired')", name="state"),
        CheckConstraint("(state = 'paid') = (payment_reference IS NOT NULL)", name="paid_has_reference"),
        Index("ix_sandbox_checkouts_payment_reference", "payment_reference"),
        Index("ix_sandbox_checkouts_paid_at", "paid_at"),
    )

    reference: Mapped[str] = mapped_column(String(64), primary_key=True)
    booking_id: Mapped[UUID] = mapped_column(unique=True)
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    title: Mapped[str] = mapped_column(String(200))
    when: Mapped[str] = mapped_column("when_words", String(200))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(20))
    payment_reference: Mapped[str | None] = mapped_column(String(64))
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Of checkouts of older releases, whose money was transferred with the payment, less the fee; else all is ours.
    transferred_at_once: Mapped[bool] = mapped_column(default=False)
    payee_reference: Mapped[str | None] = mapped_column(String(64))
    fee_minor: Mapped[int] = mapped_column(default=0)
    card: Mapped[str | None] = mapped_column(String(20))  # which test card paid: some of them refuse refunds


class SandboxRefundRow(Base):
    """A refund of the sandbox, by the idempotency key it was asked with; `outside:...` was given at the sandbox itself.

    `reversed_minor`: what of it came back from the professional; None in rows of older releases: all.
    """

    __tablename__ = "sandbox_refunds"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'done', 'failed')", name="state"),
        CheckConstraint("amount_minor > 0", name="amount"),
        Index("ix_sandbox_refunds_payment_reference", "payment_reference"),
        Index("ix_sandbox_refunds_asked_at", "asked_at"),
    )

    reference: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    payment_reference: Mapped[str] = mapped_column(String(64))
    amount_minor: Mapped[int]
    fee_returned_minor: Mapped[int]
    state: Mapped[str] = mapped_column(String(20))
    failure: Mapped[str | None] = mapped_column(String(200))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reversed_minor: Mapped[int | None]


class SandboxDisputeRow(Base):
    """A dispute of the sandbox. What was reversed for it, and transferred again, by the keys that asked for it."""

    __tablename__ = "sandbox_disputes"
    __table_args__ = (
        CheckConstraint("state IN ('inquiry', 'open', 'won', 'lost')", name="state"),
        CheckConstraint("amount_minor > 0", name="amount"),
        Index("ix_sandbox_disputes_payment_reference", "payment_reference"),
        Index("ix_sandbox_disputes_opened_at", "opened_at"),
    )

    reference: Mapped[str] = mapped_column(String(64), primary_key=True)
    payment_reference: Mapped[str] = mapped_column(String(64))
    amount_minor: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SandboxTransferRow(Base):
    """Money that went to a professional (`payout`), came back from them (`reversal`), or went to them again after a
    dispute (`again`), once by its key.

    `fee_returned_minor`: the fee's share of a reversal, which the professional got back.
    """

    __tablename__ = "sandbox_transfers"
    __table_args__ = (
        CheckConstraint("kind IN ('payout', 'reversal', 'again')", name="kind"),
        Index("ix_sandbox_transfers_payment_reference", "payment_reference"),
        Index("ix_sandbox_transfers_payee_reference", "payee_reference"),
    )

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    payment_reference: Mapped[str] = mapped_column(String(64))
    payee_reference: Mapped[str | None] = mapped_column(String(64))  # None in rows of older releases
    kind: Mapped[str] = mapped_column(String(10))
    amount_minor: Mapped[int]
    fee_returned_minor: Mapped[int]


class SandboxConnectedAccountRow(Base):
    """A professional's account with the sandbox; its test onboarding is one page with one button."""

    __tablename__ = "sandbox_payees"

    reference: Mapped[str] = mapped_column(String(64), primary_key=True)
    professional_id: Mapped[UUID] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(String(80))
    country: Mapped[str | None] = mapped_column(String(2))
    onboarded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
