"""Files that a professional sends with a follow-up; their content in pieces, in a table of its own."""

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime

revision = "0070"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two tables; follow-ups that were sent before have no files."""
    op.create_table(
        "follow_up_files",
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("booking_id", "id", name="pk_follow_up_files"),
        sa.CheckConstraint("size >= 0", name=op.f("ck_follow_up_files_size")),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{other}.id"], ondelete="CASCADE", name=op.f(f"fk_follow_up_files_{column}_{other}")
            )
            for column, other in (("booking_id", "bookings"), ("account_id", "accounts"))
        ),
    )
    op.create_index("ix_follow_up_files_account_id", "follow_up_files", ["account_id"])
    op.create_index("ix_follow_up_files_created_at", "follow_up_files", ["created_at"])
    op.create_table(
        "follow_up_pieces",
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("booking_id", "file_id", "number", name="pk_follow_up_pieces"),
        sa.ForeignKeyConstraint(
            ["booking_id", "file_id"],
            ["follow_up_files.booking_id", "follow_up_files.id"],
            ondelete="CASCADE",
            name="fk_follow_up_pieces_file",
        ),
    )


def downgrade() -> None:
    """The files are lost: an older release knows none."""
    op.drop_table("follow_up_pieces")
    op.drop_table("follow_up_files")
