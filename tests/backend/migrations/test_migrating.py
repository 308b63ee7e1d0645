"""Migrations are a step of their own: `backend.migrate` takes it, and a backend that finds it missing says so."""

import os
import subprocess
import sys

import pytest

from backend.kit.database import Database
from backend.migrations import current_revision, is_behind, newest_revision, upgrade
from backend.serving import BEHIND, CannotStart, prepare_database
from backend.settings import Settings
from tests.stage.databases import Databases


@pytest.fixture
def empty_url(databases: Databases) -> str:
    return databases.empty_database()


def migrate(url: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "backend.migrate"]
    return subprocess.run(words, env=os.environ | {"DATABASE_URL": url}, capture_output=True, text=True, timeout=120)


def test_the_command_takes_every_step_and_a_second_time_none(empty_url: str, databases: Databases) -> None:
    first, second = migrate(empty_url), migrate(empty_url)
    newest = newest_revision()
    assert first.stdout == f"The database is at {newest}; before it was empty.\n", first.stderr
    assert second.stdout == f"The database is at {newest}; as it was.\n", second.stderr
    prepare_database(Settings(database_url=empty_url))
    databases.drop_database(empty_url)


@pytest.mark.parametrize("revision", ["", "0002"])
def test_outside_the_demo_a_database_that_is_behind_is_refused_and_left_as_it_is(
    empty_url: str, databases: Databases, revision: str
) -> None:
    database = Database(empty_url)
    if revision:
        upgrade(database, revision)
    with pytest.raises(CannotStart) as refusal:
        prepare_database(Settings(database_url=empty_url))
    assert str(refusal.value) == BEHIND
    assert current_revision(database) == revision
    database.dispose()
    databases.drop_database(empty_url)


def test_a_demo_prepares_its_own(empty_url: str, databases: Databases) -> None:
    prepare_database(Settings(database_url=empty_url, rendezvous_demo=True))
    database = Database(empty_url)
    assert not is_behind(database)
    database.dispose()
    databases.drop_database(empty_url)


def test_a_database_cannot_be_opened_in_one_sentence() -> None:
    done = migrate("sqlite:////proc/nowhere/x.db")
    assert done.returncode == 2
    assert done.stderr.startswith("The database cannot be used: ")
    assert "Traceback" not in done.stderr
