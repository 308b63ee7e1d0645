"""Leases, so that several backends do not ask a provider about the same checkout, or do the same nightly work."""

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is leased at first."""
    op.add_column("bookings", sa.Column("checkout_leased_until", UtcDateTime(), nullable=True))
    op.create_table(
        "worker_leases",
        sa.Column("task", sa.String(40), nullable=False),
        sa.Column("leased_until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("task", name="pk_worker_leases"),
    )


def downgrade() -> None:
    """Without leases every worker asks."""
    op.drop_table("worker_leases")
    op.drop_column("bookings", "checkout_leased_until")
