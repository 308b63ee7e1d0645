"""How many statements a request costs, and that none of them reads a whole table, however much is in it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import Connection, event

from backend.kit.database import Database
from backend.retention import delete_old_rows
from backend.worker import Worker
from tests.backend.bookings.acting import book, confirmed, held
from tests.backend.stage import Backend, MovableClock, Person

Statement = tuple[str, Any]
LISTS = [
    "/professional/sessions",
    "/professional/sessions?when=past",
    "/sessions/my-bookings",
    "/sessions/my-bookings?when=past",
    "/professional/sessions/availability",
    "/professionals",
]


@pytest.fixture
def app(app_with_rooms: FastAPI) -> FastAPI:
    return app_with_rooms


@pytest.fixture
def recorded(app: FastAPI) -> Callable[[], Any]:
    """`with watched() as statements:` what the backend asks its database meanwhile."""
    database: Database = app.state.database

    @contextmanager
    def record() -> Iterator[list[Statement]]:
        statements: list[Statement] = []

        def note(_c: Connection, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
            if statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
                statements.append((statement, parameters))

        # PostgreSQL's reads go through the writing engine with other options, which hears of them too.
        apart = database.read_engine.pool is not database.write_engine.pool
        engines = [database.write_engine, *([database.read_engine] if apart else [])]
        for engine in engines:
            event.listen(engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            for engine in engines:
                event.remove(engine, "before_cursor_execute", note)

    return record


def someone(path: str, professional: Person, user: Person) -> Person:
    return user if path.startswith("/sessions/my") else professional


@pytest.mark.parametrize("path", LISTS)
def test_a_list_costs_as_many_statements_whatever_its_length(
    app: FastAPI,
    backend: Backend,
    professional: Person,
    user: Person,
    recorded: Callable[[], Any],
    clock: MovableClock,
    path: str,
) -> None:
    """The token, at most two looks at the list, and one at refunds; also where there are many and many of them."""

    def cost() -> int:
        someone(path, professional, user).get(path)  # the first of a day renews the token
        with recorded() as statements:
            answer = someone(path, professional, user).get(path)
        assert answer.json()["items"], "an empty list shows nothing"
        return len(statements)

    def two_more(day: int) -> None:
        app.state.limits.on = False  # nobody may cancel so often
        for hour in (10, 12):
            slot = backend.slot(professional, f"2027-03-{day:02}", f"{hour}:00", f"{hour}:45")
            booking = confirmed(user, slot)
        user.post(f"/sessions/{booking['id']}/cancel", json={"expected_refund": "45.00"})
        app.state.limits.on = True

    two_more(3)
    backend.slot(professional, "2027-03-25")
    if path.endswith("past"):
        clock.move(days=3)
    once = cost()
    for day in range(4 if not path.endswith("past") else 5, 10):
        two_more(day)
        backend.professional()
    if path.endswith("past"):
        clock.move(days=7)
    assert cost() == once <= 4


@pytest.fixture
def busy(backend: Backend, professional: Person, user: Person, clock: MovableClock) -> dict[str, Any]:
    """Something of everything: held, paid, cancelled, moved and past."""
    moved = confirmed(user, backend.slot(professional, "2027-03-05"))
    cancelled = confirmed(user, backend.slot(professional, "2027-03-06"))
    user.post(f"/sessions/{cancelled['id']}/cancel", json={"expected_refund": "45.00"})
    to = backend.slot(professional, "2027-03-07")
    return {"moved": moved, "to": to, "slot": backend.slot(professional, "2027-03-01", "11:00", "11:45")}


def test_no_request_and_no_round_of_the_worker_reads_a_whole_table(
    backend: Backend,
    database: Database,
    professional: Person,
    user: Person,
    busy: dict[str, Any],
    worker: Worker,
    clock: MovableClock,
    recorded: Callable[[], Any],
) -> None:
    if not database.url.startswith("sqlite"):
        pytest.skip("EXPLAIN QUERY PLAN is SQLite's; PostgreSQL reads small tables whole, and rightly")
    with recorded() as statements:
        _ask_for_everything(backend, professional, user, busy)
        worker.run_once()
        clock.move(hours=2)
        worker.run_once()
        delete_old_rows(database, clock.now)
    assert len(statements) > 60
    found = {plan for statement in statements for plan in _reading_too_much(database, *statement)}
    assert not found, "\n".join(sorted(found))


def _ask_for_everything(backend: Backend, professional: Person, user: Person, busy: dict[str, Any]) -> None:
    cursors = {}
    for path in LISTS:
        who = someone(path, professional, user)
        both = "&" if "?" in path else "?"
        cursors[path] = who.get(f"{path}{both}limit=1").json()["next_cursor"]
        who.get(f"{path}{both}limit=1&cursor={cursors[path] or ''}")
    for handle in ("nora", "nora-berg"):
        professional.patch("/professional/profile", json={"handle": handle})
    for path in (
        "/p/nora-berg",
        "/professional/profile/suggested-handle",
        f"/professional/{professional.id}",
        f"/professional/{professional.id}/availability?date=2027-03-01",
        f"/professional/{professional.id}/availability/days?month=2027-03",
        "/professional/sessions/availability/days?month=2027-03",
        "/professional/earnings",
        f"/sessions/{busy['moved']['id']}/cancellation",
    ):
        assert professional.get(path).status_code == 200, path
    assert user.post(f"/sessions/{busy['moved']['id']}/reschedule", json={"slot_id": busy["to"]["id"]}).is_success
    booking = held(user, busy["slot"])
    assert book(backend.user(), busy["slot"]).json()["error"] == "SlotAlreadyTaken"
    assert user.post(f"/sessions/{booking['id']}/release").is_success
    confirmed(user, busy["slot"])
    free = backend.slot(professional, "2027-03-09")
    assert professional.delete(f"/professional/sessions/availability/{free['id']}").is_success


def _reading_too_much(database: Database, statement: str, parameters: Any) -> list[str]:
    with database.read_engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        steps = [row[3] for row in plan]
    whole = [step for step in steps if step.startswith("SCAN ") and step not in _SHORT]
    whole += [step for step in steps if "AUTOMATIC" in step]
    sorted_lists = [step for step in steps if step == "USE TEMP B-TREE FOR ORDER BY" and "LIMIT" in statement]
    return [f"{step}  <-  {' '.join(statement.split())}" for step in whole + sorted_lists]


_SHORT = {"SCAN bookings USING INDEX ix_bookings_checkouts"}
"""What may be read whole: that index holds only the checkouts that are still open."""
