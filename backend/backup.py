"""`python -m backend.backup FILE`: the whole database in one file, as of one moment, while it is in use.

SQLite's own copy (https://sqlite.org/backup.html), or PostgreSQL's `pg_dump` in its custom format.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, make_url

from backend.settings import BadSettings, load_settings

USE = "Use: python -m backend.backup FILE"


class BackupFailed(Exception):
    """Why there is no backup, or nothing was restored; one sentence."""


def back_up(database_url: str, target: Path) -> None:
    """Writes `target`, which must not be there yet; half a file is never left. Raises BackupFailed."""
    if target.exists():
        raise BackupFailed(f"{target} is there already. Name another file.")
    partial = target.with_name(f".{target.name}.partial")
    url = make_url(database_url)
    try:
        if url.get_backend_name() == "sqlite":
            _copy_sqlite(Path(url.database or ""), partial)
        else:
            run_tool("pg_dump", url, "--format=custom", "--no-owner", f"--file={partial}")
        partial.chmod(0o600)  # mail addresses are in it
        partial.rename(target)
    except (OSError, sqlite3.Error) as error:
        raise BackupFailed(f"The backup could not be written: {error}.") from error
    finally:
        partial.unlink(missing_ok=True)


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.is_file():
        raise BackupFailed(f"There is no database at {source}. Check DATABASE_URL.")
    where = f"{source.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(where, uri=True)) as database, closing(sqlite3.connect(target)) as copy:
        database.backup(copy)


def run_tool(name: str, url: URL, *words: str) -> None:
    """One of PostgreSQL's own programs on that database. Raises BackupFailed with what it says.

    From PATH, or the folder RENDEZVOUS_POSTGRES_BIN. The password goes through the environment: everybody on a machine
    can read command lines (https://www.postgresql.org/docs/current/libpq-envars.html).
    """
    folder = os.environ.get("RENDEZVOUS_POSTGRES_BIN")
    program = shutil.which(name, path=folder) if folder else shutil.which(name)
    if program is None:
        raise BackupFailed(f"{name} is missing. Install PostgreSQL's client programs (postgresql-client).")
    where = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    secrets = {"PGPASSWORD": url.password} if url.password else {}
    done = subprocess.run(  # noqa: S603  a program of PostgreSQL's with words of ours
        [program, f"--dbname={where}", *words], env=os.environ | secrets, capture_output=True, text=True
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise BackupFailed(f"{name} failed: {said[-1] if said else done.returncode}")


def main() -> int:
    """The exit status: 0, or 2 with one sentence on stderr."""
    if len(sys.argv) != 2:
        sys.stderr.write(f"{USE}\n")
        return 2
    target = Path(sys.argv[1])
    try:
        back_up(load_settings().database_url, target)
    except (BadSettings, BackupFailed) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"The database is in {target}. Keep it where only you can read it.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
