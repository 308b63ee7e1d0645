"""The call as the app drives it: view model, API client and engine, a real backend and a real LiveKit server."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.api.client import ApiClient
from app.call.contract.call_state import CallState
from app.call.contract.engine import CallEngine, PixelFormat
from app.call.engine import LivekitEngine
from app.errors import Offline
from app.state.call.call_session import CallSession
from app.state.core.services import Services
from app.state.core.sign_in import AccountState
from backend.demo.people import NORA, PASSWORD, SAM, DemoPerson
from tests.stage.demo_backend import DemoBackend
from tests.stage.livekit_server import LivekitServer
from tests.waiting import until


@pytest.fixture
def backend(tmp_path: Path, own_server: LivekitServer) -> Iterator[DemoBackend]:
    backend = DemoBackend(tmp_path, own_server).start()
    yield backend
    backend.kill()


class AtTheApp:
    """One demo person, signed in, and the call of the session that is paid and can be started."""

    def __init__(self, backend: DemoBackend, person: DemoPerson, video: Path) -> None:
        self.api = ApiClient(backend.url)
        self._person, self._video = person, video
        self.states: list[CallState] = []

    async def enter(self) -> None:
        signed_in = await self.api.sign_in(self._person.email, PASSWORD)
        pro = signed_in.account.role == "professional"
        page = await (self.api.professional_sessions() if pro else self.api.my_bookings())
        session = next(each for each in page.items if each.status == "confirmed")
        services = Services(
            api=self.api,
            account=AccountState(signed_in.account),
            now=self.api.server_now,
            zone=ZoneInfo("Europe/Stockholm"),
            new_engine=self._new_engine,
        )
        self.call = CallSession(services, session.id, lambda change: change())
        await self.call.load()
        await self.call.enter()
        assert self.call.credentials is not None, self.call.join_problem
        await self.call.join(self.call.credentials)

    def _new_engine(self) -> CallEngine:
        engine = LivekitEngine(camera=str(self._video))
        engine.subscribe(lambda snapshot: self.states.append(snapshot.state))
        return engine

    async def is_in(self, state: CallState, limit_s: float = 30.0) -> None:
        await until(lambda: self.call.snapshot.state is state, f"{self._person.name} is {state}", limit_s)

    async def sees(self) -> None:
        """A frame of the other that is newer than now."""
        engine = self.call.engine
        assert engine is not None
        last = await engine.remote_frame(0, 320, 180, PixelFormat.JPEG)
        await asyncio.wait_for(engine.remote_frame(last.number if last else 0, 320, 180, PixelFormat.JPEG), 20)

    async def close(self) -> None:
        if hasattr(self, "call"):
            await self.call.close()
        await self.api.close()


@pytest.fixture
async def people(backend: DemoBackend, videos: tuple[Path, Path]) -> AsyncIterator[list[AtTheApp]]:
    """Nora and Sam, who see each other."""
    made = [AtTheApp(backend, person, video) for person, video in zip((NORA, SAM), videos, strict=True)]
    try:
        await asyncio.gather(*(one.enter() for one in made))
        await in_call(made)
        yield made
    finally:
        await asyncio.gather(*(one.close() for one in made))


async def in_call(people: list[AtTheApp], limit_s: float = 30.0) -> None:
    for one in people:
        await one.is_in(CallState.IN_CALL, limit_s)
    await asyncio.gather(*(one.sees() for one in people))


async def test_a_backend_that_is_killed_does_not_disturb_the_call(people: list[AtTheApp], backend: DemoBackend) -> None:
    for one in people:
        one.states.clear()
    backend.kill()
    await asyncio.sleep(6)  # longer than anything in the app waits before it asks the backend again
    with pytest.raises(Offline):
        await people[0].api.presence(people[0].call.session_id)
    await in_call(people)
    for one in people:
        assert set(one.states) <= {CallState.IN_CALL}


async def test_a_call_server_that_was_started_again_gets_its_room_back_from_the_backend(
    people: list[AtTheApp], own_server: LivekitServer
) -> None:
    own_server.kill()
    for one in people:
        await one.is_in(CallState.RECONNECTING)
    own_server.start()
    await in_call(people, 60)
    for one in people:
        assert CallState.ENDED not in one.states
