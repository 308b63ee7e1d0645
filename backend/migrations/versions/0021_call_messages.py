"""What the two people of a session wrote to each other in its call."""

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The id is the sender's own, so that sending it again adds nothing."""
    op.create_table(
        "call_messages",
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("booking_id", "id", name="pk_call_messages"),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], ondelete="CASCADE", name="fk_call_messages_booking_id_bookings"
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], ondelete="CASCADE", name="fk_call_messages_account_id_accounts"
        ),
        sa.CheckConstraint("role IN ('professional', 'user')", name=op.f("ck_call_messages_role")),
    )
    op.create_index("ix_call_messages_account_id", "call_messages", ["account_id"])
    op.create_index("ix_call_messages_sent_at", "call_messages", ["sent_at"])


def downgrade() -> None:
    """The messages are lost: an older release cannot show them."""
    op.drop_table("call_messages")
