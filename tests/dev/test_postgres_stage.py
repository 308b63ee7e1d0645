"""The PostgreSQL that tests start for themselves."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError

from backend.kit.database import Database
from tests.stage.postgres import PostgresServer
from tools import machine
from tools.processes import alive

pytestmark = pytest.mark.skipif(not machine.POSTGRESQL.present(), reason="PostgreSQL is not installed")


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    server = PostgresServer().start()
    yield server
    server.stop()


def run(url: str, words: str) -> object:
    database = Database(url)
    with database.write_engine.begin() as connection:
        answer = connection.execute(text(words))
        found = answer.scalar() if answer.returns_rows else None
    database.dispose()
    return found


def test_each_database_is_migrated_and_knows_nothing_of_the_others(server: PostgresServer) -> None:
    one, other = server.new_database(), server.new_database()
    run(one, "INSERT INTO livekit_events VALUES ('event', now())")
    counts = [run(url, "SELECT count(*) FROM livekit_events") for url in (one, other)]
    assert counts == [1, 0]


def test_letters_beyond_ascii_have_their_small_ones(server: PostgresServer) -> None:
    assert run(server.empty_database(), "SELECT lower('ÅSA ÖĞÜŠ')") == "åsa öğüš"


def test_a_database_is_forgotten_while_someone_is_connected(server: PostgresServer) -> None:
    url = server.new_database()
    database = Database(url)
    with database.read() as session:
        session.execute(text("SELECT 1"))
    server.drop_database(url)  # the pool keeps its connection
    database.dispose()
    with pytest.raises(OperationalError, match="does not exist"):
        run(url, "SELECT 1")


@pytest.mark.skipif(sys.platform == "win32", reason="the socket in a folder is Unix' own")
def test_stopping_leaves_neither_process_nor_folder(server: PostgresServer) -> None:
    folder = Path(str(make_url(server.new_database()).query["host"]))
    process_id = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    assert alive(process_id)
    assert folder.stat().st_uid == os.stat(f"/proc/{process_id}").st_uid
    server.stop()
    assert not alive(process_id)
    assert not folder.exists()


def test_a_database_that_is_given_back_comes_again_without_its_rows(server: PostgresServer) -> None:
    url = server.new_database()
    database = Database(url)
    run(url, "INSERT INTO livekit_events VALUES ('kept', now())")

    def cut_off() -> None:
        with database.write() as session:
            session.execute(text("INSERT INTO livekit_events VALUES ('in the middle of it', now())"))
            server.give_back(url)

    with pytest.raises(OperationalError):
        cut_off()
    database.dispose()
    assert server.new_database() == url
    assert run(url, "SELECT count(*) FROM livekit_events") == 0
    assert run(url, "SELECT count(*) FROM alembic_version") == 1
