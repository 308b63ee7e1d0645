"""Both people's lists with a session's details open, over the fake backend."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import flet as ft

from app.api.models import Role
from app.screens.upcoming_sessions import UpcomingSessions
from app.screens.upcoming_user_sessions import UpcomingUserSessions
from app.state.core.services import Services
from tests.app.stage.booking_stage import book
from tests.app.stage.harness import Harness
from tests.app.stage.session_stage import services_of, shown
from tests.fakes.api import NOW, FakeApi
from tests.fakes.instants import wire_time

HOUR = timedelta(hours=1)
WIDTHS = [390, 900, 1280]


def api_with_a_session() -> FakeApi:
    """Grace has a session with Ada tomorrow at 10:00 in Berlin; tomorrow at 16:00 is free at the same price."""
    api = FakeApi()
    api.add_professional(next_free_at=wire_time(NOW + 30 * HOUR))
    book(api, 24 * HOUR)
    api.add_slot("free", NOW + 30 * HOUR)
    return api


@asynccontextmanager
async def sessions_of(
    api: FakeApi,
    role: Role,
    session_id: str = "",
    text_size: str = "normal",
    prepare: Callable[[Services], None] = lambda services: None,
    **page: Any,
) -> AsyncIterator[Harness]:
    """That person's list under its real path, with a session's details open. `prepare` is given what it stands on."""
    path, screen = ("upcoming", UpcomingSessions) if role == "professional" else ("my-sessions", UpcomingUserSessions)

    @ft.component
    def Routes() -> ft.Control:
        return ft.Router([ft.Route(path=f"{path}/:session_id?", component=screen)])

    route = f"/{path}/{session_id}".rstrip("/")
    services = services_of(api, role)
    services.preferences.text_size = text_size
    prepare(services)
    async with shown(services, Routes, route=route, **page) as app:
        yield app
