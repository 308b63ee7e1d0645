"""Which constraint refused a row, by one name on both databases, and why a database cannot be used at all."""

import re

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.exc import IntegrityError

from backend.kit.database.tables import Base

_SQLITE_COLUMNS = re.compile(r"UNIQUE constraint failed: ([\w., ]+)")
_SQLITE_NAMED = re.compile(r"(?:CHECK constraint failed: |UNIQUE constraint failed: index ')?(\w+)'?")


def violated_constraint(error: IntegrityError) -> str | None:
    """The name of the constraint, index or trigger that refused, the same on SQLite and PostgreSQL; None if unnamed.

    SQLite names columns, not the unique constraint: the name is looked up in the tables. Triggers raise their name.
    """
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        return str(diagnosis.constraint_name) if diagnosis.constraint_name else None
    message = str(error.orig)
    if columns := _SQLITE_COLUMNS.fullmatch(message):
        return _unique_name(columns[1].split(", "))
    named = _SQLITE_NAMED.fullmatch(message)
    return named[1] if named else None


def _unique_name(columns: list[str]) -> str | None:
    table_name = columns[0].split(".")[0]
    wanted = {column.split(".")[1] for column in columns}
    table = Base.metadata.tables.get(table_name)
    if table is None:
        return None
    uniques: list[UniqueConstraint | Index] = [c for c in table.constraints if isinstance(c, UniqueConstraint)]
    uniques += [index for index in table.indexes if index.unique]
    for unique in uniques:
        if {column.name for column in unique.columns} == wanted:
            return str(unique.name)
    return str(table.primary_key.name) if {c.name for c in table.primary_key.columns} == wanted else None


def unusable(error: Exception) -> str:
    """One sentence on a database that cannot be opened."""
    reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
    return f"The database cannot be used: {reason}. Check DATABASE_URL."
