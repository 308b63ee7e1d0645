"""What can be tried before a call: the way to the server, and the speaker."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.call.contract.call_state import CallState
from app.call.contract.devices import Device, DeviceKind
from app.call.contract.engine import Reachability
from app.call.engine import CLOSE_LIMIT_S, LivekitEngine
from tests.live.conftest import MakeSide
from tests.stage.livekit_server import LivekitServer, free_ports
from tests.stage.sound_cards import SoundCards
from tests.stage.tokens import create_room, credentials
from tests.waiting import until


@pytest.fixture
async def engine(videos: tuple[Path, Path]) -> AsyncIterator[LivekitEngine]:
    engine = LivekitEngine(camera=str(videos[0]))
    yield engine
    await engine.close()


async def test_a_check_finds_the_way_of_the_media_and_how_long_an_answer_takes(
    engine: LivekitEngine, server: LivekitServer
) -> None:
    await create_room(server, "check_1")
    given = credentials(server, "check_1", "anna")
    found = await engine.check_connection(given.livekit_url, given.access_token)
    assert found.reachability is Reachability.UDP
    assert found.round_trip_ms is not None
    assert 0 <= found.round_trip_ms < 500


async def test_a_check_tells_a_server_that_is_not_there_from_one_that_refuses(
    engine: LivekitEngine, server: LivekitServer
) -> None:
    nowhere = f"ws://127.0.0.1:{free_ports(1)[0]}"
    given = credentials(server, "check_2", "anna")
    assert (await engine.check_connection(nowhere, given.access_token)).reachability is Reachability.NONE
    wrong = credentials(server, "check_2", "anna", secret="another-secret-than-the-servers-own")
    assert (await engine.check_connection(wrong.livekit_url, wrong.access_token)).reachability is Reachability.REFUSED


async def test_a_check_says_when_only_the_slow_way_is_open(engine: LivekitEngine, tmp_path: Path) -> None:
    server = LivekitServer(tmp_path, udp=False).start()
    try:
        await create_room(server, "check_3")
        given = credentials(server, "check_3", "anna")
        assert (await engine.check_connection(given.livekit_url, given.access_token)).reachability is Reachability.TCP
    finally:
        server.stop()


async def test_joining_right_after_a_check_and_leaving_during_one_both_work(side: MakeSide, room: str) -> None:
    anna = await side("anna")
    await anna.engine.prepare()
    given = credentials(anna.server, room, "checker")
    checking = asyncio.ensure_future(anna.engine.check_connection(given.livekit_url, given.access_token))
    await anna.join()
    await anna.state(CallState.WAITING)
    assert (await checking).reachability is Reachability.UDP
    again = asyncio.ensure_future(anna.engine.check_connection(given.livekit_url, given.access_token))
    await anna.engine.close()
    await again


async def test_the_test_tone_leaves_the_chosen_speaker(engine: LivekitEngine, cards: SoundCards) -> None:
    await engine.choose(Device(DeviceKind.SPEAKER, "ALSA: card_b", "card_b"))
    await engine.prepare()
    await until(lambda: engine.snapshot().speaker.working, "the speaker works")
    listener = cards.listen("spk_b")
    try:
        await until(lambda: list(listener.since(0)), "the listener hears silence")
        began = time.monotonic()
        assert await engine.play_test_tone()
        assert time.monotonic() - began < 5
        await until(lambda: listener.last_loud_at(threshold=1000) is not None, "the chime is heard")
    finally:
        listener.close()


async def test_closing_ends_a_check_that_nothing_answers(
    engine: LivekitEngine, own_server: LivekitServer, room: str
) -> None:
    await create_room(own_server, room)
    given = credentials(own_server, room, "anna")
    own_server.freeze()
    checking = asyncio.ensure_future(engine.check_connection(given.livekit_url, given.access_token))
    await until(lambda: engine._call is not None and engine._call._checks._tasks, "the check is on its way")
    began = time.monotonic()
    closing = asyncio.ensure_future(engine.close())
    assert (await asyncio.wait_for(checking, 5)).reachability is Reachability.NONE
    own_server.thaw()
    await closing
    assert time.monotonic() - began < CLOSE_LIMIT_S
