"""The outbox of mails, what people do not want to be told, and the language in whose order mails write dates."""

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_KINDS = (
    "kind IN ('verify_code', 'reset_code', 'booked', 'new_booking', 'moved', 'cancelled', 'reminder_day',"
    " 'reminder_soon', 'refund', 'new_sign_in')"
)


def upgrade() -> None:
    """New tables, and a column that has a default."""
    op.add_column("accounts", sa.Column("language", sa.String(35), nullable=False, server_default=""))
    op.create_table(
        "mails",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=False),
        sa.Column("not_after", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("failure", sa.String(200), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], ondelete="CASCADE", name="fk_mails_account_id_accounts"
        ),
        sa.CheckConstraint(_KINDS, name=op.f("ck_mails_kind")),
        sa.CheckConstraint("status IN ('pending', 'sent', 'given_up', 'dropped')", name=op.f("ck_mails_status")),
        sa.UniqueConstraint("about", "account_id", "kind", "version", name="uq_mails_about_account_id_kind_version"),
    )
    waiting = sa.text("status = 'pending'")
    op.create_index("ix_mails_waiting", "mails", ["next_attempt_at"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_index("ix_mails_account_id", "mails", ["account_id"])
    op.create_index("ix_mails_created_at", "mails", ["created_at"])
    op.create_table(
        "mail_opt_outs",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "kind", name="pk_mail_opt_outs"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], ondelete="CASCADE", name="fk_mail_opt_outs_account_id_accounts"
        ),
        sa.CheckConstraint(_KINDS, name=op.f("ck_mail_opt_outs_kind")),
    )
    op.create_table(
        "sandbox_mails",
        sa.Column("message_id", sa.String(200), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_sandbox_mails"),
    )
    op.create_index("ix_sandbox_mails_address", "sandbox_mails", ["address"])
    op.create_index("ix_sandbox_mails_received_at", "sandbox_mails", ["received_at"])


def downgrade() -> None:
    """Mails that wait are never sent."""
    op.drop_table("sandbox_mails")
    op.drop_table("mail_opt_outs")
    op.drop_table("mails")
    op.drop_column("accounts", "language")
