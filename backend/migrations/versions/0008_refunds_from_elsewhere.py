"""Refunds and disputes of the provider's own, what each payment comes to with them, and what was found to differ.

`refunds` is made again and filled: its checks and its partial index change, and SQLite cannot change those.
"""

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_REASONS = "'user_cancelled', 'professional_cancelled', 'professional_absent', 'not_confirmed'"
_ORDERED = "status = 'pending' AND source = 'ours' AND provider_reference IS NULL"
_OLD = [
    "id",
    "booking_id",
    "payment_id",
    "paid_minor",
    "amount_minor",
    "reason",
    "attempt",
    "status",
    "next_attempt_at",
    "provider_reference",
    "failure",
    "created_at",
    "settled_at",
]


def upgrade() -> None:
    """What is live was ordered by us, and came back from the professional by its share."""
    _add_to_payments()
    _fill_payments()
    _make_refunds_again(new=True)
    op.add_column(
        "bookings",
        sa.Column(
            "dispute_state",
            sa.String(10),
            sa.CheckConstraint(
                "dispute_state IN ('inquiry', 'open', 'won', 'lost')", name=op.f("ck_bookings_dispute_state")
            ),
            nullable=True,
        ),
    )
    op.add_column("sandbox_refunds", sa.Column("reversed_minor", sa.Integer(), nullable=True))
    _disputes()
    _differences()
    _sandbox()


def downgrade() -> None:
    """Each payment keeps the first refund that lives; disputes and what others gave back are forgotten."""
    for table in ("sandbox_transfers", "sandbox_disputes", "ledger_differences", "disputes"):
        op.drop_table(table)
    op.drop_index("ix_sandbox_refunds_asked_at", "sandbox_refunds")
    op.drop_index("ix_sandbox_checkouts_paid_at", "sandbox_checkouts")
    op.drop_column("sandbox_refunds", "reversed_minor")
    op.drop_column("bookings", "dispute_state")
    _make_refunds_again(new=False)
    op.drop_index("ix_payments_owing", "payments")
    op.drop_index("ix_payments_paid_at", "payments")
    op.drop_column("payments", "owed_reason")
    for column in reversed(_payment_columns()):
        op.drop_column("payments", column.name)


def _payment_columns() -> list[sa.Column[int]]:
    def cents(name: str, check: str = "") -> sa.Column[int]:
        checks = (
            [sa.CheckConstraint(f"{name}_minor BETWEEN 0 AND {check}", name=op.f(f"ck_payments_{name}"))]
            if check
            else []
        )
        return sa.Column(f"{name}_minor", sa.Integer(), *checks, nullable=False, server_default="0")

    return [
        cents("owed", "amount_minor"),
        cents("reversed", "amount_minor"),
        cents("fee_returned", "fee_minor"),
        cents("transferred"),
        cents("back", "amount_minor"),
        cents("payee"),
    ]


def _add_to_payments() -> None:
    for column in _payment_columns():
        op.add_column("payments", column)
    op.add_column("payments", sa.Column("owed_reason", sa.String(30), nullable=True))
    owing = sa.text("owed_minor > back_minor")
    op.create_index("ix_payments_owing", "payments", ["paid_at"], sqlite_where=owing, postgresql_where=owing)
    op.create_index("ix_payments_paid_at", "payments", ["paid_at"])


def _fill_payments() -> None:
    live = "FROM refunds WHERE refunds.payment_id = payments.id AND refunds.status IN ('pending', 'done')"
    done = "FROM refunds WHERE refunds.payment_id = payments.id AND refunds.status = 'done'"
    op.execute(
        f"UPDATE payments SET back_minor = coalesce((SELECT sum(amount_minor) {live}), 0),"  # noqa: S608 - constants
        f" owed_minor = coalesce((SELECT sum(amount_minor) {live}), 0),"
        f" owed_reason = (SELECT min(reason) {live}),"
        f" reversed_minor = coalesce((SELECT sum(amount_minor) {done}), 0),"
        f" fee_returned_minor = coalesce((SELECT sum(fee_returned_minor) {done}), 0)"
    )
    # What is on its way gives the fee back by its share.
    op.execute(
        "UPDATE payments SET payee_minor = amount_minor - back_minor - fee_minor + CASE"
        " WHEN back_minor = reversed_minor THEN fee_returned_minor"
        " ELSE CAST(CAST(fee_minor AS BIGINT) * back_minor / amount_minor AS INTEGER) END"
    )


def _make_refunds_again(*, new: bool) -> None:
    op.execute("CREATE TABLE refunds_before AS SELECT * FROM refunds")
    op.drop_table("refunds")
    extra = _new_columns() if new else [sa.Column("fee_returned_minor", sa.Integer(), nullable=True)]
    statuses = "'pending', 'done', 'failed'" + (", 'superseded'" if new else "")
    checks = [
        ("amount", "amount_minor BETWEEN 1 AND paid_minor"),
        ("status", f"status IN ({statuses})"),
        ("reason", f"reason IN ({_REASONS}{', ' + chr(39) + 'support' + chr(39) if new else ''})"),
        ("attempt", "attempt >= 1"),
        ("source", "source IN ('ours', 'provider')")
        if new
        else ("fee_returned", "fee_returned_minor BETWEEN 0 AND amount_minor"),
    ]
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
        *extra,
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_refunds"),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name="fk_refunds_booking_id_bookings"),
        sa.ForeignKeyConstraint(
            ["payment_id", "paid_minor"],
            ["payments.id", "payments.amount_minor"],
            name="fk_refunds_payment_id_payments",
        ),
        sa.UniqueConstraint("booking_id", "attempt", name="uq_refunds_booking_id_attempt"),
        *(sa.CheckConstraint(check, name=op.f(f"ck_refunds_{name}")) for name, check in checks),
    )
    (_fill_new_refunds if new else _fill_old_refunds)()
    op.execute("DROP TABLE refunds_before")
    _index("ix_refunds_due", ["next_attempt_at"], "status = 'pending'")
    if new:
        _index("uq_refunds_payment_id_ordered", ["payment_id"], _ORDERED, unique=True)
        known = "provider_reference IS NOT NULL"
        _index("uq_refunds_payment_id_provider_reference", ["payment_id", "provider_reference"], known, unique=True)
    else:
        _index("uq_refunds_payment_id_live", ["payment_id"], "status IN ('pending', 'done')", unique=True)


def _new_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("source", sa.String(10), nullable=False, server_default="ours"),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("reversed_minor", sa.Integer(), nullable=False, server_default="0"),
    ]


def _fill_new_refunds() -> None:
    columns = ", ".join(_OLD)
    op.execute(
        f"INSERT INTO refunds ({columns}, source, asked_at, reversed_minor) SELECT {columns}, 'ours', created_at,"  # noqa: S608 - constants
        " CASE WHEN status = 'done' THEN amount_minor ELSE 0 END FROM refunds_before"
    )
    # One refund of the provider's may have answered two attempts: it stays with the newest.
    op.execute(
        "UPDATE refunds SET provider_reference = NULL WHERE EXISTS (SELECT 1 FROM refunds newer"
        " WHERE newer.payment_id = refunds.payment_id AND newer.provider_reference = refunds.provider_reference"
        " AND newer.attempt > refunds.attempt)"
    )


def _fill_old_refunds() -> None:
    columns = ", ".join(_OLD)
    op.execute(
        f"INSERT INTO refunds ({columns}, fee_returned_minor) SELECT {columns}, CASE WHEN status = 'done' THEN"  # noqa: S608 - constants
        " (SELECT CASE WHEN fee_returned_minor < refunds_before.amount_minor THEN fee_returned_minor"
        " ELSE refunds_before.amount_minor END FROM payments WHERE payments.id = refunds_before.payment_id) END"
        " FROM refunds_before WHERE source = 'ours' AND status <> 'superseded' AND (status = 'failed' OR NOT EXISTS"
        " (SELECT 1 FROM refunds_before earlier WHERE earlier.payment_id = refunds_before.payment_id"
        " AND earlier.source = 'ours' AND earlier.status IN ('pending', 'done')"
        " AND earlier.attempt < refunds_before.attempt))"
    )


def _index(name: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    words = sa.text(where)
    op.create_index(name, "refunds", columns, unique=unique, sqlite_where=words, postgresql_where=words)


def _disputes() -> None:
    op.create_table(
        "disputes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("gateway", sa.String(20), nullable=False),
        sa.Column("provider_reference", sa.String(200), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(60), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("transfer_due_at", UtcDateTime(), nullable=True),
        sa.Column("restored_minor", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_disputes"),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name="fk_disputes_payment_id_payments"),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name="fk_disputes_booking_id_bookings"),
        sa.UniqueConstraint("gateway", "provider_reference", name="uq_disputes_gateway_provider_reference"),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_disputes_amount")),
        sa.CheckConstraint("state IN ('inquiry', 'open', 'won', 'lost')", name=op.f("ck_disputes_state")),
        sa.CheckConstraint("restored_minor BETWEEN 0 AND amount_minor", name=op.f("ck_disputes_restored")),
    )
    op.create_index("ix_disputes_payment_id", "disputes", ["payment_id"])
    open_ = sa.text("state = 'open'")
    op.create_index("ix_disputes_open", "disputes", ["opened_at"], sqlite_where=open_, postgresql_where=open_)
    due = sa.text("transfer_due_at IS NOT NULL")
    op.create_index(
        "ix_disputes_due", "disputes", ["gateway", "transfer_due_at"], sqlite_where=due, postgresql_where=due
    )


def _differences() -> None:
    op.create_table(
        "ledger_differences",
        sa.Column("gateway", sa.String(20), nullable=False),
        sa.Column("payment_reference", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("ours", sa.String(200), nullable=False),
        sa.Column("theirs", sa.String(200), nullable=False),
        sa.Column("repaired", sa.Boolean(), nullable=False),
        sa.Column("first_found_at", UtcDateTime(), nullable=False),
        sa.Column("last_found_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("gateway", "payment_reference", "kind", name="pk_ledger_differences"),
    )
    op.create_index("ix_ledger_differences_found", "ledger_differences", ["last_found_at"])
    left = sa.text("NOT repaired")
    op.create_index(
        "ix_ledger_differences_left", "ledger_differences", ["last_found_at"], sqlite_where=left, postgresql_where=left
    )


def _sandbox() -> None:
    op.create_table(
        "sandbox_disputes",
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("payment_reference", sa.String(64), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("reference", name="pk_sandbox_disputes"),
        sa.CheckConstraint("state IN ('inquiry', 'open', 'won', 'lost')", name=op.f("ck_sandbox_disputes_state")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_sandbox_disputes_amount")),
    )
    op.create_table(
        "sandbox_transfers",
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("payment_reference", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("fee_returned_minor", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_sandbox_transfers"),
        sa.CheckConstraint("kind IN ('reversal', 'again')", name=op.f("ck_sandbox_transfers_kind")),
    )
    op.create_index("ix_sandbox_disputes_opened_at", "sandbox_disputes", ["opened_at"])
    op.create_index("ix_sandbox_checkouts_paid_at", "sandbox_checkouts", ["paid_at"])
    op.create_index("ix_sandbox_refunds_asked_at", "sandbox_refunds", ["asked_at"])
    for table in ("sandbox_disputes", "sandbox_transfers"):
        op.create_index(f"ix_{table}_payment_reference", table, ["payment_reference"])
