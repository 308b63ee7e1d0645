"""Who asked to record a session's call, who agreed, and when."""

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime

revision = "0080"
down_revision = "0070"
branch_labels = None
depends_on = None

_WHEN = ("asked_at", "answered_at", "began_at", "withdrawn_at", "ended_at")


def upgrade() -> None:
    """One row a question; no recording itself is ever here."""
    op.create_table(
        "recordings",
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("ask_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.String(20), nullable=False),
        sa.Column("answer", sa.String(20), nullable=True),
        *(sa.Column(name, UtcDateTime(), nullable=True) for name in _WHEN),
        sa.Column("first_told_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("booking_id", "ask_id", name="pk_recordings"),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], ondelete="CASCADE", name="fk_recordings_booking_id_bookings"
        ),
        sa.CheckConstraint("asked_by IN ('professional', 'user')", name=op.f("ck_recordings_asked_by")),
        sa.CheckConstraint("answer IN ('agreed', 'refused')", name=op.f("ck_recordings_answer")),
    )
    op.create_index("ix_recordings_first_told_at", "recordings", ["first_told_at"])


def downgrade() -> None:
    """What was agreed to is lost: an older release cannot show it."""
    op.drop_table("recordings")
