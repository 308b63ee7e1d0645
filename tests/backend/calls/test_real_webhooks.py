"""A real LiveKit server tells a served backend who was there."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from livekit import rtc
from sqlalchemy import select

from backend.auth.service import PasswordHasher
from backend.calls.tables import PresenceIntervalRow
from backend.kit.clock import utc_now
from backend.kit.database import Database
from backend.main import create_app
from backend.settings import Settings
from tests.backend.bookings.acting import confirmed
from tests.backend.stage import Backend, MovableClock, Person
from tests.stage.livekit_server import LivekitServer, free_ports
from tests.waiting import eventually


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]


@pytest.fixture
def livekit(tmp_path: Path, port: int) -> Iterator[LivekitServer]:
    server = LivekitServer(tmp_path, webhook_url=f"http://127.0.0.1:{port}/livekit/webhook").start()
    yield server
    server.stop()


@pytest.fixture
def app(database_url: str, clock: MovableClock, passwords: PasswordHasher, livekit: LivekitServer) -> FastAPI:
    settings = Settings.model_validate(
        {
            "database_url": database_url,
            "rendezvous_demo": True,
            "public_url": "http://backend.test",
            "livekit_url": livekit.url,
            "livekit_api_key": livekit.key,
            "livekit_api_secret": livekit.secret,
        }
    )
    return create_app(settings, now=clock, passwords=passwords, run_worker=False)


@pytest.fixture
def served(app: FastAPI, client: TestClient, port: int) -> Iterator[None]:
    """The same backend behind a real socket; `client` has started it."""
    server = uvicorn.Server(uvicorn.Config(app, port=port, lifespan="off", log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    eventually(lambda: server.started, "the backend listens")
    yield
    server.should_exit = True
    thread.join()


@pytest.fixture
def booking(backend: Backend, professional: Person, user: Person, clock: MovableClock) -> dict[str, Any]:
    """A session whose room has just opened."""
    booking = confirmed(user, backend.slot(professional, "2027-03-01", "11:00", "11:45"))
    clock.move(minutes=50)
    return booking


def come_and_go(link: dict[str, Any]) -> None:
    async def visit() -> None:
        room = rtc.Room()
        await room.connect(link["livekit_url"], link["access_token"])
        await room.disconnect()

    asyncio.run(visit())


@pytest.mark.usefixtures("served")
def test_who_comes_and_goes_is_reported_by_the_media_server_itself(
    database: Database, user: Person, booking: dict[str, Any]
) -> None:
    link = user.post(f"/sessions/{booking['id']}/generate-call-link").json()
    began = utc_now()
    come_and_go(link)

    def presence_interval() -> PresenceIntervalRow | None:
        with database.read() as session:
            return session.scalar(select(PresenceIntervalRow).where(PresenceIntervalRow.left_at.is_not(None)))

    eventually(lambda: presence_interval() is not None, "the leaving is reported")
    left = presence_interval()
    assert left is not None
    assert (str(left.booking_id), left.role) == (booking["id"], "user")
    assert left.left_at is not None
    assert left.joined_at <= left.left_at
    assert abs((left.joined_at - began).total_seconds()) < 20
