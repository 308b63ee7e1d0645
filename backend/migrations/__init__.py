"""Brings a database to the newest form; run at every start, safe with several processes at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from backend.kit.database import Database

_LOCK_KEY = 7_366_873_110  # an arbitrary number of our own for pg_advisory_xact_lock


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for a connection whose transaction the caller owns."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """All missing migrations in one transaction; others that start at the same moment wait, then find nothing to do.

    On SQLite the transaction itself is the lock (BEGIN IMMEDIATE); PostgreSQL takes an advisory one.
    """
    with database.write_engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = 0"))  # a migration may take long, and is waited for
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
        command.upgrade(alembic_config(connection), revision)


def current_revision(database: Database) -> str:
    """Which form the database has; empty before the first migration."""
    with database.read() as session:
        return MigrationContext.configure(session.connection()).get_current_revision() or ""


def newest_revision() -> str:
    """The form that this version of the program needs."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return ScriptDirectory.from_config(config).get_current_head() or ""


def is_behind(database: Database) -> bool:
    """Whether migrations are missing. One that is ahead is no fault: a newer version may be starting beside this one."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    known = {each.revision for each in ScriptDirectory.from_config(config).walk_revisions()}
    current = current_revision(database)
    return current != newest_revision() and (not current or current in known)


def downgrade(database: Database, revision: str = "base") -> None:
    """Back to an older form in one transaction, for a person who takes a release back: what is newer than it is lost."""
    with database.write_engine.begin() as connection:
        command.downgrade(alembic_config(connection), revision)
