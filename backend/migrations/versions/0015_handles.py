"""The names in the addresses of public pages, former ones too. Nobody has one before they choose it."""

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A table of its own: `profiles` stays as it is, so that no trigger has to be made again."""
    op.create_table(
        "handles",
        sa.Column("handle", sa.String(30), nullable=False),
        sa.Column("professional_id", sa.Uuid(), nullable=True),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("chosen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("handle", name="pk_handles"),
        sa.ForeignKeyConstraint(
            ["professional_id"], ["accounts.id"], ondelete="SET NULL", name="fk_handles_professional_id_accounts"
        ),
        sa.CheckConstraint("handle = lower(handle)", name=op.f("ck_handles_lower_case")),
    )
    op.create_index("ix_handles_professional_id", "handles", ["professional_id"])
    current = sa.text("is_current")
    op.create_index(
        "uq_handles_professional_id_current",
        "handles",
        ["professional_id"],
        unique=True,
        sqlite_where=current,
        postgresql_where=current,
    )


def downgrade() -> None:
    """Public pages have no address then, as before."""
    op.drop_table("handles")
