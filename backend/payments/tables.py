"""The books of money: what providers told, what was paid, what goes back, who is paid out; and the sandbox's own."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base, UtcDateTime

ONE_PAYS = "uq_payments_booking_id_pays"
"""The partial unique index: one payment at most pays for a booking; other money goes back."""

ONE_REFUND = "uq_refunds_payment_id_live"
"""The partial unique index: a payment has one refund at most that is on its way or done."""

_PAYS = text("pays")
LIVE = "refunds.status IN ('pending', 'done')"
PENDING = "refunds.status = 'pending'"
"""What the partial indexes of refunds hold, in the words that a query has to use for them to serve it."""

_LIVE, _PENDING = (text(condition.replace("refunds.", "")) for condition in (LIVE, PENDING))


class PaymentEventRow(Base):
    """A notice that was taken in, once. Its outcome `refund_due` is money that has to go back to who paid it."""

    __tablename__ = "payment_events"
    __table_args__ = (
        CheckConstraint("kind IN ('paid', 'failed')", name="kind"),
        CheckConstraint("outcome IN ('confirmed', 'refund_due', 'failed', 'ignored')", name="outcome"),
        Index("ix_payment_events_booking_id", "booking_id"),
        Index("ix_payment_events_received_at", "received_at"),
    )

    gateway: Mapped[str] = mapped_column(String(20), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    reference: Mapped[str] = mapped_column(String(200))
    payment_reference: Mapped[str | None] = mapped_column(String(200))
    amount_minor: Mapped[int | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(String(20))


class PaymentRow(Base):
    """Money that arrived. `pays`: the first of its booking, of which `payment_status` tells; any other goes back whole.

    Of `amount_minor`, `fee_minor` is the platform's and the rest was transferred to the professional's account.
    """

    __tablename__ = "payments"
    __table_args__ = (
        UniqueConstraint("gateway", "payment_reference"),
        UniqueConstraint("id", "amount_minor"),  # what a refund refers to, so that it can never be of more
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("fee_minor BETWEEN 0 AND amount_minor", name="fee"),
        Index(ONE_PAYS, "booking_id", unique=True, sqlite_where=_PAYS, postgresql_where=_PAYS),
        Index("ix_payments_booking_id", "booking_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    gateway: Mapped[str] = mapped_column(String(20))
    payment_reference: Mapped[str] = mapped_column(String(200))
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    fee_minor: Mapped[int]
    pays: Mapped[bool]
    paid_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RefundRow(Base):
    """One attempt to give money back: the outbox that the worker sends from, with its outcome.

    The provider knows it by `refund:<booking_id>:<attempt>`. An unknown outcome keeps its attempt and stays `pending`;
    a definite failure is `failed` for good, and the next attempt is the next row. `next_attempt_at`: not asked before
    (pushed on when a worker takes it, so that no other does meanwhile). `fee_returned_minor`: what the platform gave
    back of its fee; the rest came back from the professional's account.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        UniqueConstraint("booking_id", "attempt"),
        ForeignKeyConstraint(
            ["payment_id", "paid_minor"],
            ["payments.id", "payments.amount_minor"],
            name="fk_refunds_payment_id_payments",
        ),
        CheckConstraint("amount_minor BETWEEN 1 AND paid_minor", name="amount"),
        CheckConstraint("fee_returned_minor BETWEEN 0 AND amount_minor", name="fee_returned"),
        CheckConstraint("status IN ('pending', 'done', 'failed')", name="status"),
        CheckConstraint(
            "reason IN ('user_cancelled', 'professional_cancelled', 'professional_absent', 'nobody_came', 'unclear',"
            " 'not_confirmed')",
            name="reason",
        ),
        CheckConstraint("attempt >= 1", name="attempt"),
        Index(ONE_REFUND, "payment_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_refunds_due", "next_attempt_at", sqlite_where=_PENDING, postgresql_where=_PENDING),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    payment_id: Mapped[UUID]
    paid_minor: Mapped[int]
    amount_minor: Mapped[int]
    reason: Mapped[str] = mapped_column(String(30))
    attempt: Mapped[int]
    status: Mapped[str] = mapped_column(String(10))
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime)
    provider_reference: Mapped[str | None] = mapped_column(String(200))
    failure: Mapped[str | None] = mapped_column(String(200))
    fee_returned_minor: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PayeeRow(Base):
    """A professional's account with a provider, where their part of a payment goes."""

    __tablename__ = "payees"
    __table_args__ = (
        UniqueConstraint("gateway", "account_reference"),
        CheckConstraint("state IN ('pending', 'ready', 'restricted')", name="state"),
    )

    professional_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    gateway: Mapped[str] = mapped_column(String(20), primary_key=True)
    account_reference: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SandboxCheckoutRow(Base):
    """A checkout of the sandbox, which keeps its books apart from the bookings as a real provider would."""

    __tablename__ = "sandbox_checkouts"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'paid', 'expired')", name="state"),
        CheckConstraint("(state = 'paid') = (payment_reference IS NOT NULL)", name="paid_has_reference"),
        Index("ix_sandbox_checkouts_payment_reference", "payment_reference"),
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
    payee_reference: Mapped[str | None] = mapped_column(String(64))
    fee_minor: Mapped[int] = mapped_column(default=0)
    card: Mapped[str | None] = mapped_column(String(20))  # which test card paid: some of them refuse refunds


class SandboxRefundRow(Base):
    """A refund of the sandbox, by the idempotency key it was asked with."""

    __tablename__ = "sandbox_refunds"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'done', 'failed')", name="state"),
        CheckConstraint("amount_minor > 0", name="amount"),
        Index("ix_sandbox_refunds_payment_reference", "payment_reference"),
    )

    reference: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    payment_reference: Mapped[str] = mapped_column(String(64))
    amount_minor: Mapped[int]
    fee_returned_minor: Mapped[int]
    state: Mapped[str] = mapped_column(String(20))
    failure: Mapped[str | None] = mapped_column(String(200))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SandboxPayeeRow(Base):
    """A professional's account with the sandbox; its test onboarding is one page with one button."""

    __tablename__ = "sandbox_payees"

    reference: Mapped[str] = mapped_column(String(64), primary_key=True)
    professional_id: Mapped[UUID] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(String(80))
    onboarded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
