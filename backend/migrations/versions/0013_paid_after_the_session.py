"""The professional's part of a payment is transferred after the session; professionals have a country."""

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_DUE = sa.text("due_at IS NOT NULL")
_ON_HOLD = sa.text("hold IS NOT NULL")
_KIND = "ck_sandbox_transfers_kind"


def upgrade() -> None:
    """What was paid before was transferred with the payment, and keeps its way."""
    for table in ("payments", "sandbox_checkouts"):
        op.add_column(table, sa.Column("transferred_at_once", sa.Boolean(), nullable=False, server_default=sa.true()))
    for table in ("payees", "sandbox_payees"):
        op.add_column(table, sa.Column("country", sa.String(2), nullable=True))
    with op.batch_alter_table("sandbox_transfers") as transfers:
        transfers.add_column(sa.Column("payee_reference", sa.String(64), nullable=True))
        transfers.drop_constraint(op.f(_KIND), type_="check")
        transfers.create_check_constraint(op.f(_KIND), "kind IN ('payout', 'reversal', 'again')")
    op.create_index("ix_sandbox_transfers_payee_reference", "sandbox_transfers", ["payee_reference"])
    _create_payouts()


def _create_payouts() -> None:
    op.create_table(
        "payouts",
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("professional_id", sa.Uuid(), nullable=False),
        sa.Column("gateway", sa.String(20), nullable=False),
        *(sa.Column(name, UtcDateTime(), nullable=True) for name in ("released_at", "due_at", "not_before")),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("asked_minor", sa.Integer(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("hold", sa.String(10), nullable=True),
        sa.Column("failure", sa.String(200), nullable=True),
        sa.CheckConstraint("hold IN ('account', 'refused')", name=op.f("ck_payouts_hold")),
        sa.CheckConstraint("attempt >= 1", name=op.f("ck_payouts_attempt")),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_payouts_failures")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_payouts_payment_id_payments")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_payouts_booking_id_bookings")),
        sa.ForeignKeyConstraint(["professional_id"], ["accounts.id"], name=op.f("fk_payouts_professional_id_accounts")),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_payouts")),
    )
    op.create_index("ix_payouts_due", "payouts", ["gateway", "due_at"], sqlite_where=_DUE, postgresql_where=_DUE)
    op.create_index(
        "ix_payouts_on_hold", "payouts", ["professional_id"], sqlite_where=_ON_HOLD, postgresql_where=_ON_HOLD
    )
    op.create_index("ix_payouts_booking_id", "payouts", ["booking_id"])


def downgrade() -> None:
    """What was not transferred yet is for hands: an older release takes every payment for transferred."""
    op.drop_table("payouts")
    op.drop_index("ix_sandbox_transfers_payee_reference", table_name="sandbox_transfers")
    op.execute("UPDATE sandbox_transfers SET kind = 'again' WHERE kind = 'payout'")
    with op.batch_alter_table("sandbox_transfers") as transfers:
        transfers.drop_constraint(op.f(_KIND), type_="check")
        transfers.create_check_constraint(op.f(_KIND), "kind IN ('reversal', 'again')")
        transfers.drop_column("payee_reference")
    for table, column in (
        ("sandbox_payees", "country"),
        ("payees", "country"),
        ("sandbox_checkouts", "transferred_at_once"),
        ("payments", "transferred_at_once"),
    ):
        op.drop_column(table, column)
