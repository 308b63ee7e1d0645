"""The two commands of a backup, on either database: what was there is there again, and nothing is ever written over."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from backend.backup import BackupFailed, back_up
from backend.kit.database import Database
from backend.restore import restore
from tests.backend.stage import Backend
from tests.stage.databases import Databases


def counted(url: str) -> dict[str, int]:
    """Rows by table."""
    database = Database(url)
    try:
        with database.read() as session:
            tables = ("accounts", "slots", "bookings")
            return {name: session.scalar(text(f"SELECT count(*) FROM {name}")) or 0 for name in tables}
    finally:
        database.dispose()


def test_what_was_saved_while_it_was_in_use_is_there_again(
    backend: Backend, database_url: str, databases: Databases, tmp_path: Path
) -> None:
    backend.slot(backend.professional("Nora Berg"))
    backend.user("Sam Vale")
    saved = tmp_path / "backup"
    back_up(database_url, saved)
    backend.user("Somebody who came later")
    assert saved.stat().st_mode & 0o077 == 0, "mail addresses are in it"
    empty = databases.empty_database()
    restore(saved, empty)
    assert counted(empty) == {"accounts": 2, "slots": 1, "bookings": 0}
    databases.drop_database(empty)


def test_a_database_that_holds_anything_is_never_written_over(
    backend: Backend, database_url: str, tmp_path: Path
) -> None:
    backend.user("Sam Vale")
    back_up(database_url, tmp_path / "backup")
    with pytest.raises(BackupFailed, match="not empty"):
        restore(tmp_path / "backup", database_url)
    assert counted(database_url)["accounts"] == 1


def test_a_backup_is_never_written_over(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "backup").write_text("yesterday's")
    with pytest.raises(BackupFailed, match="is there already"):
        back_up(database_url, tmp_path / "backup")
    assert (tmp_path / "backup").read_text() == "yesterday's"


@pytest.mark.parametrize("content", [b"", b"a letter, not a backup" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_backup_leaves_nothing(databases: Databases, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    empty = databases.empty_database()
    with pytest.raises(BackupFailed):
        restore(tmp_path / "file", empty)
    database = Database(empty)
    try:
        with database.read() as session:
            assert not session.scalar(text("SELECT 1 WHERE 1 = 0"))
    finally:
        database.dispose()
        databases.drop_database(empty)


def test_the_commands_say_what_they_did_or_why_not(database_url: str, databases: Databases, tmp_path: Path) -> None:
    def run(command: str, *words: str, url: str) -> subprocess.CompletedProcess[str]:
        surroundings = os.environ | {"DATABASE_URL": url}
        words = (sys.executable, "-m", f"backend.{command}", *words)
        return subprocess.run(words, env=surroundings, capture_output=True, text=True, timeout=60)

    saved = str(tmp_path / "backup")
    assert run("backup", saved, url=database_url).stdout.startswith(f"The database is in {saved}.")
    again = run("backup", saved, url=database_url)
    assert (again.returncode, again.stderr) == (2, f"{saved} is there already. Name another file.\n")
    empty = databases.empty_database()
    assert "Restored." in run("restore", saved, url=empty).stdout
    assert run("migrate", url=empty).stdout.endswith("as it was.\n")
    assert run("restore", url=empty).stderr == "Use: python -m backend.restore FILE\n"
    databases.drop_database(empty)
