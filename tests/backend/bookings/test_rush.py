"""Two hundred people want the same slot at the same moment, over real connections to a served backend."""

import http.client
import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import select

from backend.auth.repository import account_of
from backend.auth.service import issue_token
from backend.auth.tables import AccountRow
from backend.bookings.tables import BookingRow
from backend.kit.database import Database
from tests.backend.stage import START, Backend, Person

ATTEMPTS = 200


@pytest.fixture
def port(app: FastAPI) -> Iterator[int]:
    """The app behind uvicorn on a free port of loopback."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(ATTEMPTS * 2)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join()


def tokens(database: Database, count: int) -> list[str]:
    with database.write() as session:
        rows = [
            AccountRow(
                role="user",
                email=f"{uuid4()}@example.com",
                name="Someone",
                sort_name="someone",
                time_zone="UTC",
                password_hash="-",
                created_at=START,
                email_verified_at=START,
            )
            for _ in range(count)
        ]
        session.add_all(rows)
        session.flush()
        return [issue_token(session, account_of(row), START)[0] for row in rows]


def attempt(port: int, token: str, slot_id: str, start: threading.Barrier) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.connect()
    start.wait()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request("POST", "/sessions/book", json.dumps({"slot_id": slot_id}), headers)
    answer = connection.getresponse()
    body: dict[str, Any] = json.loads(answer.read())
    connection.close()
    return answer.status, body


def test_of_200_attempts_at_once_at_one_slot_exactly_one_is_booked(
    backend: Backend, professional: Person, port: int
) -> None:
    slot = backend.slot(professional)
    start = threading.Barrier(ATTEMPTS)
    with ThreadPoolExecutor(ATTEMPTS) as people:
        attempts = [
            people.submit(attempt, port, token, slot["id"], start) for token in tokens(backend.database, ATTEMPTS)
        ]
        answers = [each.result() for each in attempts]
    assert Counter(status for status, _ in answers) == {201: 1, 409: ATTEMPTS - 1}
    assert {body["error"] for status, body in answers if status == 409} == {"SlotAlreadyTaken"}
    with backend.database.read() as session:
        assert len(session.scalars(select(BookingRow).where(BookingRow.slot_id == UUID(slot["id"]))).all()) == 1


def test_one_user_who_books_everything_at_once_holds_two(backend: Backend, professional: Person, port: int) -> None:
    slots = [backend.slot(professional, f"2027-03-{day:02}") for day in range(2, 22)]
    (token,) = tokens(backend.database, 1)
    start = threading.Barrier(len(slots))
    with ThreadPoolExecutor(len(slots)) as hands:
        attempts = [hands.submit(attempt, port, token, slot["id"], start) for slot in slots]
        answers = [each.result() for each in attempts]
    assert Counter(status for status, _ in answers) == {201: 2, 409: len(slots) - 2}
