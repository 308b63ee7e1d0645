"""What sign-ins are known by, addresses that are to be changed, and second factors."""

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime

revision = "0060"
down_revision = "0050"
branch_labels = None
depends_on = None

_KINDS_BEFORE = (
    "kind IN ('verify_code', 'reset_code', 'booked', 'new_booking', 'moved', 'cancelled', 'reminder_day',"
    " 'reminder_soon', 'refund', 'follow_up', 'new_sign_in')"
)
_KINDS = _KINDS_BEFORE.removesuffix(")") + ", 'change_code', 'email_changed', 'second_factor_off')"
_PURPOSES_BEFORE, _PURPOSES = "purpose IN ('verify', 'reset')", "purpose IN ('verify', 'reset', 'change')"


def upgrade() -> None:
    """Sign-ins of before have no device's name, and end 90 days after they began as every other."""
    op.add_column("tokens", sa.Column("last_seen_at", UtcDateTime(), nullable=True))
    op.add_column("tokens", sa.Column("device", sa.String(60), nullable=False, server_default=""))
    op.add_column("email_codes", sa.Column("new_email", sa.String(254), nullable=True))
    _checks(_KINDS, _PURPOSES)
    op.create_table(
        "second_factors",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("on_since", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("account_id", name="pk_second_factors"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], ondelete="CASCADE", name="fk_second_factors_account_id_accounts"
        ),
    )
    begun = sa.text("on_since IS NULL")
    op.create_index(
        "ix_second_factors_begun", "second_factors", ["created_at"], sqlite_where=begun, postgresql_where=begun
    )
    op.create_table(
        "recovery_codes",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "digest", name="pk_recovery_codes"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], ondelete="CASCADE", name="fk_recovery_codes_account_id_accounts"
        ),
    )


def downgrade() -> None:
    """Passwords alone let in then, and nobody's address changes."""
    op.drop_table("recovery_codes")
    op.drop_table("second_factors")
    op.execute("DELETE FROM mails WHERE kind IN ('change_code', 'email_changed', 'second_factor_off')")
    op.execute("DELETE FROM email_codes WHERE purpose = 'change'")
    _checks(_KINDS_BEFORE, _PURPOSES_BEFORE)
    op.drop_column("email_codes", "new_email")
    op.drop_column("tokens", "device")
    op.drop_column("tokens", "last_seen_at")


def _checks(kinds: str, purposes: str) -> None:
    for table, column, allowed in (
        ("mails", "kind", kinds),
        ("mail_opt_outs", "kind", kinds),
        ("email_codes", "purpose", purposes),
    ):
        name = op.f(f"ck_{table}_{column}")
        with op.batch_alter_table(table) as changed:
            changed.drop_constraint(name, type_="check")
            changed.create_check_constraint(name, allowed)
