"""The key that encrypts a session's call from end to end, while the session can be joined."""

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime

revision = "0020"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One row a session that somebody has joined."""
    op.create_table(
        "call_keys",
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("booking_id", name="pk_call_keys"),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], ondelete="CASCADE", name="fk_call_keys_booking_id_bookings"
        ),
    )
    op.create_index("ix_call_keys_expires_at", "call_keys", ["expires_at"])


def downgrade() -> None:
    """Who joins an older release is not encrypted, as before."""
    op.drop_table("call_keys")
