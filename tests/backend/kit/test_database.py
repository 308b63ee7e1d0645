"""Two engines on one database: no write is lost, readers never wait, instants stay exact."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from backend.auth.tables import AccountRow
from backend.kit.database import Database, violated_constraint
from backend.migrations import upgrade
from tests.backend.migrations.comparing import differences
from tests.backend.stage import START
from tests.stage.databases import Databases, on_postgresql


def account(email: str, created_at: datetime = START, role: str = "user") -> AccountRow:
    return AccountRow(
        role=role, email=email, name="N", sort_name="n", time_zone="UTC", password_hash="-", created_at=created_at
    )


def test_an_instant_comes_back_aware_and_in_utc(database: Database) -> None:
    elsewhere = datetime(2027, 3, 1, 9, 30, 0, 123, timezone(timedelta(hours=5, minutes=30)))
    with database.write() as session:
        session.add(account("a@example.com", elsewhere))
    with database.read() as session:
        stored = session.query(AccountRow).one().created_at
    assert (stored, stored.utcoffset()) == (elsewhere, timedelta(0))


def test_a_naive_time_is_refused(database: Database) -> None:
    naive = START.replace(tzinfo=None)
    with pytest.raises(StatementError, match="naive"), database.write() as session:
        session.add(account("a@example.com", naive))


def test_a_violated_unique_constraint_is_named(database: Database) -> None:
    with pytest.raises(IntegrityError) as refused, database.write() as session:
        session.add_all([account("a@example.com"), account("a@example.com")])
    assert violated_constraint(refused.value) == "uq_accounts_email"


def test_a_violated_check_is_named(database: Database) -> None:
    with pytest.raises(IntegrityError) as refused, database.write() as session:
        session.add(account("a@example.com", role="admin"))
    assert violated_constraint(refused.value) == "ck_accounts_role"


def test_an_error_does_not_quote_what_was_to_be_stored(database: Database) -> None:
    with pytest.raises(IntegrityError) as refused, database.write() as session:
        session.add(account("secret@example.com", role="admin"))
    for error in (refused.value, refused.value.orig):
        assert "ck_accounts_role" in str(error)
        assert "secret" not in str(error)


def test_a_failed_block_leaves_nothing_behind(database: Database) -> None:
    def fail_half_way() -> None:
        with database.write() as session:
            session.add(account("a@example.com"))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    with database.read() as session:
        assert session.query(AccountRow).count() == 0


def test_a_read_session_cannot_write(database: Database) -> None:
    with database.read() as session, pytest.raises(DBAPIError):
        session.execute(text("DELETE FROM accounts"))


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    with database.write() as writing, database.read() as snapshot:
        writing.add(account("a@example.com"))
        writing.flush()
        assert snapshot.query(AccountRow).count() == 0


def test_of_many_who_lock_read_and_write_none_is_lost(database: Database) -> None:
    with database.write() as session:
        session.add(account("a@example.com"))
        session.execute(text("UPDATE accounts SET name = '0'"))
    together = threading.Barrier(20)

    def add_one(_number: int) -> None:
        together.wait()
        with database.write() as session:
            row = session.query(AccountRow).with_for_update().one()
            row.name = str(int(row.name) + 1)

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(add_one, range(20)))
    with database.read() as session:
        assert session.query(AccountRow).one().name == "20"


def test_letters_beyond_ascii_are_lowered_as_postgresql_does(database: Database) -> None:
    with database.read() as session:
        assert session.scalar(text("SELECT lower('ÅSA ÖĞÜŠ')")) == "åsa öğüš"


def test_several_processes_may_migrate_at_once(databases: Databases) -> None:
    url = databases.empty_database()

    def migrate(_number: int) -> None:
        database = Database(url)
        upgrade(database)
        database.dispose()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(migrate, range(4)))
    database = Database(url)
    with database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM alembic_version")) == 1
    database.dispose()
    databases.drop_database(url)


@pytest.mark.skipif(on_postgresql(), reason="PostgreSQL's databases are made before anyone connects")
def test_several_processes_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    """One of 240 failed with "database is locked" before they asked again."""
    together = threading.Barrier(8)

    def open_it(url: str) -> None:
        database = Database(url)
        together.wait()
        with database.write_engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS t (n INTEGER)")
        database.dispose()

    with ThreadPoolExecutor(together.parties) as threads:
        for number in range(60):
            list(threads.map(open_it, [f"sqlite:///{tmp_path}/{number}.db"] * together.parties))


def test_the_migrations_make_what_the_tables_say(database: Database) -> None:
    assert differences(database) == []


@pytest.mark.skipif(not on_postgresql(), reason="SQLite has no connection that could be cut off")
def test_connections_that_were_cut_off_while_they_rested_are_made_anew(
    database_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.kit.database.postgres.PING_AFTER_S", 0.0)
    cutting = Database(database_url)
    with database.read() as one, database.read() as other:
        mine = {each.scalar(text("SELECT pg_backend_pid()")) for each in (one, other)}
    with cutting.write() as session:
        for number in mine:
            session.execute(text("SELECT pg_terminate_backend(:number)"), {"number": number})
    cutting.dispose()
    with database.read() as one, database.write() as other:
        now = {each.scalar(text("SELECT pg_backend_pid()")) for each in (one, other)}
    assert len(now) == 2
    assert not now & mine
