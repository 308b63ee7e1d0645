"""From which device each of the two has joined a session last."""

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One row a person and session."""
    op.create_table(
        "call_joins",
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("join_id", sa.String(64), nullable=False),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("booking_id", "role", name="pk_call_joins"),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], ondelete="CASCADE", name="fk_call_joins_booking_id_bookings"
        ),
        sa.CheckConstraint("role IN ('professional', 'user')", name=op.f("ck_call_joins_role")),
    )
    op.create_index("ix_call_joins_joined_at", "call_joins", ["joined_at"])


def downgrade() -> None:
    """Any device may rejoin then, as before."""
    op.drop_table("call_joins")
