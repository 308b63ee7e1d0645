"""What Alembic finds different between a database and the tables, less what it cannot know."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import backend.operators.tables  # noqa: F401  the one table that only a command of its own loads
from backend.kit.database import Base, Database


def is_an_index(table: str) -> bool:
    """SQLite's index of trigrams, which it keeps as tables."""
    return table.startswith("search_index")


def differences(database: Database) -> list[Any]:
    """Between the database and what the tables say."""
    postgresql = database.write_engine.dialect.name == "postgresql"
    ours = {
        "include_name": lambda name, kind, _parents: kind != "table" or not is_an_index(name),
        # Alembic does not ask an index which database it is for (`ddl_if`)
        "include_object": lambda _object, name, *_more: postgresql or name != "ix_search_texts_trigrams",
    }
    with database.write_engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts=ours), Base.metadata))
