"""How a call ran, as each of its two people's apps told it."""

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_CHECKS = {
    "role": "role IN ('professional', 'user')",
    "own_rating": "own_rating IN ('good', 'fair', 'poor')",
    "other_rating": "other_rating IN ('good', 'fair', 'poor')",
    "measured": "measured_s > 0",
}


def upgrade() -> None:
    """At most one report a person and session."""
    op.create_table(
        "call_quality",
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("measured_s", sa.Integer(), nullable=False),
        sa.Column("own_rating", sa.String(10), nullable=False),
        sa.Column("other_rating", sa.String(10), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("round_trip_ms", "loss_in_permille")),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("loss_out_permille", "concealed_permille")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("frozen_s", "reduced_s", "interruptions")),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("received_height", "received_rate_hz")),
        sa.Column("reported_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("booking_id", "role", name="pk_call_quality"),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], ondelete="CASCADE", name="fk_call_quality_booking_id_bookings"
        ),
        *(sa.CheckConstraint(check, name=op.f(f"ck_call_quality_{name}")) for name, check in _CHECKS.items()),
    )


def downgrade() -> None:
    """What was reported is forgotten."""
    op.drop_table("call_quality")
