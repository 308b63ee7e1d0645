"""Decisions on who kept the appointment, with their figures, and what people object to them."""

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_BEFORE = "reason IN ('user_cancelled', 'professional_cancelled', 'professional_absent', 'not_confirmed', 'support')"
_SINCE = (
    "reason IN ('user_cancelled', 'professional_cancelled', 'professional_absent', 'nobody_came', 'unclear',"
    " 'not_confirmed', 'support')"
)
_OPEN = sa.text("final_at IS NULL")


def upgrade() -> None:
    """What was decided before stays as it was: it has no figures and is final."""
    op.create_table(
        "attendance_decisions",
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("absent", sa.String(20), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=name == "late_s")
            for name in ("judged_s", "kept_s", "professional_there_s", "user_there_s", "late_s", "unwatched_s")
        ),
        sa.Column("refund_minor", sa.Integer(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(20), nullable=False),
        sa.Column("open_until", UtcDateTime(), nullable=False),
        sa.Column("final_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "absent IN ('nobody', 'user', 'professional', 'both', 'unclear')",
            name=op.f("ck_attendance_decisions_absent"),
        ),
        sa.CheckConstraint("decided_by IN ('rule', 'operator')", name=op.f("ck_attendance_decisions_decided_by")),
        sa.CheckConstraint("refund_minor >= 0", name=op.f("ck_attendance_decisions_refund")),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings.id"],
            name=op.f("fk_attendance_decisions_booking_id_bookings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_attendance_decisions")),
    )
    op.create_index(
        "ix_attendance_decisions_open",
        "attendance_decisions",
        ["open_until"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_table(
        "attendance_objections",
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("role IN ('professional', 'user')", name=op.f("ck_attendance_objections_role")),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings.id"],
            name=op.f("fk_attendance_objections_booking_id_bookings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("booking_id", "role", name=op.f("pk_attendance_objections")),
    )
    op.create_index("ix_attendance_objections_created_at", "attendance_objections", ["created_at"])
    _refund_reasons(_SINCE)


def downgrade() -> None:
    """Refunds with the newer reasons keep their money and are called after what they are nearest to."""
    op.execute("UPDATE refunds SET reason = 'professional_absent' WHERE reason IN ('nobody_came', 'unclear')")
    op.execute(
        "UPDATE payments SET owed_reason = 'professional_absent' WHERE owed_reason IN ('nobody_came', 'unclear')"
    )
    _refund_reasons(_BEFORE)
    op.drop_table("attendance_objections")
    op.drop_table("attendance_decisions")


def _refund_reasons(allowed: str) -> None:
    with op.batch_alter_table("refunds") as refunds:
        refunds.drop_constraint(op.f("ck_refunds_reason"), type_="check")
        refunds.create_check_constraint(op.f("ck_refunds_reason"), allowed)
