"""A backend whose media server is a fake that tests fill with people."""

from typing import Any

import pytest
from fastapi import FastAPI

from backend.auth.service import PasswordHasher
from backend.main import create_app
from backend.settings import Settings
from tests.backend.bookings.acting import confirmed
from tests.backend.stage import Backend, MovableClock, Person
from tests.fakes.call_rooms import FakeCallRooms


@pytest.fixture
def app(settings: Settings, clock: MovableClock, passwords: PasswordHasher, rooms: FakeCallRooms) -> FastAPI:
    return create_app(settings, now=clock, passwords=passwords, call_rooms=rooms, run_worker=False)


@pytest.fixture
def booking(backend: Backend, professional: Person, user: Person, clock: MovableClock) -> dict[str, Any]:
    """Paid, from 10:00 to 10:45 UTC; it is five minutes to ten."""
    booking = confirmed(user, backend.slot(professional, "2027-03-01", "11:00", "11:45"))
    clock.move(minutes=55)
    return booking
