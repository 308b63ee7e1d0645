"""A backend whose media server is a fake that tests fill with people."""

from typing import Any

import pytest
from fastapi import FastAPI

from tests.backend.bookings.acting import confirmed
from tests.backend.stage import Backend, MovableClock, Person


@pytest.fixture
def app(app_with_rooms: FastAPI) -> FastAPI:
    return app_with_rooms


@pytest.fixture
def booking(backend: Backend, professional: Person, user: Person, clock: MovableClock) -> dict[str, Any]:
    """Paid, from 10:00 to 10:45 UTC; it is five minutes to ten."""
    booking = confirmed(user, backend.slot(professional, "2027-03-01", "11:00", "11:45"))
    clock.move(minutes=55)
    return booking
