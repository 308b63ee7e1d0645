"""A backend with people and sessions in it, served on loopback for a tool that sends it everything."""

import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import uvicorn
from fastapi.testclient import TestClient
from pwdlib.hashers.argon2 import Argon2Hasher
from pydantic import SecretStr
from sqlalchemy import select, update
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.auth.service import PasswordHasher
from backend.auth.tables import TokenRow
from backend.bookings.tables import BookingRow
from backend.kit.database import Database
from backend.main import create_app
from backend.settings import Settings
from tests.backend.bookings.acting import confirmed, held
from tests.backend.stage import START, Backend, MovableClock, Person
from tests.fakes.call_rooms import FakeCallRooms


@dataclass(frozen=True)
class Served:
    """Where it answers, who is signed in, and the ids of what there is."""

    url: str
    professional: Person
    user: Person
    slots: list[str]
    sessions: list[str]
    file: str
    """The id of a file of two sessions that are over; with one of them it was sent."""


class StaysSignedIn:
    """Who signs out, or changes the password, is signed in again with the same token before the next request.

    Else the first request that signs out would make every later one an unsigned one, and nothing would be tried.
    """

    def __init__(self, app: ASGIApp, database: Database, people: list[Person]) -> None:
        self._app = app
        self._database = database
        self._people = {hashlib.sha256(person.token.encode()).digest(): UUID(person.id) for person in people}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self._sign_in_again()
        await self._app(scope, receive, send)

    def _sign_in_again(self) -> None:
        with self._database.read() as session:
            there = set(session.scalars(select(TokenRow.digest).where(TokenRow.digest.in_(self._people))))
        if missing := self._people.keys() - there:
            with self._database.write() as session:
                for digest in missing:
                    ends_at = START.replace(year=START.year + 1)
                    session.add(
                        TokenRow(digest=digest, account_id=self._people[digest], created_at=START, expires_at=ends_at)
                    )


@contextmanager
def served(database_url: str) -> Iterator[Served]:
    """The demo's backend, whose clock stands still: two people, free, held and booked hours, a session that runs."""
    clock = MovableClock()
    rooms = FakeCallRooms()
    rooms.now = clock
    settings = Settings(
        database_url=database_url,
        rendezvous_demo=True,
        public_url="http://backend.test",
        rate_limits="off",  # thousands of requests from one address
        livekit_url="ws://livekit.test",
        livekit_api_key="key",
        livekit_api_secret=SecretStr("s" * 32),
    )
    passwords = PasswordHasher(Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1))
    app = create_app(settings, now=clock, passwords=passwords, call_rooms=rooms, run_worker=False)
    with TestClient(app) as client:
        backend = Backend(client, clock, app.state.database)
        professional, user = backend.professional("Nora Berg"), backend.user("Sam Vale")
        slots, sessions = _hours(backend, professional, user)
        file = _file(backend, professional, sessions[6:8])
        with _listening(StaysSignedIn(app, app.state.database, [professional, user])) as url:
            yield Served(url, professional, user, slots, sessions, file)


def _hours(backend: Backend, professional: Person, user: Person) -> tuple[list[str], list[str]]:
    running = backend.slot(professional, "2027-03-01", "10:10", "10:55")
    slots = [running, *(backend.slot(professional, f"2027-03-{day:02}") for day in range(2, 28))]
    sessions = [*(confirmed(user, slot) for slot in slots[:8]), held(user, slots[8])]
    return [slot["id"] for slot in slots], [session["id"] for session in sessions]


def _file(backend: Backend, professional: Person, sessions: list[str]) -> str:
    over = {"starts_at": START - timedelta(hours=2), "ends_at": START - timedelta(hours=1)}
    with backend.database.write() as session:
        session.execute(update(BookingRow).where(BookingRow.id.in_(map(UUID, sessions))).values(**over))
    file = "0b9e4d2a-5a0c-4d61-9a43-1f1d35f0a9c2"
    for each in sessions:
        assert professional.put(f"/sessions/{each}/follow-up/files/{file}", content=b"%PDF").status_code == 200
    sent = professional.put(f"/sessions/{sessions[0]}/follow-up", json={"text": "Thank you", "files": [file]})
    assert sent.status_code == 200, sent.text
    return file


@contextmanager
def _listening(app: ASGIApp) -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
