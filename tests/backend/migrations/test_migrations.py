"""Up and down with rows in every table: what was stored stays, and what was refused stays refused."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy.exc import IntegrityError

from backend.availability.tables import NO_OVERLAP
from backend.bookings.tables import ONE_PER_SLOT
from backend.kit.database import Database, violated_constraint
from backend.migrations import alembic_config, downgrade, upgrade
from tests.backend.migrations import building, rows, storing
from tests.backend.migrations.comparing import differences, is_an_index
from tests.stage.databases import Databases

REVISIONS = sorted(rows.ADDED)
HEAD = REVISIONS[-1]
NEW = UUID(int=99)


@pytest.fixture
def empty(databases: Databases) -> Iterator[Database]:
    """A database without any table."""
    url = databases.empty_database()
    database = Database(url)
    yield database
    database.dispose()
    databases.drop_database(url)


def fill(database: Database, revision: str) -> None:
    """A row at least in every table that there is; a new table has to be thought of in rows.py."""
    with database.write_engine.begin() as connection:
        for table, row in rows.rows_until(revision):
            storing.insert(connection, table, row)
    assert {table for table, _ in rows.rows_until(revision)} == tables_of(database)


def tables_of(database: Database) -> set[str]:
    names = sa.inspect(database.write_engine).get_table_names()
    return {name for name in names if not is_an_index(name)} - {"alembic_version"}


def lost(database: Database, revision: str) -> list[tuple[str, dict[str, Any]]]:
    """Which rows of this revision are not there as they were. What is in a table that a later one drops is lost."""
    kept = [row for row in rows.rows_until(revision) if row[0] not in rows.DROPPED]
    with database.write_engine.begin() as connection:
        return [row for row in kept if not storing.is_there(connection, *row)]


def refusal(database: Database, act: Callable[[sa.Connection], None]) -> str | None:
    """The name of what refuses it."""
    with pytest.raises(IntegrityError) as refused, database.write_engine.begin() as connection:
        act(connection)
    return violated_constraint(refused.value)


def check_refusals(database: Database, revision: str) -> None:
    """What must never happen is refused, beside the rows of `fill`."""

    def slot(*times: int, **changes: Any) -> str | None:
        return refusal(database, lambda to: storing.insert(to, "slots", building.slot(NEW, *times, **changes)))

    def moved(slot_id: UUID, **changes: Any) -> str | None:
        return refusal(database, lambda to: storing.change(to, "slots", slot_id, **changes))

    def booking(slot_id: UUID, status: str) -> str | None:
        row = building.booking(NEW, slot_id, status, "pending")
        return refusal(database, lambda to: storing.insert(to, "bookings", row))

    def handle(text: str, professional_id: UUID = building.PRO) -> str | None:
        row = {"handle": text, "professional_id": professional_id, "is_current": True, "chosen_at": building.NOW}
        return refusal(database, lambda to: storing.insert(to, "handles", row))

    assert slot(30, 60) == NO_OVERLAP
    assert slot(600, 660, price_minor=99) == "ck_slots_price"
    assert slot(660, 600) == "ck_slots_order"
    assert moved(building.LATER_SLOT, starts_at=building.NOW + timedelta(minutes=30)) == NO_OVERLAP
    assert moved(building.WITHDRAWN_SLOT, withdrawn_at=None) == NO_OVERLAP
    if revision >= "0002":
        assert booking(building.SLOT, "held") == ONE_PER_SLOT
        assert booking(building.WITHDRAWN_SLOT, "confirmed") == "ck_bookings_confirmed_is_paid"
    if revision >= "0015":
        assert handle("nora-b") == "uq_handles_professional_id_current"
        assert handle("gone", building.USER) == "pk_handles"
        assert handle("Nora", building.USER) == "ck_handles_lower_case"


def count(database: Database, query: str) -> int:
    with database.read() as session:
        return int(session.scalars(sa.text(query)).one())


def test_every_revision_has_its_rows_here(database: Database) -> None:
    with database.write_engine.connect() as connection:
        known = ScriptDirectory.from_config(alembic_config(connection)).walk_revisions()
        assert sorted(each.revision for each in known) == REVISIONS


@pytest.mark.parametrize("revision", REVISIONS)
def test_what_an_older_release_stored_goes_up_and_down_and_up_again(empty: Database, revision: str) -> None:
    upgrade(empty, revision)
    fill(empty, revision)
    upgrade(empty)
    assert lost(empty, revision) == []
    assert differences(empty) == []
    check_refusals(empty, revision)
    settle_refunds(empty)
    downgrade(empty)
    assert tables_of(empty) == set()
    upgrade(empty)
    fill(empty, HEAD)
    assert differences(empty) == []
    check_refusals(empty, HEAD)


def settle_refunds(database: Database) -> None:
    """The worker sends what is on its way."""
    with database.write_engine.begin() as connection:
        connection.execute(sa.text("UPDATE refunds SET status = 'done' WHERE status = 'pending'"))


# What a step down changes in the rows that stay: money that came and went is no longer recorded.
_TOLD_OTHERWISE = {"0002": [("payment_events", "two")]}


@pytest.mark.parametrize("revision", REVISIONS)
def test_taking_a_release_back_keeps_what_the_older_one_knew(empty: Database, revision: str) -> None:
    upgrade(empty)
    fill(empty, HEAD)
    downgrade(empty, revision)
    gone = [(table, row.get("event_id")) for table, row in lost(empty, revision)]
    assert gone == _TOLD_OTHERWISE.get(revision, [])
    assert tables_of(empty) == {table for table, _ in rows.rows_until(revision)}
    check_refusals(empty, revision)
    upgrade(empty)
    assert differences(empty) == []
    check_refusals(empty, revision)


def test_what_was_paid_before_there_were_books_is_entered_and_what_is_owed_is_on_its_way(empty: Database) -> None:
    upgrade(empty, "0002")
    fill(empty, "0002")
    upgrade(empty)
    assert count(empty, "SELECT count(*) FROM payments WHERE pays AND amount_minor = 4500") == 2
    with empty.read() as session:
        owed = session.execute(sa.text("SELECT attempt, amount_minor, reason, status FROM refunds")).all()
    assert owed == [(1, 4500, "not_confirmed", "pending")]


def test_what_is_owed_comes_back_with_the_books_and_what_was_refunded_does_not(empty: Database) -> None:
    upgrade(empty, "0002")
    fill(empty, "0002")
    upgrade(empty)
    downgrade(empty, "0002")
    upgrade(empty)
    assert count(empty, "SELECT count(*) FROM refunds WHERE status = 'pending'") == 1
    settle_refunds(empty)
    downgrade(empty, "0002")
    upgrade(empty)
    assert count(empty, "SELECT count(*) FROM refunds") == 0
    assert count(empty, "SELECT count(*) FROM payments") == 1


def test_the_books_are_not_taken_back_while_only_they_know_of_a_refund(empty: Database) -> None:
    upgrade(empty)
    fill(empty, HEAD)
    with empty.write_engine.begin() as connection:
        connection.execute(sa.text("UPDATE refunds SET status = 'pending', reason = 'user_cancelled'"))
    with pytest.raises(RuntimeError, match="Refunds are on their way"):
        downgrade(empty, "0002")
    assert lost(empty, "0002") == []


def test_what_was_stored_in_several_forms_gets_one_and_nobody_loses_their_address(empty: Database) -> None:
    upgrade(empty, "0006")
    older, younger, strange = (UUID(int=number) for number in (61, 62, 63))
    account = next(row for table, row in rows.rows_until("0001") if table == "accounts")
    with empty.write_engine.begin() as connection:
        for row_id, email, days in ((older, "jose\u0301@example.com", 0), (younger, "josé@example.com", 1)):
            values = {"email": email, "name": "Jose\u0301", "created_at": building.NOW + timedelta(days=days)}
            storing.insert(connection, "accounts", account | {"id": row_id} | values)
        storing.insert(connection, "accounts", account | {"id": strange, "email": "a..b@x.de", "name": "\u3164"})
        profile = {"professional_id": older, "headline": "Cafe\u0301", "about": "Ole\u0301\nzwei", "category": "music"}
        storing.insert(connection, "profiles", profile)
    upgrade(empty)
    with empty.read() as session:
        accounts = sa.text("SELECT id, email, email_form, name, sort_name FROM accounts")
        by_id = {UUID(str(row[0])): tuple(row)[1:] for row in session.execute(accounts)}
        headline, about = session.execute(sa.text("SELECT headline, about FROM profiles")).one()
        texts = session.scalars(sa.text("SELECT text FROM search_texts ORDER BY text")).all()
    # the younger one's spelling is the normal one already: the older keeps its own
    assert by_id[older] == ("jose\u0301@example.com", "josé@example.com", "José", "jose")
    assert by_id[younger] == ("josé@example.com", "josé@example.com", "José", "jose")
    assert by_id[strange] == ("a..b@x.de", "a..b@x.de", "\u3164", "\u1160")
    assert (headline, about) == ("Café", "Olé\nzwei")
    assert "  jose\n  cafe  ole  zwei  music  lessons" in texts
