"""`python -m backend.restore FILE`: what `backend.backup` wrote becomes the database at DATABASE_URL, so far empty."""

import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from sqlalchemy import inspect, make_url
from sqlalchemy.exc import DatabaseError

from backend.backup import BackupFailed, run_tool
from backend.kit.database import Database, unusable
from backend.settings import BadSettings, load_settings

USE = "Use: python -m backend.restore FILE"
NOT_EMPTY = "The database at DATABASE_URL is not empty, and nothing of it may be lost. Restore into an empty one."


def restore(source: Path, database_url: str) -> None:
    """All of it or nothing. Raises BackupFailed, also where the file is no backup or the database holds anything."""
    if not source.is_file():
        raise BackupFailed(f"There is no file {source}.")
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        _restore_sqlite(source, Path(url.database or ""))
        return
    database = Database(database_url)
    try:
        if inspect(database.write_engine).get_table_names():
            raise BackupFailed(NOT_EMPTY)
    except DatabaseError as error:
        raise BackupFailed(unusable(error)) from error
    finally:
        database.dispose()
    run_tool("pg_restore", url, "--no-owner", "--exit-on-error", "--single-transaction", str(source))


def _restore_sqlite(source: Path, target: Path) -> None:
    if target.exists():
        raise BackupFailed(NOT_EMPTY)
    partial = target.with_name(f".{target.name}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, partial)
        with closing(sqlite3.connect(partial)) as copy:
            if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise BackupFailed(f"{source} is damaged. Use an older backup.")
            copy.execute("SELECT version_num FROM alembic_version").fetchone()  # an empty file is a database too
        partial.chmod(0o600)
        partial.rename(target)
    except sqlite3.DatabaseError as error:
        raise BackupFailed(f"{source} is no backup of a SQLite database: {error}.") from error
    except OSError as error:
        raise BackupFailed(f"The backup could not be restored: {error}.") from error
    finally:
        partial.unlink(missing_ok=True)


def main() -> int:
    """The exit status: 0, or 2 with one sentence on stderr."""
    if len(sys.argv) != 2:
        sys.stderr.write(f"{USE}\n")
        return 2
    try:
        restore(Path(sys.argv[1]), load_settings().database_url)
    except (BadSettings, BackupFailed) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write("Restored. Run `python -m backend.migrate`, then start the backend.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
