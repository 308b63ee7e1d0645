"""PostgreSQL: one pool, used in three ways."""

import time

from sqlalchemy import Engine, ExceptionContext, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

POOL_TIMEOUT_S = 20.0
"""How long a thread waits for a connection."""
CONNECT_TIMEOUT_S = 10
LOCK_TIMEOUT_MS = 10_000
IDLE_TIMEOUT_MS = 60_000
PING_AFTER_S = 1.0
"""A connection that was not used for longer is asked whether it still lives."""

# Nobody waits for ever: neither for a lock, as on SQLite, nor for a backend that was cut off in mid-transaction.
_POSTGRES_OPTIONS = f"-c lock_timeout={LOCK_TIMEOUT_MS} -c idle_in_transaction_session_timeout={IDLE_TIMEOUT_MS}"


def postgres_engines(url: str) -> tuple[Engine, Engine, Engine]:
    """The three of `Database`; they share their connections."""
    write = create_engine(
        url,
        pool_size=20,
        max_overflow=20,
        pool_timeout=POOL_TIMEOUT_S,
        hide_parameters=True,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "options": _POSTGRES_OPTIONS},
    )
    event.listen(write, "handle_error", _without_the_row)
    _ping_after_idling(write)
    read = write.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")
    return write, read, write.execution_options(isolation_level="AUTOCOMMIT")


def _ping_after_idling(engine: Engine) -> None:
    """A connection that was idle may have died: it is pinged before it is used. Not by `pool_pre_ping`, which takes a
    round trip before every request. If one is dead all are replaced (docs.sqlalchemy.org, "Disconnect Handling").
    """

    @event.listens_for(engine, "checkin")
    def _on_checkin(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["idle_since_s"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _on_checkout(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
        since_s = record.info.pop("idle_since_s", None)
        if since_s is None or time.monotonic() - since_s < PING_AFTER_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as dead:
            raise InvalidatePoolError from dead


def _without_the_row(context: ExceptionContext) -> None:
    """Keeps the first sentence of PostgreSQL's error: the detail that follows quotes the row that was refused."""
    said = context.original_exception
    first = getattr(getattr(said, "diag", None), "message_primary", None)
    if first:
        said.args = (first,)
        if context.sqlalchemy_exception is not None:
            context.sqlalchemy_exception.args = (f"({type(said).__name__}) {first}",)
