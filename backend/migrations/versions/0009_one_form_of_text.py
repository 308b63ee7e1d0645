"""One Unicode form of names, addresses and profiles, and what search and order compare.

Where two accounts become one address, the older one keeps it and the younger its own spelling: both are found by the one
form (`email_form`) and each by its password. What is no address or no readable name today stays as it is.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import sqlalchemy as sa
from alembic import op

from backend.auth.rules import email_form, name_look, normal_email, sort_name
from backend.kit.database import has_trigrams
from backend.kit.letters import plain_name
from backend.kit.text import clean_line, clean_paragraphs, nfc, searchable
from backend.profiles.rules import CATEGORIES

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_ACCOUNTS = sa.table(
    "accounts",
    sa.column("id", sa.Uuid()),
    *(sa.column(name, sa.String()) for name in ("role", "email", "email_form", "name", "sort_name", "name_look")),
    sa.column("created_at", sa.String()),
)
_PROFILES = sa.table(
    "profiles",
    sa.column("professional_id", sa.Uuid()),
    *(sa.column(name, sa.String()) for name in ("headline", "about", "category")),
)
_TEXTS = sa.table("search_texts", sa.column("account_id", sa.Uuid()), sa.column("text", sa.Text()))

# https://www.sqlite.org/fts5.html, "External Content Tables"
_FORGET = "INSERT INTO search_index(search_index, rowid, text) VALUES ('delete', old.number, old.text);"
_KEEP = "INSERT INTO search_index(rowid, text) VALUES (new.number, new.text);"
_SQLITE_INDEX = (
    "CREATE VIRTUAL TABLE search_index"
    " USING fts5(text, content='search_texts', content_rowid='number', tokenize='trigram')",
    f"CREATE TRIGGER search_texts_insert AFTER INSERT ON search_texts BEGIN {_KEEP} END",
    f"CREATE TRIGGER search_texts_update AFTER UPDATE ON search_texts BEGIN {_FORGET} {_KEEP} END",
    f"CREATE TRIGGER search_texts_delete AFTER DELETE ON search_texts BEGIN {_FORGET} END",
)


def upgrade() -> None:
    """The new columns are filled row by row: what folding means is the code's, no database has it."""
    for name, kind in (("email_form", sa.Text()), ("name_look", sa.String(240))):
        op.add_column("accounts", sa.Column(name, kind, nullable=False, server_default=""))
    _search_texts()
    _one_form_of_accounts()
    _one_form_of_profiles()
    op.create_index("ix_accounts_email_form", "accounts", ["email_form"])
    op.create_index("ix_accounts_name_look", "accounts", ["name_look"])


def downgrade() -> None:
    """Names and addresses stay in the one form, which the older release reads as well. The extension stays: others may
    use it.
    """
    if op.get_bind().dialect.name == "sqlite" and has_trigrams():
        op.execute("DROP TABLE search_index")
    op.drop_table("search_texts")
    for name in ("email_form", "name_look"):
        op.drop_index(f"ix_accounts_{name}", "accounts")
        op.drop_column("accounts", name)


def _search_texts() -> None:
    op.create_table(
        "search_texts",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_search_texts"),
        sa.UniqueConstraint("account_id", name="uq_search_texts_account_id"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], ondelete="CASCADE", name="fk_search_texts_account_id_accounts"
        ),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        op.execute("CREATE INDEX ix_search_texts_trigrams ON search_texts USING gin (text gin_trgm_ops)")
    elif has_trigrams():
        for statement in _SQLITE_INDEX:
            op.execute(statement)


def _one_form_of_accounts() -> None:
    connection = op.get_bind()
    columns = (_ACCOUNTS.c.id, _ACCOUNTS.c.email, _ACCOUNTS.c.name)
    rows = connection.execute(sa.select(*columns).order_by(_ACCOUNTS.c.created_at, _ACCOUNTS.c.id)).all()
    taken = {email for _, email, _ in rows}
    changes = []
    for row_id, email, name in rows:
        new_email = _normal(normal_email, email, email)
        if new_email != email and new_email in taken:
            new_email = email
        taken.add(new_email)
        new_name = _normal(lambda text: plain_name(clean_line(text)), name, nfc(name), at_most=80)
        derived = {"new_form": email_form(email), "new_sort": sort_name(new_name), "new_look": name_look(new_name)}
        changes.append({"row_id": row_id, "new_email": new_email, "new_name": new_name} | derived)
    update = sa.update(_ACCOUNTS).where(_ACCOUNTS.c.id == sa.bindparam("row_id"))
    values = {"email": "new_email", "name": "new_name", "email_form": "new_form"}
    values |= {"sort_name": "new_sort", "name_look": "new_look"}
    _in_chunks(update.values({name: sa.bindparam(new) for name, new in values.items()}), changes)


def _one_form_of_profiles() -> None:
    connection = op.get_bind()
    profile = _PROFILES.c
    said = {row.professional_id: row for row in connection.execute(sa.select(*profile)).all()}
    changes = [
        {
            "row_id": row_id,
            "new_headline": _normal(clean_line, row.headline, row.headline, at_most=120),
            "new_about": _normal(clean_paragraphs, row.about, row.about),
        }
        for row_id, row in said.items()
    ]
    update = sa.update(_PROFILES).where(profile.professional_id == sa.bindparam("row_id"))
    _in_chunks(update.values(headline=sa.bindparam("new_headline"), about=sa.bindparam("new_about")), changes)
    professionals = sa.select(_ACCOUNTS.c.id, _ACCOUNTS.c.name).where(_ACCOUNTS.c.role == "professional")
    texts = []
    for row_id, name in connection.execute(professionals).all():
        row = said.get(row_id)
        profile_text = f"{row.headline} {row.about} {CATEGORIES.get(row.category or '', '')}" if row else ""
        texts.append({"account_id": row_id, "text": f"{searchable(name)}\n{searchable(profile_text)}"})
    _in_chunks(sa.insert(_TEXTS), texts)


def _normal(form: Any, text: str, otherwise: str, at_most: int | None = None) -> str:
    """In its one form; as it was where that is refused today or no longer fits."""
    try:
        found = str(form(text))
    except ValueError:
        found = otherwise
    return text if at_most is not None and len(found) > at_most else found


def _in_chunks(statement: sa.Executable, rows: list[dict[str, Any]]) -> None:
    left: Iterator[dict[str, Any]] = iter(rows)
    while chunk := list(islice(left, 1_000)):
        op.get_bind().execute(statement, chunk)
