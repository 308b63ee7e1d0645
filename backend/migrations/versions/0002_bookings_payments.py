"""Bookings, idempotency keys, payment events and the sandbox's checkouts."""

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables; the partial unique index is what allows one occupying booking a slot."""
    _bookings()
    _booking_indexes()
    _idempotency_keys()
    _payment_events()
    _sandbox_checkouts()


def downgrade() -> None:
    """Back to who offers what; every booking is lost, and what is known of its payment."""
    for table in ("sandbox_checkouts", "payment_events", "idempotency_keys", "bookings"):
        op.drop_table(table)


def _bookings() -> None:
    op.create_table(
        "bookings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("professional_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("payment_status", sa.String(20), nullable=False),
        sa.Column("hold_expires_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("gateway", sa.String(20), nullable=False),
        sa.Column("checkout_reference", sa.String(200), nullable=True),
        sa.Column("checkout_url", sa.Text(), nullable=True),
        sa.Column("checkout_closed_at", UtcDateTime(), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("room_closed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_bookings"),
        sa.ForeignKeyConstraint(["slot_id"], ["slots.id"], name="fk_bookings_slot_id_slots"),
        sa.ForeignKeyConstraint(["professional_id"], ["accounts.id"], name="fk_bookings_professional_id_accounts"),
        sa.ForeignKeyConstraint(["user_id"], ["accounts.id"], name="fk_bookings_user_id_accounts"),
        sa.CheckConstraint(
            "status IN ('held', 'confirmed', 'expired', 'cancelled', 'completed', 'no_show')",
            name=op.f("ck_bookings_status"),
        ),
        sa.CheckConstraint(
            "payment_status IN ('pending', 'paid', 'failed', 'refund_pending', 'refunded', 'partially_refunded', 'refund_failed')",
            name=op.f("ck_bookings_payment_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('confirmed', 'completed', 'no_show') OR payment_status NOT IN ('pending', 'failed')",
            name=op.f("ck_bookings_confirmed_is_paid"),
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_bookings_order")),
        sa.CheckConstraint("price_minor BETWEEN 100 AND 25000", name=op.f("ck_bookings_price")),
    )


def _booking_indexes() -> None:
    _partial(
        "uq_bookings_slot_id_occupied",
        ["slot_id"],
        "status IN ('held', 'confirmed', 'completed', 'no_show')",
        unique=True,
    )
    op.create_index("ix_bookings_user_id_starts_at_id", "bookings", ["user_id", "starts_at", "id"])
    op.create_index("ix_bookings_professional_id_starts_at_id", "bookings", ["professional_id", "starts_at", "id"])
    _partial("ix_bookings_holds", ["hold_expires_at"], "status = 'held'")
    _partial("ix_bookings_to_complete", ["ends_at"], "status = 'confirmed'")
    _partial("ix_bookings_checkouts", ["created_at"], "checkout_closed_at IS NULL AND checkout_reference IS NOT NULL")
    _partial("ix_bookings_rooms", ["ends_at"], "room_closed_at IS NULL AND confirmed_at IS NOT NULL")


def _partial(name: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, "bookings", columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def _idempotency_keys() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "key", name="pk_idempotency_keys"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], ondelete="CASCADE", name="fk_idempotency_keys_account_id_accounts"
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name="fk_idempotency_keys_booking_id_bookings"),
    )


def _payment_events() -> None:
    op.create_table(
        "payment_events",
        sa.Column("gateway", sa.String(20), nullable=False),
        sa.Column("event_id", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(200), nullable=False),
        sa.Column("payment_reference", sa.String(200), nullable=True),
        sa.Column("amount_minor", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(3), nullable=True),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("gateway", "event_id", name="pk_payment_events"),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name="fk_payment_events_booking_id_bookings"),
        sa.CheckConstraint("kind IN ('paid', 'failed')", name=op.f("ck_payment_events_kind")),
        sa.CheckConstraint(
            "outcome IN ('confirmed', 'refund_due', 'failed', 'ignored')", name=op.f("ck_payment_events_outcome")
        ),
    )
    op.create_index("ix_payment_events_booking_id", "payment_events", ["booking_id"])


def _sandbox_checkouts() -> None:
    op.create_table(
        "sandbox_checkouts",
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("when_words", sa.String(200), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("payment_reference", sa.String(64), nullable=True),
        sa.Column("paid_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("reference", name="pk_sandbox_checkouts"),
        sa.UniqueConstraint("booking_id", name="uq_sandbox_checkouts_booking_id"),
        sa.CheckConstraint("state IN ('open', 'paid', 'expired')", name=op.f("ck_sandbox_checkouts_state")),
        sa.CheckConstraint(
            "(state = 'paid') = (payment_reference IS NOT NULL)", name=op.f("ck_sandbox_checkouts_paid_has_reference")
        ),
    )
