"""The database that a run of the backend's tests stands on: SQLite, or with RENDEZVOUS_TEST_DATABASE PostgreSQL."""

import contextlib
import itertools
import os
import shutil
import sqlite3
from pathlib import Path
from typing import Protocol

from backend.kit.database import Database
from backend.migrations import upgrade
from tests.stage.postgres import PostgresServer

CHOICE = "RENDEZVOUS_TEST_DATABASE"


class Databases(Protocol):
    """Makes databases for tests; `PostgresServer` is one."""

    def new_database(self) -> str:
        """The address of a migrated, empty database of the caller's own."""

    def empty_database(self) -> str:
        """The address of a database without any table."""

    def drop_database(self, url: str) -> None:
        """Forgets a database that is no longer needed."""

    def give_back(self, url: str) -> None:
        """The caller of `new_database` is done with it; its rows are nobody's any more."""

    def stop(self) -> None:
        """Forgets everything."""


class SqliteFiles:
    """A file a database, in a folder of the caller's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self._spare: list[str] = []
        self._migrated = folder / "migrated.db"
        database = Database(f"sqlite:///{self._migrated}")
        upgrade(database)
        database.dispose()

    def new_database(self) -> str:
        if self._spare:
            return self._spare.pop()
        path = self._path()
        shutil.copy(self._migrated, path)
        return f"sqlite:///{path}"

    def empty_database(self) -> str:
        return f"sqlite:///{self._path()}"

    def drop_database(self, url: str) -> None:
        for ending in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + ending).unlink(missing_ok=True)

    def give_back(self, url: str) -> None:
        try:
            _empty(url.removeprefix("sqlite:///"))
        except sqlite3.OperationalError:  # somebody who was killed or is still at it holds it: it is nobody's any more
            self.drop_database(url)
        else:
            self._spare.append(url)

    def stop(self) -> None:
        """The folder is the caller's."""

    def _path(self) -> Path:
        return self._folder / f"test_{next(self._numbers)}.db"


def _empty(path: str) -> None:
    """Deletes every row; sqlite3.OperationalError when the file stays locked."""
    with contextlib.closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        # Not the index of search: its own triggers keep it, and its inner tables are nobody's to touch.
        tables = connection.execute("SELECT name FROM pragma_table_list WHERE type = 'table' AND schema = 'main'")
        for (table,) in tables.fetchall():
            if table != "alembic_version" and not table.startswith("sqlite_"):
                connection.execute(f"DELETE FROM {table}")
        connection.execute("COMMIT")


def on_postgresql() -> bool:
    """Which database this run is on. Raises ValueError for a name that is neither."""
    chosen = os.environ.get(CHOICE, "sqlite")
    if chosen not in ("sqlite", "postgresql"):
        raise ValueError(f"{CHOICE} is {chosen!r}: use sqlite or postgresql")
    return chosen == "postgresql"


def start_databases(folder: Path) -> Databases:
    """The chosen kind, ready; `folder` is for files."""
    return PostgresServer().start() if on_postgresql() else SqliteFiles(folder)
