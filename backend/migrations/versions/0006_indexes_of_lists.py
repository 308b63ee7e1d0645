"""Indexes for what is past of someone who has much to come, and for the rooms that are to be closed."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_GIVEN_UP = sa.text("status IN ('held', 'expired', 'cancelled')")
_ROOM_LEFT = sa.text("room_closed_at IS NULL AND confirmed_at IS NOT NULL")


def upgrade() -> None:
    """What does not stand gets an index a person; rooms are looked for by status too."""
    for who in ("user_id", "professional_id"):
        _index(f"ix_bookings_{who}_given_up", [who, "starts_at", "id"], _GIVEN_UP)
    op.drop_index("ix_bookings_rooms", "bookings")
    _index("ix_bookings_rooms", ["status", "ends_at"], _ROOM_LEFT)
    op.create_index("ix_sandbox_checkouts_payment_reference", "sandbox_checkouts", ["payment_reference"])


def downgrade() -> None:
    """The indexes as they were."""
    op.drop_index("ix_sandbox_checkouts_payment_reference", "sandbox_checkouts")
    op.drop_index("ix_bookings_rooms", "bookings")
    _index("ix_bookings_rooms", ["ends_at"], _ROOM_LEFT)
    for who in ("user_id", "professional_id"):
        op.drop_index(f"ix_bookings_{who}_given_up", "bookings")


def _index(name: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, "bookings", columns, sqlite_where=where, postgresql_where=where)
