"""The ledger: events of providers, what was paid, what goes back, what is disputed, who is paid out."""

import re
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base, UtcDateTime

ONE_PAYS = "uq_payments_booking_id_pays"
"""The partial unique index: one payment at most pays for a booking; other money goes back."""

ONE_REFUND = "uq_refunds_payment_id_ordered"
"""The partial unique index: a payment has one refund at most that is ordered and not known to the provider yet."""

ONE_REFERENCE = "uq_refunds_payment_id_provider_reference"
"""The partial unique index: a refund of the provider's is in the ledger once."""

PENDING = "refunds.status = 'pending'"
ORDERED = "refunds.status = 'pending' AND refunds.source = 'ours' AND refunds.provider_reference IS NULL"
KNOWN = "refunds.provider_reference IS NOT NULL"
OWING = "payments.owed_minor > payments.back_minor"
DISPUTED = "disputes.state = 'open'"
UNREPAIRED = "NOT ledger_differences.repaired"
TRANSFER_DUE = "disputes.transfer_due_at IS NOT NULL"
PAYOUT_DUE = "payouts.due_at IS NOT NULL"
ON_HOLD = "payouts.hold IS NOT NULL"
"""What the partial indexes hold, in the words that a query has to use for them to serve it."""

_PAYS = text("pays")
_PENDING, _ORDERED, _KNOWN, _OWING, _TRANSFER_DUE, _DISPUTED, _UNREPAIRED, _PAYOUT_DUE, _ON_HOLD = (
    text(re.sub(r"\b\w+\.", "", condition))
    for condition in (PENDING, ORDERED, KNOWN, OWING, TRANSFER_DUE, DISPUTED, UNREPAIRED, PAYOUT_DUE, ON_HOLD)
)


class PaymentEventRow(Base):
    """A provider's event that was applied, once. Its outcome `refund_due` is money that has to go back to the payer."""

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

    Of `amount_minor`, `fee_minor` is the platform's and the rest the professional's: transferred to them with the
    payment (`transferred_at_once`, payments of older releases), or later (`PayoutRow`).
    `owed_minor`: what has to go back by our own decisions, for `owed_reason`. `reversed_minor`, `fee_returned_minor`
    and `transferred_minor` are the provider's (`PaymentSnapshot`). `back_minor` and `payee_minor` are what all of that
    comes to (`PaymentLedger`), kept for sums: with the payer, with the professional; the rest is the platform's.
    """

    __tablename__ = "payments"
    __table_args__ = (
        UniqueConstraint("gateway", "payment_reference"),
        UniqueConstraint("id", "amount_minor"),  # what a refund refers to, so that it can never be of more
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("fee_minor BETWEEN 0 AND amount_minor", name="fee"),
        CheckConstraint("owed_minor BETWEEN 0 AND amount_minor", name="owed"),
        CheckConstraint("back_minor BETWEEN 0 AND amount_minor", name="back"),
        CheckConstraint("reversed_minor BETWEEN 0 AND amount_minor", name="reversed"),
        CheckConstraint("fee_returned_minor BETWEEN 0 AND fee_minor", name="fee_returned"),
        Index("ix_payments_owing", "paid_at", sqlite_where=_OWING, postgresql_where=_OWING),
        Index("ix_payments_paid_at", "paid_at"),
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
    transferred_at_once: Mapped[bool]
    pays: Mapped[bool]
    paid_at: Mapped[datetime] = mapped_column(UtcDateTime)
    owed_minor: Mapped[int] = mapped_column(default=0)
    owed_reason: Mapped[str | None] = mapped_column(String(30))
    reversed_minor: Mapped[int] = mapped_column(default=0)
    fee_returned_minor: Mapped[int] = mapped_column(default=0)
    transferred_minor: Mapped[int] = mapped_column(default=0)
    back_minor: Mapped[int] = mapped_column(default=0)
    payee_minor: Mapped[int]


class RefundRow(Base):
    """A refund: one that we order, which makes this the outbox that the worker sends from, or one of the provider's.

    The provider knows ours by `refund:<booking_id>:<attempt>`; attempts number all refunds of a booking. An unknown
    outcome keeps its attempt and stays `pending`; a definite failure is `failed` for good, and the next attempt is the
    next row. `superseded`: no longer needed before it was made. `asked_at`: when the provider was first asked for it.
    `next_attempt_at`: not asked before (pushed on when a worker claims it, so that no other does meanwhile).
    `reversed_minor`: so much of it came back from the professional's account.
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
        CheckConstraint("status IN ('pending', 'done', 'failed', 'superseded')", name="status"),
        CheckConstraint(
            "reason IN ('user_cancelled', 'professional_cancelled', 'professional_absent', 'nobody_came', 'unclear',"
            " 'not_confirmed', 'support')",
            name="reason",
        ),
        CheckConstraint("source IN ('ours', 'provider')", name="source"),
        CheckConstraint("attempt >= 1", name="attempt"),
        Index(ONE_REFUND, "payment_id", unique=True, sqlite_where=_ORDERED, postgresql_where=_ORDERED),
        Index(
            ONE_REFERENCE,
            "payment_id",
            "provider_reference",
            unique=True,
            sqlite_where=_KNOWN,
            postgresql_where=_KNOWN,
        ),
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
    source: Mapped[str] = mapped_column(String(10), default="ours")
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reversed_minor: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DisputeRow(Base):
    """A payer told their bank that a payment was not right; the provider's state of it (`DisputeState`).

    `transfer_due_at`: when the worker checks whether money has to come back from the professional, or to go to them
    again; None while there is nothing to do. `restored_minor`: so much of what it took was transferred again.
    """

    __tablename__ = "disputes"
    __table_args__ = (
        UniqueConstraint("gateway", "provider_reference"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("state IN ('inquiry', 'open', 'won', 'lost')", name="state"),
        CheckConstraint("restored_minor BETWEEN 0 AND amount_minor", name="restored"),
        Index("ix_disputes_payment_id", "payment_id"),
        Index("ix_disputes_booking_id", "booking_id"),
        Index("ix_disputes_open", "opened_at", sqlite_where=_DISPUTED, postgresql_where=_DISPUTED),
        Index(
            "ix_disputes_due", "gateway", "transfer_due_at", sqlite_where=_TRANSFER_DUE, postgresql_where=_TRANSFER_DUE
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    gateway: Mapped[str] = mapped_column(String(20))
    provider_reference: Mapped[str] = mapped_column(String(200))
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"))
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    amount_minor: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(60))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    transfer_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    restored_minor: Mapped[int] = mapped_column(default=0)


class PayoutRow(Base):
    """The professional's part of a payment, transferred some time after the payment: the outbox of payouts.

    `released_at`: from when it is theirs; None while the booking is to come or its decision open. `due_at`: when the
    worker checks whether money has to be moved; None while nothing has. `not_before`: not asked sooner (a lease, or the
    wait after a failure). The provider knows an order by `payout:<payment_reference>:<attempt>`: `asked_minor` is what
    that key was asked for (below zero: to come back), None while nothing is asked for. `failures`: definite ones in a
    row. `hold`: why it cannot be paid, None while it can; `failure`: the provider's word for it.
    """

    __tablename__ = "payouts"
    __table_args__ = (
        CheckConstraint("hold IN ('account', 'refused')", name="hold"),
        CheckConstraint("attempt >= 1", name="attempt"),
        CheckConstraint("failures >= 0", name="failures"),
        Index("ix_payouts_due", "gateway", "due_at", sqlite_where=_PAYOUT_DUE, postgresql_where=_PAYOUT_DUE),
        Index("ix_payouts_on_hold", "professional_id", sqlite_where=_ON_HOLD, postgresql_where=_ON_HOLD),
        Index("ix_payouts_booking_id", "booking_id"),
    )

    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"), primary_key=True)
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    professional_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    gateway: Mapped[str] = mapped_column(String(20))
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempt: Mapped[int] = mapped_column(default=1)
    asked_minor: Mapped[int | None]
    failures: Mapped[int] = mapped_column(default=0)
    hold: Mapped[str | None] = mapped_column(String(10))
    failure: Mapped[str | None] = mapped_column(String(200))


class DifferenceRow(Base):
    """A difference between the ledger and the provider, found by the nightly comparison; one row however often found.

    `kind` says what, `ours` and `theirs` in figures. `repaired`: it was taken over from the provider.
    """

    __tablename__ = "ledger_differences"
    __table_args__ = (
        Index("ix_ledger_differences_found", "last_found_at"),
        Index("ix_ledger_differences_left", "last_found_at", sqlite_where=_UNREPAIRED, postgresql_where=_UNREPAIRED),
    )

    gateway: Mapped[str] = mapped_column(String(20), primary_key=True)
    payment_reference: Mapped[str] = mapped_column(String(200), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    booking_id: Mapped[UUID | None]
    ours: Mapped[str] = mapped_column(String(200))
    theirs: Mapped[str] = mapped_column(String(200))
    repaired: Mapped[bool]
    first_found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_found_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ConnectedAccountRow(Base):
    """A professional's account with a provider, where their part of a payment goes.

    `country`: ISO 3166-1 alpha-2; None for accounts that older releases opened, in the platform's own country.
    """

    __tablename__ = "payees"
    __table_args__ = (
        UniqueConstraint("gateway", "account_reference"),
        CheckConstraint("state IN ('pending', 'ready', 'restricted')", name="state"),
    )

    professional_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    gateway: Mapped[str] = mapped_column(String(20), primary_key=True)
    account_reference: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(20))
    country: Mapped[str | None] = mapped_column(String(2))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
