"""Deleting what is no longer needed, a bounded number of rows at a time, so that nobody waits for a long lock."""

from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, TextClause, delete, inspect, select, tuple_
from sqlalchemy.orm import Session

from backend.kit.database import Base

ROWS_AT_ONCE = 500


def delete_some(
    session: Session, table: type[Base], *where: ColumnElement[bool] | TextClause, limit: int = ROWS_AT_ONCE
) -> int:
    """Deletes up to `limit` rows of `table` that meet all conditions; answers how many they were.

    PostgreSQL asks the outer conditions again of a row that changed while it waited for it.
    """
    key = inspect(table).primary_key
    oldest = select(*key).where(*where).limit(limit)
    chosen = key[0].in_(oldest) if len(key) == 1 else tuple_(*key).in_(oldest)
    done = session.execute(delete(table).where(chosen, *where), execution_options={"synchronize_session": False})
    return cast(CursorResult[Any], done).rowcount
