"""Rows as dictionaries, into a database and compared with it, past every model of the code."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from backend.kit.database import UtcDateTime

_TYPES: dict[type, Any] = {
    UUID: sa.Uuid(),
    datetime: UtcDateTime(),
    bool: sa.Boolean(),
    bytes: sa.LargeBinary(),
    int: sa.Integer(),
    str: sa.String(),
    type(None): sa.types.NULLTYPE,
}


def insert(connection: sa.Connection, table: str, row: dict[str, Any]) -> None:
    """Stores it."""
    connection.execute(sa.insert(_table(table, row)).values(_given(row)))


def change(connection: sa.Connection, table: str, row_id: UUID, **changes: Any) -> None:
    """Other values in a row."""
    named = _table(table, {"id": row_id} | changes)
    connection.execute(sa.update(named).where(named.c.id == row_id).values(_given(changes)))


def is_there(connection: sa.Connection, table: str, row: dict[str, Any]) -> bool:
    """Whether a row with exactly these values is stored; what is derived from others may be by another rule since."""
    row = {name: value for name, value in row.items() if name != "sort_name"}
    named = _table(table, row)
    same = [named.c[name].is_(None) if value is None else named.c[name] == value for name, value in row.items()]
    return connection.scalar(sa.select(sa.func.count()).select_from(named).where(*same)) == 1


def _given(row: dict[str, Any]) -> dict[str, Any]:
    return {name: sa.null() if value is None else value for name, value in row.items()}


def _table(name: str, row: dict[str, Any]) -> sa.TableClause:
    return sa.table(name, *(sa.column(each, _TYPES[type(value)]) for each, value in row.items()))
