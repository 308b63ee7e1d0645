"""Who has shown that mail reaches them, the codes that they do it with, and requests for a new password."""

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Whoever has an account already counts as verified: nobody is asked for what they booked without before."""
    op.add_column("accounts", sa.Column("email_verified_at", UtcDateTime(), nullable=True))
    op.execute("UPDATE accounts SET email_verified_at = created_at")
    op.create_table(
        "email_codes",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(10), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "purpose", name="pk_email_codes"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], ondelete="CASCADE", name="fk_email_codes_account_id_accounts"
        ),
        sa.CheckConstraint("purpose IN ('verify', 'reset')", name=op.f("ck_email_codes_purpose")),
    )
    op.create_index("ix_email_codes_expires_at", "email_codes", ["expires_at"])
    op.create_table(
        "reset_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reset_requests"),
    )
    op.create_index("ix_reset_requests_created_at", "reset_requests", ["created_at"])


def downgrade() -> None:
    """Nobody is asked for a code then, as before."""
    op.drop_table("reset_requests")
    op.drop_table("email_codes")
    op.drop_column("accounts", "email_verified_at")
