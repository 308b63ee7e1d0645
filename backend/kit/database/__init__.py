"""One database behind two engines: one that writes, one that only reads.

SQLite needs the split: its writers queue, its readers never wait (https://sqlite.org/wal.html).
"""

import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    ExceptionContext,
    Index,
    MetaData,
    UniqueConstraint,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import IntegrityError, InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

BUSY_TIMEOUT_MS = 10_000
POOL_TIMEOUT_S = 20.0
CONNECT_TIMEOUT_S = 10
IDLE_TIMEOUT_MS = 60_000
ASK_AFTER_S = 1.0
ASK_AGAIN_S = 0.01


class Base(DeclarativeBase):
    """Every table of every domain; constraint names are the same on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware going in (ValueError if naive), aware UTC coming out, also from SQLite, which forgets zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC for the database; text comparison on SQLite is then comparison in time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime is not an instant")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware UTC again."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """For SQLite, which gives text, the same in one step instead of three: lists are full of instants."""
        return _from_sqlite if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _from_sqlite(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


class Database:
    """Opens transactions on `url`: `sqlite:///path` or `postgresql+psycopg://...`."""

    def __init__(self, url: str) -> None:
        self.url = url
        engines = _sqlite_engines(url) if _is_sqlite(url) else _postgres_engines(url)
        self.write_engine, self.read_engine, self.look_engine = engines
        """The last is for a single statement that only reads: on PostgreSQL without a transaction's round trips."""

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: committed when the block ends, rolled back when it raises. It begins at its first statement.

        On SQLite there is one writer at a time in a process: opening a second inside the first waits for itself.
        """
        with Session(self.write_engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One consistent view of the database; writing through it fails."""
        with Session(self.read_engine, expire_on_commit=False, autoflush=False) as session:
            yield session

    def dispose(self) -> None:
        """Closes all connections."""
        self.write_engine.dispose()
        self.read_engine.dispose()


@cache
def has_trigrams() -> bool:
    """Whether this machine's SQLite can index trigrams (FTS5 since 3.34); without them search reads every text."""
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.execute("CREATE VIRTUAL TABLE t USING fts5(x, tokenize='trigram')")
        except sqlite3.OperationalError:
            return False
    return True


def _is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def _sqlite_engines(url: str) -> tuple[Engine, Engine, Engine]:
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
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        _write_ahead(connection)
        for pragma in ("synchronous = NORMAL", "foreign_keys = ON", f"query_only = {int(query_only)}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        if query_only:  # past SQLAlchemy, which takes ten times as long for it; it waits for nothing, so it cannot fail
            connection.connection.cursor().execute("BEGIN")
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Several that open a new file at once make it one with a log together. Those that come second must ask again:
    SQLite does not wait where two would wait for each other (https://sqlite.org/c3ref/busy_handler.html).
    """
    until = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(ASK_AGAIN_S)


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


# Nobody waits for ever: neither for a lock, as on SQLite, nor for a backend that was cut off in mid-transaction.
_POSTGRES_OPTIONS = f"-c lock_timeout={BUSY_TIMEOUT_MS} -c idle_in_transaction_session_timeout={IDLE_TIMEOUT_MS}"


def _postgres_engines(url: str) -> tuple[Engine, Engine, Engine]:
    write = create_engine(
        url,
        pool_size=20,
        max_overflow=20,
        pool_timeout=POOL_TIMEOUT_S,
        hide_parameters=True,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "options": _POSTGRES_OPTIONS},
    )
    event.listen(write, "handle_error", _without_what_was_to_be_stored)
    _ask_the_idle(write)
    read = write.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")
    return write, read, write.execution_options(isolation_level="AUTOCOMMIT")


def _ask_the_idle(engine: Engine) -> None:
    """A connection that has rested may be dead since: it is asked before it is used, or else every request would
    take a round trip for that. All are replaced when one is dead (docs.sqlalchemy.org, "Disconnect Handling").
    """

    @event.listens_for(engine, "checkin")
    def _rests(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["resting_since_s"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _wakes(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
        since_s = record.info.pop("resting_since_s", None)
        if since_s is None or time.monotonic() - since_s < ASK_AFTER_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as dead:
            raise InvalidatePoolError from dead


def _without_what_was_to_be_stored(context: ExceptionContext) -> None:
    """Leaves PostgreSQL's first sentence: the detail that follows quotes the row that it refused."""
    said = context.original_exception
    first = getattr(getattr(said, "diag", None), "message_primary", None)
    if first:
        said.args = (first,)
        if context.sqlalchemy_exception is not None:
            context.sqlalchemy_exception.args = (f"({type(said).__name__}) {first}",)


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
