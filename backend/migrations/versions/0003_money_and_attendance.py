"""Payments, refunds, payees, cancellation policies and attendance.

What was paid before gets its row in the ledger, and money that confirmed nothing has its refund put on the way. No fee
was taken before.
"""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The partial unique indexes and the refunds' foreign key are what keep money from going back twice."""
    for column in _booking_columns():
        op.add_column("bookings", column)
    for column in _checkout_columns():
        op.add_column("sandbox_checkouts", column)
    _cancellation_policies()
    _payments()
    _refunds()
    _payees()
    _sandbox()
    _attendance()
    _books_of_what_was_paid()


def downgrade() -> None:
    """Back to what was booked and paid; who was refunded, paid out or there is lost.

    RuntimeError while money is owed that nobody would know of afterwards.
    """
    _check_nothing_would_stay_owed()
    _forget_money_that_came_and_went()
    for table in (
        "livekit_events",
        "watches",
        "stays",
        "sandbox_payees",
        "sandbox_refunds",
        "payees",
        "refunds",
        "payments",
        "cancellation_policies",
    ):
        op.drop_table(table)
    for column in reversed(_checkout_columns()):
        op.drop_column("sandbox_checkouts", column.name)
    for column in reversed(_booking_columns()):  # each goes with its checks, so one that names another goes first
        op.drop_column("bookings", column.name)


def _check_nothing_would_stay_owed() -> None:
    owed = sa.select(sa.func.count()).where(_REFUNDS.c.status == "pending", _REFUNDS.c.reason != "not_confirmed")
    if op.get_bind().scalar(owed):
        raise RuntimeError("Refunds are on their way: let the worker send them first, else nobody remembers them.")


def _forget_money_that_came_and_went() -> None:
    """What confirmed nothing and is refunded must not be refunded again, should this migration come back."""
    returned = (
        sa.select(_PAYMENTS.c.payment_reference)
        .join(_REFUNDS, _REFUNDS.c.payment_id == _PAYMENTS.c.id)
        .where(
            _PAYMENTS.c.gateway == _EVENTS.c.gateway,
            _PAYMENTS.c.payment_reference == _EVENTS.c.payment_reference,
            _REFUNDS.c.status == "done",
            _REFUNDS.c.reason == "not_confirmed",
        )
        .correlate(_EVENTS)
    )
    op.execute(sa.update(_EVENTS).where(returned.exists()).values(outcome="ignored"))


def _booking_columns() -> Sequence[sa.Column[Any]]:
    absent = "absent IN ('nobody', 'user', 'professional', 'both', 'unclear')"
    full = "policy_full_until_min >= policy_half_until_min"
    return [
        _number("policy_half_until_min", 120, _check("bookings", "policy_half", "policy_half_until_min >= 0")),
        _number("policy_full_until_min", 720, _check("bookings", "policy_full", full)),
        _number("refund_share_cap", 100, _check("bookings", "refund_share_cap", "refund_share_cap IN (0, 50, 100)")),
        _number("fee_minor", 0, _check("bookings", "fee", "fee_minor BETWEEN 0 AND price_minor")),
        sa.Column("payee_reference", sa.String(200), nullable=True),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.Column(
            "cancelled_by",
            sa.String(20),
            _check("bookings", "cancelled_by", "cancelled_by IN ('user', 'professional')"),
            nullable=True,
        ),
        sa.Column("absent", sa.String(20), _check("bookings", "absent", absent), nullable=True),
        sa.Column("moved_from", UtcDateTime(), nullable=True),
    ]


def _checkout_columns() -> Sequence[sa.Column[Any]]:
    return [
        sa.Column("payee_reference", sa.String(64), nullable=True),
        sa.Column("fee_minor", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("card", sa.String(20), nullable=True),
    ]


def _number(name: str, default: int, check: sa.CheckConstraint) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), check, nullable=False, server_default=str(default))


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _cancellation_policies() -> None:
    op.create_table(
        "cancellation_policies",
        sa.Column("professional_id", sa.Uuid(), nullable=False),
        sa.Column("full_until_min", sa.Integer(), nullable=False),
        sa.Column("half_until_min", sa.Integer(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("professional_id", name="pk_cancellation_policies"),
        _of_account("cancellation_policies"),
        _check("cancellation_policies", "half", "half_until_min >= 0"),
        _check("cancellation_policies", "full", "full_until_min >= half_until_min"),
    )


def _of_account(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_professional_id_accounts"
    return sa.ForeignKeyConstraint(["professional_id"], ["accounts.id"], ondelete="CASCADE", name=name)


def _of_booking(table: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_booking_id_bookings"
    return sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], ondelete=ondelete, name=name)


def _payments() -> None:
    op.create_table(
        "payments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("gateway", sa.String(20), nullable=False),
        sa.Column("payment_reference", sa.String(200), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("fee_minor", sa.Integer(), nullable=False),
        sa.Column("pays", sa.Boolean(), nullable=False),
        sa.Column("paid_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_payments"),
        _of_booking("payments"),
        sa.UniqueConstraint("gateway", "payment_reference", name="uq_payments_gateway_payment_reference"),
        sa.UniqueConstraint("id", "amount_minor", name="uq_payments_id_amount_minor"),
        _check("payments", "amount", "amount_minor > 0"),
        _check("payments", "fee", "fee_minor BETWEEN 0 AND amount_minor"),
    )
    _partial("uq_payments_booking_id_pays", "payments", "booking_id", "pays", unique=True)
    op.create_index("ix_payments_booking_id", "payments", ["booking_id"])


def _partial(name: str, table: str, column: str, where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, [column], unique=unique, sqlite_where=condition, postgresql_where=condition)


def _refunds() -> None:
    reasons = "'user_cancelled', 'professional_cancelled', 'professional_absent', 'not_confirmed'"
    op.create_table(
        "refunds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("paid_minor", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(30), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=False),
        sa.Column("provider_reference", sa.String(200), nullable=True),
        sa.Column("failure", sa.String(200), nullable=True),
        sa.Column("fee_returned_minor", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_refunds"),
        _of_booking("refunds"),
        sa.ForeignKeyConstraint(
            ["payment_id", "paid_minor"],
            ["payments.id", "payments.amount_minor"],
            name="fk_refunds_payment_id_payments",
        ),
        sa.UniqueConstraint("booking_id", "attempt", name="uq_refunds_booking_id_attempt"),
        _check("refunds", "amount", "amount_minor BETWEEN 1 AND paid_minor"),
        _check("refunds", "fee_returned", "fee_returned_minor BETWEEN 0 AND amount_minor"),
        _check("refunds", "status", "status IN ('pending', 'done', 'failed')"),
        _check("refunds", "reason", f"reason IN ({reasons})"),
        _check("refunds", "attempt", "attempt >= 1"),
    )
    _partial("uq_refunds_payment_id_live", "refunds", "payment_id", "status IN ('pending', 'done')", unique=True)
    _partial("ix_refunds_due", "refunds", "next_attempt_at", "status = 'pending'")


def _payees() -> None:
    op.create_table(
        "payees",
        sa.Column("professional_id", sa.Uuid(), nullable=False),
        sa.Column("gateway", sa.String(20), nullable=False),
        sa.Column("account_reference", sa.String(200), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("professional_id", "gateway", name="pk_payees"),
        _of_account("payees"),
        sa.UniqueConstraint("gateway", "account_reference", name="uq_payees_gateway_account_reference"),
        _check("payees", "state", "state IN ('pending', 'ready', 'restricted')"),
    )


def _sandbox() -> None:
    op.create_table(
        "sandbox_refunds",
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("payment_reference", sa.String(64), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("fee_returned_minor", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("failure", sa.String(200), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("reference", name="pk_sandbox_refunds"),
        sa.UniqueConstraint("key", name="uq_sandbox_refunds_key"),
        _check("sandbox_refunds", "state", "state IN ('pending', 'done', 'failed')"),
        _check("sandbox_refunds", "amount", "amount_minor > 0"),
    )
    op.create_index("ix_sandbox_refunds_payment_reference", "sandbox_refunds", ["payment_reference"])
    op.create_table(
        "sandbox_payees",
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("professional_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("onboarded_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("reference", name="pk_sandbox_payees"),
        sa.UniqueConstraint("professional_id", name="uq_sandbox_payees_professional_id"),
    )


def _attendance() -> None:
    op.create_table(
        "stays",
        sa.Column("participant_sid", sa.String(64), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("left_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("participant_sid", name="pk_stays"),
        _of_booking("stays", "CASCADE"),
        _check("stays", "role", "role IN ('professional', 'user')"),
        _check("stays", "order", "last_seen_at >= joined_at"),
    )
    op.create_index("ix_stays_booking_id", "stays", ["booking_id"])
    op.create_table(
        "watches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("until_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_watches"),
        _of_booking("watches", "CASCADE"),
        _check("watches", "order", "until_at >= began_at"),
    )
    op.create_index("ix_watches_booking_id_until_at", "watches", ["booking_id", "until_at"])
    op.create_table(
        "livekit_events",
        sa.Column("event_id", sa.String(64), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_livekit_events"),
    )
    op.create_index("ix_livekit_events_received_at", "livekit_events", ["received_at"])


_EVENTS = sa.table(
    "payment_events",
    sa.column("gateway", sa.String()),
    sa.column("kind", sa.String()),
    sa.column("booking_id", sa.Uuid()),
    sa.column("payment_reference", sa.String()),
    sa.column("amount_minor", sa.Integer()),
    sa.column("currency", sa.String()),
    sa.column("occurred_at", UtcDateTime()),
    sa.column("received_at", UtcDateTime()),
    sa.column("outcome", sa.String()),
)
_PAYMENTS = sa.table(
    "payments",
    *(sa.column(name, sa.Uuid()) for name in ("id", "booking_id")),
    *(sa.column(name, sa.String()) for name in ("gateway", "payment_reference", "currency")),
    *(sa.column(name, sa.Integer()) for name in ("amount_minor", "fee_minor")),
    sa.column("pays", sa.Boolean()),
    sa.column("paid_at", UtcDateTime()),
)
_REFUNDS = sa.table(
    "refunds",
    *(sa.column(name, sa.Uuid()) for name in ("id", "booking_id", "payment_id")),
    *(sa.column(name, sa.Integer()) for name in ("paid_minor", "amount_minor", "attempt")),
    *(sa.column(name, sa.String()) for name in ("reason", "status")),
    *(sa.column(name, UtcDateTime()) for name in ("next_attempt_at", "created_at")),
)


def _books_of_what_was_paid() -> None:
    bind = op.get_bind()
    paid = sa.select(_EVENTS).where(
        _EVENTS.c.kind == "paid",
        _EVENTS.c.outcome.in_(["confirmed", "refund_due"]),
        _EVENTS.c.payment_reference.is_not(None),
        _EVENTS.c.amount_minor > 0,
    )
    paid_for: set[Any] = set()
    refunds_of: dict[Any, int] = {}
    for event in bind.execute(paid.order_by(_EVENTS.c.received_at)).all():
        payment_id = _entered(event, pays=event.booking_id not in paid_for)
        paid_for.add(event.booking_id)
        if event.outcome == "refund_due":
            refunds_of[event.booking_id] = attempt = refunds_of.get(event.booking_id, 0) + 1
            _put_on_the_way(event, payment_id, attempt)


def _entered(event: Any, *, pays: bool) -> Any:
    payment_id = uuid4()
    op.get_bind().execute(
        sa.insert(_PAYMENTS).values(
            id=payment_id,
            booking_id=event.booking_id,
            gateway=event.gateway,
            payment_reference=event.payment_reference,
            amount_minor=event.amount_minor,
            currency=event.currency,
            fee_minor=0,
            pays=pays,
            paid_at=event.occurred_at,
        )
    )
    return payment_id


def _put_on_the_way(event: Any, payment_id: Any, attempt: int) -> None:
    op.get_bind().execute(
        sa.insert(_REFUNDS).values(
            id=uuid4(),
            booking_id=event.booking_id,
            payment_id=payment_id,
            paid_minor=event.amount_minor,
            amount_minor=event.amount_minor,
            reason="not_confirmed",
            attempt=attempt,
            status="pending",
            next_attempt_at=event.received_at,
            created_at=event.received_at,
        )
    )
