"""The database, SQLite or PostgreSQL, behind three engines; domains know neither which database nor which engine.

| engine             | for                             | on SQLite                       | on PostgreSQL              |
|--------------------|---------------------------------|---------------------------------|----------------------------|
| `write_engine`     | `write`: what may write         | one connection, BEGIN IMMEDIATE | the pool                   |
| `read_engine`      | `read`: queries that agree      | a pool of `query_only` ones     | REPEATABLE READ, read only |
| `one_query_engine` | one query, such as the token's  | as `read_engine`                | without a transaction      |

SQLite needs the split: its writers queue, its readers never wait (https://sqlite.org/wal.html). How each database is
opened is in `sqlite` and `postgres`, what tables are made of in `tables`, and what a refusal means in `constraints`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import make_url
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from backend.kit.database.constraints import unusable, violated_constraint
from backend.kit.database.postgres import postgres_engines
from backend.kit.database.sqlite import has_trigrams, sqlite_engines
from backend.kit.database.tables import Base, UtcDateTime

__all__ = ["Base", "Database", "UtcDateTime", "has_trigrams", "unusable", "violated_constraint"]


class Database:
    """Opens transactions on `url`: `sqlite:///path` or `postgresql+psycopg://...`."""

    def __init__(self, url: str) -> None:
        self.url = url
        engines = sqlite_engines(url) if make_url(url).get_backend_name() == "sqlite" else postgres_engines(url)
        self.write_engine, self.read_engine, self.one_query_engine = engines

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

    def connections_in_use(self) -> dict[str, float]:
        """How many connections somebody holds now, by what they are for; PostgreSQL has one pool for both."""
        engines = {"write": self.write_engine, "read": self.read_engine}
        return {
            name: float(pool.checkedout())
            for name, engine in engines.items()
            if isinstance(pool := engine.pool, QueuePool)
        }

    def dispose(self) -> None:
        """Closes all connections."""
        self.write_engine.dispose()
        self.read_engine.dispose()
