"""How often a booking moved, for its calendar event; keys without answers; indexes by which old rows are found."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_NEVER_PAID = sa.text("status IN ('expired', 'cancelled') AND confirmed_at IS NULL")
_BY_AGE = (
    ("idempotency_keys", "created_at"),
    ("idempotency_keys", "booking_id"),
    ("disputes", "booking_id"),
    ("payment_events", "received_at"),
    ("stays", "last_seen_at"),
    ("watches", "until_at"),
    ("call_quality", "reported_at"),
)


def upgrade() -> None:
    """A booking that was moved before counts one move: how many there were was not kept."""
    op.add_column("bookings", sa.Column("moves", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE bookings SET moves = 1 WHERE moved_from IS NOT NULL")
    op.drop_column("idempotency_keys", "answer")
    for table, column in _BY_AGE:
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_index(
        "ix_bookings_never_paid",
        "bookings",
        ["created_at"],
        sqlite_where=_NEVER_PAID,
        postgresql_where=_NEVER_PAID,
    )


def downgrade() -> None:
    """Keys are without their answers, as if each answer was still to come: a repeat asks for the same checkout again."""
    op.drop_index("ix_bookings_never_paid", "bookings")
    for table, column in reversed(_BY_AGE):
        op.drop_index(f"ix_{table}_{column}", table)
    op.add_column("idempotency_keys", sa.Column("answer", sa.Text(), nullable=True))
    op.drop_column("bookings", "moves")
