"""What each of the two notes of a session for themselves, and what the professional sends after it, with its mail."""

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime

revision = "0050"
down_revision = "0030"
branch_labels = None
depends_on = None

_BEFORE = (
    "kind IN ('verify_code', 'reset_code', 'booked', 'new_booking', 'moved', 'cancelled', 'reminder_day',"
    " 'reminder_soon', 'refund', 'new_sign_in')"
)
_SINCE = _BEFORE.replace("'refund', ", "'refund', 'follow_up', ")


def upgrade() -> None:
    """Two tables, and one more kind of mail."""
    op.create_table(
        "private_notes",
        *_whose("private_notes"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("booking_id", "account_id", name="pk_private_notes"),
        sa.CheckConstraint("version > 0", name=op.f("ck_private_notes_version")),
    )
    op.create_index("ix_private_notes_account_id", "private_notes", ["account_id"])
    op.create_index("ix_private_notes_updated_at", "private_notes", ["updated_at"])
    op.create_table(
        "follow_ups",
        *_whose("follow_ups"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("booking_id", name="pk_follow_ups"),
    )
    op.create_index("ix_follow_ups_account_id", "follow_ups", ["account_id"])
    op.create_index("ix_follow_ups_sent_at", "follow_ups", ["sent_at"])
    _mail_kinds(_SINCE)


def downgrade() -> None:
    """Notes, follow-ups and the mails about them are lost: an older release knows none of them."""
    for table in ("mails", "mail_opt_outs"):
        op.execute(f"DELETE FROM {table} WHERE kind = 'follow_up'")  # noqa: S608  the two names above
    _mail_kinds(_BEFORE)
    op.drop_table("follow_ups")
    op.drop_table("private_notes")


def _whose(table: str) -> tuple[sa.Column[object] | sa.ForeignKeyConstraint, ...]:
    """Of which session, and of whom."""
    return (
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{other}.id"], ondelete="CASCADE", name=op.f(f"fk_{table}_{column}_{other}")
            )
            for column, other in (("booking_id", "bookings"), ("account_id", "accounts"))
        ),
    )


def _mail_kinds(allowed: str) -> None:
    for table in ("mails", "mail_opt_outs"):
        with op.batch_alter_table(table) as changed:
            changed.drop_constraint(op.f(f"ck_{table}_kind"), type_="check")
            changed.create_check_constraint(op.f(f"ck_{table}_kind"), allowed)
