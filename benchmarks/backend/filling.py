"""A database with a crowd in it, filled in bulk: constraints and indexes are put back when the rows are there."""

import hashlib
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from uuid import UUID

import psycopg
from sqlalchemy import make_url

from backend.auth.rules.sign_ins import TOKEN_LIFETIME
from backend.auth.tables import TokenRow
from backend.kit.database import Database
from backend.migrations import upgrade
from benchmarks.backend.crowd import T0, Crowd, Row, Rows

BIG = ("slots", "bookings", "payments")


def sqlite_with(crowd: Crowd, kept: Path) -> str:
    """The address of a copy of the crowd's database; the original is made once, and migrated when it is older."""
    made_by = hashlib.sha256((Path(__file__).parent / "crowd.py").read_bytes()).hexdigest()[:12]
    original = kept / f"crowd-{crowd.bookings}-{made_by}.db"
    if not original.exists():
        kept.mkdir(parents=True, exist_ok=True)
        unfinished = original.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        _fill_sqlite(crowd, unfinished)
        unfinished.rename(original)
    _migrate(original)
    copy = kept / f"measured-{crowd.bookings}.db"
    for ending in ("", "-wal", "-shm"):
        Path(f"{copy}{ending}").unlink(missing_ok=True)
    shutil.copy(original, copy)
    return f"sqlite:///{copy}"


def _migrate(path: Path) -> None:
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    database.dispose()


def _fill_sqlite(crowd: Crowd, path: Path) -> None:
    _migrate(path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -500000;")
    later = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE tbl_name IN (?, ?, ?) AND type != 'table' AND sql NOT NULL",
        BIG,
    ).fetchall()
    for kind, name, _ in later:
        connection.execute(f"DROP {kind} {name}")
    connection.execute("BEGIN")
    for table, columns, rows in Rows(crowd).tables():
        places = ", ".join("?" * len(columns.split()))
        connection.executemany(f"INSERT INTO {table} ({', '.join(columns.split())}) VALUES ({places})", rows)
    connection.execute("COMMIT")
    for _, _, sql in later:
        connection.execute(sql)
    assert connection.execute("PRAGMA foreign_key_check").fetchone() is None
    connection.close()


def fill_postgres(crowd: Crowd, url: str) -> None:
    """Into a migrated, empty database."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SET timezone = 'UTC'")
        connection.execute("SET session_replication_role = replica")  # foreign keys are checked in SQLite's filling
        connection.execute("SET maintenance_work_mem = '512MB'")
        later = connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname LIKE ANY(%s)",
            [list(BIG), ["ix_%", "uq_bookings%"]],
        ).fetchall()
        exclusion = connection.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ex_slots_no_overlap'"
        ).fetchone()
        assert exclusion is not None
        connection.execute("ALTER TABLE slots DROP CONSTRAINT ex_slots_no_overlap")
        for name, _ in later:
            connection.execute(f"DROP INDEX {name}".encode())
        for table, columns, rows in Rows(crowd).tables():
            with connection.cursor().copy(f"COPY {table} ({', '.join(columns.split())}) FROM STDIN".encode()) as copy:
                for lines in _copied(rows):
                    copy.write(lines)
        for _, sql in later:
            connection.execute(sql.encode())
        connection.execute(f"ALTER TABLE slots ADD CONSTRAINT ex_slots_no_overlap {exclusion[0]}".encode())
        connection.execute("VACUUM ANALYZE")


def _copied(rows: Iterator[Row]) -> Iterator[str]:
    while chunk := list(islice(rows, 5_000)):
        yield "".join("\t".join("\\N" if part is None else str(part) for part in row) + "\n" for row in chunk)


def tokens_for(url: str, account_ids: list[str]) -> list[str]:
    """Signs everyone in."""
    tokens = [secrets.token_urlsafe(32) for _ in account_ids]
    database = Database(url)
    with database.write() as session:
        session.add_all(
            TokenRow(
                digest=hashlib.sha256(token.encode()).digest(),
                account_id=UUID(account_id),
                created_at=T0,
                expires_at=T0 + TOKEN_LIFETIME + timedelta(seconds=1),
            )
            for token, account_id in zip(tokens, account_ids, strict=True)
        )
    database.dispose()
    return tokens
