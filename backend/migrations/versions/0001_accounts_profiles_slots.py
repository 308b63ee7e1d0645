"""Accounts, tokens, profiles, photos and slots.

Alembic's batch mode recreates a SQLite table and silently drops its triggers: a later migration that does so to `slots`
has to create them again (`SLOT_TRIGGERS`); a test looks for them after all migrations.
"""

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Slots in force never overlap, so only the nearest one that begins before the new one's end can be in the way:
# one step in the index, however many slots there are.
_IN_THE_WAY = """
    (SELECT other.ends_at FROM slots AS other
     WHERE other.professional_id = NEW.professional_id AND other.withdrawn_at IS NULL AND other.id <> NEW.id
       AND other.starts_at < NEW.ends_at
     ORDER BY other.starts_at DESC LIMIT 1) > NEW.starts_at
"""
SLOT_TRIGGERS = tuple(
    f"""
    CREATE TRIGGER slots_no_overlap_{name} BEFORE {moment} ON slots
    WHEN NEW.withdrawn_at IS NULL AND {_IN_THE_WAY}
    BEGIN SELECT RAISE(ABORT, 'ex_slots_no_overlap'); END
    """
    for name, moment in (
        ("insert", "INSERT"),
        ("update", "UPDATE OF professional_id, starts_at, ends_at, withdrawn_at"),
    )
)


def upgrade() -> None:
    """Creates the tables and what refuses overlapping slots."""
    _accounts()
    _profiles()
    _slots()
    if op.get_bind().dialect.name == "sqlite":
        for trigger in SLOT_TRIGGERS:
            op.execute(trigger)
    else:
        op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        op.execute(
            "ALTER TABLE slots ADD CONSTRAINT ex_slots_no_overlap EXCLUDE USING gist"
            " (professional_id WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (withdrawn_at IS NULL)"
        )


def downgrade() -> None:
    """An empty database: everyone's account is lost. A table's triggers, indexes and constraints go with it.

    PostgreSQL's extension stays: others may use it.
    """
    for table in ("slots", "photos", "profiles", "tokens", "accounts"):
        op.drop_table(table)


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("sort_name", sa.String(240), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("email", name="uq_accounts_email"),
        sa.CheckConstraint("role IN ('professional', 'user')", name=op.f("ck_accounts_role")),
    )
    op.create_index("ix_accounts_role_sort_name_id", "accounts", ["role", "sort_name", "id"])
    op.create_table(
        "tokens",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_tokens"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], ondelete="CASCADE", name="fk_tokens_account_id_accounts"
        ),
    )
    op.create_index("ix_tokens_account_id", "tokens", ["account_id"])
    op.create_index("ix_tokens_expires_at", "tokens", ["expires_at"])


def _profiles() -> None:
    op.create_table(
        "profiles",
        sa.Column("professional_id", sa.Uuid(), nullable=False),
        sa.Column("headline", sa.String(120), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("category", sa.String(40), nullable=True),
        sa.Column("photo_version", sa.String(16), nullable=True),
        sa.PrimaryKeyConstraint("professional_id", name="pk_profiles"),
        sa.ForeignKeyConstraint(
            ["professional_id"], ["accounts.id"], ondelete="CASCADE", name="fk_profiles_professional_id_accounts"
        ),
    )
    op.create_index("ix_profiles_category", "profiles", ["category"])
    op.create_table(
        "photos",
        sa.Column("professional_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("professional_id", name="pk_photos"),
        sa.ForeignKeyConstraint(
            ["professional_id"], ["accounts.id"], ondelete="CASCADE", name="fk_photos_professional_id_accounts"
        ),
    )


def _slots() -> None:
    op.create_table(
        "slots",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("professional_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_slots"),
        sa.ForeignKeyConstraint(["professional_id"], ["accounts.id"], name="fk_slots_professional_id_accounts"),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_slots_order")),
        sa.CheckConstraint("price_minor BETWEEN 100 AND 25000", name=op.f("ck_slots_price")),
    )
    op.create_index("ix_slots_professional_id_starts_at", "slots", ["professional_id", "starts_at"])
