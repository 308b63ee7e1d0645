"""The stage of the call's tests: one LiveKit server, two sound cards, two numbered videos, for all tests."""

import asyncio
import itertools
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from app.call.contract.engine import CallLimits
from app.call.recording.recorder import Recorder
from tests.live.abroad import Call, Calls
from tests.live.part_failures import told_of_failures
from tests.live.sides import ANNA_NUMBERS, BEN_NUMBERS, Side, own_threads, where_own_threads_are
from tests.stage.left_out import left_out
from tests.stage.livekit_server import LivekitServer
from tests.stage.sound_cards import SoundCards
from tests.stage.tokens import create_room
from tests.stage.two_networks import TwoNetworks, why_no_networks
from tests.stage.video_file import numbered_video
from tests.waiting import eventually

MakeSide = Callable[..., Awaitable[Side]]
_numbers = itertools.count(1)
logging.getLogger("livekit").setLevel(logging.WARNING)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivekitServer]:
    server = LivekitServer(tmp_path_factory.mktemp("livekit")).start()
    yield server
    server.kill()  # it would wait for participants who are on their way out


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[LivekitServer]:
    """For tests that break it."""
    server = LivekitServer(tmp_path).start()
    yield server
    server.thaw()
    server.kill()


@pytest.fixture(scope="module")
def networks() -> Iterator[TwoNetworks]:
    if reason := why_no_networks():
        left_out(reason)
    networks = TwoNetworks()
    yield networks
    networks.close()


@pytest.fixture(scope="module")
def server_abroad(networks: TwoNetworks, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivekitServer]:
    there = networks.server
    server = LivekitServer(tmp_path_factory.mktemp("abroad"), address=there.address, interface=there.device)
    there.run(server.start)
    yield server
    server.kill()


@pytest.fixture(scope="module")
def calls(
    networks: TwoNetworks, server_abroad: LivekitServer, videos: tuple[Path, Path], cards: SoundCards
) -> Iterator[Calls]:
    calls = Calls(networks, server_abroad, videos, cards)
    yield calls
    calls.close()


@pytest.fixture
async def call(calls: Calls) -> AsyncIterator[Call]:
    """Both in the call over two networks, which are good ones."""
    call = await calls.ready()
    yield call
    for one in (call.anna, call.ben):
        failures, one.failures = one.failures, []
        assert not failures, "\n".join(failures)


@pytest.fixture(scope="session")
def removable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundCards]:
    """Card c, alone on a PulseAudio of its own: taken away, it is gone."""
    cards = SoundCards(tmp_path_factory.mktemp("removable"), ("c",)).start()
    yield cards
    cards.stop()


@pytest.fixture(scope="session", autouse=True)
def cards(tmp_path_factory: pytest.TempPathFactory, removable: SoundCards) -> Iterator[SoundCards]:
    """Also what PortAudio finds in this process, so that no test depends on the machine's own cards."""
    cards = SoundCards(tmp_path_factory.mktemp("sound"), beside=removable).start()
    os.environ.update(cards.environment("a"))
    yield cards
    cards.stop()


@pytest.fixture(scope="session")
def videos(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Anna's and Ben's cameras; their frames carry the numbers of `tests.live.sides`."""
    folder = tmp_path_factory.mktemp("videos")
    return numbered_video(folder / "anna.avi", ANNA_NUMBERS), numbered_video(folder / "ben.avi", BEN_NUMBERS)


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """A test that leaves a thread of a call behind fails itself, not a later one that counts them."""
    yield
    eventually(lambda: not own_threads(), where_own_threads_are)


@pytest.fixture(autouse=True)
def no_part_fails(request: pytest.FixtureRequest) -> Iterator[None]:
    """Unless a test is about just that: `@pytest.mark.parts_fail`."""
    failures: list[str] = []
    with told_of_failures(failures.append):
        yield
    expected = request.node.get_closest_marker("parts_fail") is not None
    assert bool(failures) == expected, "\n".join(failures) or "no part of the call failed"


@pytest.fixture
async def room(server: LivekitServer) -> str:
    """A new room on the common server."""
    name = f"session_{next(_numbers)}"
    await create_room(server, name)
    return name


@pytest.fixture
async def side(server: LivekitServer, room: str, videos: tuple[Path, Path]) -> AsyncIterator[MakeSide]:
    """Makes people of this test's room, on a server of their own if given; all are closed at the end."""
    made: list[Side] = []

    async def make(
        identity: str,
        *,
        at: LivekitServer | None = None,
        camera: Path | str = "",
        card: str | None = None,
        limits: CallLimits | None = None,
        new_recorder: Callable[[], Recorder] | None = None,
    ) -> Side:
        if at is not None:
            await create_room(at, room)
        one = Side(at or server, room, identity, camera or videos[identity == "ben"], limits, new_recorder)
        made.append(one)
        if card is not None:
            await one.use_card(card)
        return one

    yield make
    await asyncio.gather(*(one.engine.close() for one in made))  # a close waits for its server: both at once


@pytest.fixture
def files_open() -> Callable[[str], bool]:
    """Whether this process holds a file of that name open: how a test sees that a capture has let go."""

    def is_open(name: str) -> bool:
        paths = []
        for each in Path("/proc/self/fd").iterdir():
            try:
                paths.append(each.readlink())
            except OSError:  # closed while we looked
                continue
        return any(path.name == name for path in paths)

    return is_open
