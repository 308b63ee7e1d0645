"""What operators did, for good; and accounts that they have blocked."""

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime

revision = "0030"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody is blocked so far."""
    op.add_column("accounts", sa.Column("blocked_at", UtcDateTime(), nullable=True))
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("operator", sa.String(80), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entries"),
    )
    op.create_index("ix_audit_entries_subject", "audit_entries", ["subject"])
    op.create_index("ix_audit_entries_at", "audit_entries", ["at"])


def downgrade() -> None:
    """Blocked accounts are free again then."""
    op.drop_table("audit_entries")
    op.drop_column("accounts", "blocked_at")
