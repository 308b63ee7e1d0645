"""SQLite: one connection that writes, several that only read."""

import sqlite3
import time
from contextlib import closing
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, make_url

BUSY_TIMEOUT_S = 10.0
"""How long a statement waits for the lock of another process."""
POOL_TIMEOUT_S = 20.0
"""How long a thread waits for a connection."""
_RETRY_S = 0.01


@cache
def has_trigrams() -> bool:
    """Whether this machine's SQLite can index trigrams (FTS5 since 3.34); without them search reads every text."""
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.execute("CREATE VIRTUAL TABLE t USING fts5(x, tokenize='trigram')")
        except sqlite3.OperationalError:
            return False
    return True


def sqlite_engines(url: str) -> tuple[Engine, Engine, Engine]:
    """The three of `Database`; makes the file's folder if it is missing."""
    path = make_url(url).database
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    # One pooled writer: threads queue for it in order, instead of polling SQLite's lock, where some starve.
    write = create_engine(url, pool_size=1, max_overflow=0, pool_timeout=POOL_TIMEOUT_S, hide_parameters=True)
    read = create_engine(url, pool_size=10, max_overflow=10, pool_timeout=POOL_TIMEOUT_S, hide_parameters=True)
    for engine, query_only in ((write, False), (read, True)):
        _prepare_sqlite(engine, query_only=query_only)
    return write, read, read


def _prepare_sqlite(engine: Engine, *, query_only: bool) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        # SQLite's own lower() knows ASCII only; PostgreSQL's knows every letter.
        connection.create_function("lower", 1, _lower, deterministic=True)
        connection.execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT_S * 1000)}")
        _write_ahead(connection)
        for pragma in ("synchronous = NORMAL", "foreign_keys = ON", f"query_only = {int(query_only)}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        if query_only:  # by the driver itself, in a tenth of SQLAlchemy's time: it waits for nothing, so it cannot fail
            connection.connection.cursor().execute("BEGIN")
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turns the write-ahead log on. Of several processes that open a new file at once, all but one have to try again:
    SQLite does not wait where two would wait for each other (https://sqlite.org/c3ref/busy_handler.html).
    """
    until = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_RETRY_S)


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()
