"""Attempts to sign in, counted for all backends together."""

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A row for each person or network address that has tried lately."""
    op.create_table(
        "sign_in_attempts",
        sa.Column("counted_for", sa.LargeBinary(32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("counted_for", name="pk_sign_in_attempts"),
    )
    op.create_index("ix_sign_in_attempts_began_at", "sign_in_attempts", ["began_at"])


def downgrade() -> None:
    """The counts begin again."""
    op.drop_table("sign_in_attempts")
