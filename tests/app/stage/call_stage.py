"""A call over the fake engine: past Join, and with both people in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.api.models import Role
from app.call.contract.call_state import CallState
from tests.app.stage.call_world import CALM, CallWorld
from tests.app.stage.harness import Harness, screen
from tests.fakes.api import NOW
from tests.fakes.call_engine import FakeCallEngine

ADA = "Ada Lovelace"


@dataclass
class Call:
    world: CallWorld
    app: Harness

    @property
    def engine(self) -> FakeCallEngine:
        return self.world.engine


@asynccontextmanager
async def joined(
    role: Role = "user", width: float = 1280, web: bool = False, recordings: Path | None = None, **replies: Any
) -> AsyncIterator[Call]:
    """Past Join, connecting. With `recordings` it is a program that can record, into that folder."""
    world = CallWorld(role)
    if recordings is not None:
        world.services.can_record = True
        world.services.preferences.recording_folder = str(recordings)
    async with screen(world.view, width=width, web=web, replies=CALM | replies) as app:
        await app.shows("Join")
        await app.click("Join")
        await app.until(lambda: world.engine.snapshot().state is CallState.CONNECTING)  # its join is done with that
        await app.shows("Connecting…")
        yield Call(world, app)


@asynccontextmanager
async def together(
    width: float = 1280, web: bool = False, recordings: Path | None = None, **replies: Any
) -> AsyncIterator[Call]:
    """Both are in the call, since `NOW`."""
    async with joined(width=width, web=web, recordings=recordings, **replies) as call:
        call.engine.become(CallState.WAITING)
        call.engine.let_other_in(ADA, since=NOW)
        await call.app.until(lambda: f"Video of {ADA}, no picture. Waiting for the picture…" in call.app.labels())
        yield call
