"""Counts of every limit in one table, in the place of attempts to sign in; and who made which hold over which line."""

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Attempts to sign in are counted again from none: they were kept for 15 minutes."""
    op.drop_table("sign_in_attempts")
    op.create_table(
        "limit_counts",
        sa.Column("key", sa.String(160), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_limit_counts"),
    )
    op.create_index("ix_limit_counts_ends_at", "limit_counts", ["ends_at"])
    op.create_table(
        "holds",
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("professional_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.LargeBinary(16), nullable=False),
        sa.Column("network", sa.LargeBinary(16), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("booking_id", name="pk_holds"),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], name="fk_holds_booking_id_bookings", ondelete="CASCADE"
        ),
    )
    for columns in (
        ["user_id", "ends_at"],
        ["line", "ends_at"],
        ["network", "professional_id", "ends_at"],
        ["made_at"],
    ):
        op.create_index(f"ix_holds_{'_'.join(columns)}", "holds", columns)


def downgrade() -> None:
    """Attempts are counted again from none."""
    op.drop_table("holds")
    op.drop_table("limit_counts")
    op.create_table(
        "sign_in_attempts",
        sa.Column("counted_for", sa.LargeBinary(32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("counted_for", name="pk_sign_in_attempts"),
    )
    op.create_index("ix_sign_in_attempts_began_at", "sign_in_attempts", ["began_at"])
