"""What the database itself refuses about slots, whatever the code above it does."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from backend.availability.tables import SlotRow
from backend.kit.database import Database, violated_constraint
from tests.backend.stage import START, Person
from tests.stage.databases import SqliteFiles

Insert = Callable[..., None]


@pytest.fixture
def insert(database: Database, professional: Person) -> Insert:
    """Stores a slot `start` to `end` minutes after START, past every rule."""

    def insert(start: int, end: int, price_minor: int = 4_500, withdrawn_at: datetime | None = None) -> None:
        with database.write() as session:
            session.add(
                SlotRow(
                    professional_id=UUID(professional.id),
                    starts_at=START + timedelta(minutes=start),
                    ends_at=START + timedelta(minutes=end),
                    price_minor=price_minor,
                    created_at=START,
                    withdrawn_at=withdrawn_at,
                )
            )

    return insert


def refusal(attempt: Callable[[], None]) -> str | None:
    with pytest.raises(IntegrityError) as refused:
        attempt()
    return violated_constraint(refused.value)


@pytest.mark.parametrize(("start", "end"), [(0, 60), (-30, 1), (59, 90), (-10, 70), (10, 20)])
def test_an_overlapping_slot_is_refused(insert: Insert, start: int, end: int) -> None:
    insert(0, 60)
    assert refusal(lambda: insert(start, end)) == "ex_slots_no_overlap"


def test_touching_slots_are_accepted(insert: Insert, database: Database) -> None:
    for start in (0, 60, -60):
        insert(start, start + 60)
    with database.read() as session:
        assert len(session.scalars(select(SlotRow)).all()) == 3


def test_a_withdrawn_slot_is_in_nobodys_way(insert: Insert, database: Database) -> None:
    insert(0, 60, withdrawn_at=START)
    insert(0, 60)
    insert(0, 60, withdrawn_at=START)
    with database.read() as session:
        assert len(session.scalars(select(SlotRow)).all()) == 3


def test_bringing_back_a_slot_onto_another_is_refused(insert: Insert, database: Database) -> None:
    insert(0, 60, withdrawn_at=START)
    insert(30, 90)

    def bring_back() -> None:
        with database.write() as session:
            session.execute(text("UPDATE slots SET withdrawn_at = NULL"))

    assert refusal(bring_back) == "ex_slots_no_overlap"


def test_moving_a_slot_onto_another_is_refused(insert: Insert, database: Database) -> None:
    insert(0, 60)
    insert(60, 120)

    def move() -> None:
        with database.write() as session:
            later = session.scalars(select(SlotRow).order_by(SlotRow.starts_at.desc())).first()
            assert later is not None
            later.starts_at = START + timedelta(minutes=30)

    assert refusal(move) == "ex_slots_no_overlap"


@pytest.mark.parametrize("price_minor", [0, 99, 25_001, -100, 100_000_000])
def test_a_price_out_of_range_is_refused(insert: Insert, price_minor: int) -> None:
    assert refusal(lambda: insert(0, 60, price_minor)) == "ck_slots_price"


@pytest.mark.parametrize("end", [0, -1])
def test_an_end_that_is_not_after_the_start_is_refused(insert: Insert, end: int) -> None:
    assert refusal(lambda: insert(0, end)) == "ck_slots_order"


def test_a_slot_of_nobody_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"), database.write() as session:
        session.add(
            SlotRow(
                professional_id=UUID(int=1),
                starts_at=START,
                ends_at=START + timedelta(hours=1),
                price_minor=4_500,
                created_at=START,
            )
        )


def test_on_sqlite_the_triggers_are_there_after_all_migrations(tmp_path: Path) -> None:
    database = Database(SqliteFiles(tmp_path).new_database())
    with database.read() as session:
        names = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'slots'"))
        assert set(names) >= {"slots_no_overlap_insert", "slots_no_overlap_update"}
    database.dispose()
