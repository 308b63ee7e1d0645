"""Every way in which a call cannot begin, or ends, and what the person is told."""

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Iterator

import pytest

from app.call.contract.call_state import CallState, EndReason
from app.call.contract.engine import CallLimits
from app.call.engine import LivekitEngine
from tests.live.conftest import MakeSide
from tests.live.sides import both_in_call, own_threads
from tests.stage.livekit_server import LivekitServer, free_ports
from tests.stage.tokens import credentials, delete_room
from tests.waiting import until


async def test_a_refused_token_ends_the_call_as_refused_and_is_not_logged(
    side: MakeSide, server: LivekitServer, room: str, caplog: pytest.LogCaptureFixture
) -> None:
    anna = await side("anna")
    wrong = credentials(server, room, "anna", secret="another-secret-of-32-bytes-or-more!")
    with caplog.at_level(logging.DEBUG):
        await anna.engine.join(wrong)
    assert (anna.now.state, anna.now.end_reason) == (CallState.ENDED, EndReason.REFUSED)
    assert wrong.access_token not in caplog.text


async def test_a_room_that_is_gone_ends_the_call_as_closed(side: MakeSide, server: LivekitServer) -> None:
    anna = await side("anna")
    await anna.engine.join(credentials(server, "session_that_never_was", "anna"))
    assert (anna.now.state, anna.now.end_reason) == (CallState.ENDED, EndReason.ROOM_CLOSED)


async def test_nothing_to_connect_to_is_told_quickly(side: MakeSide, server: LivekitServer, room: str) -> None:
    anna = await side("anna")
    (port,) = free_ports(1)
    begun = time.monotonic()
    await anna.engine.join(credentials(server, room, "anna", url=f"ws://127.0.0.1:{port}"))
    assert (anna.now.state, anna.now.end_reason) == (CallState.ENDED, EndReason.COULD_NOT_CONNECT)
    assert time.monotonic() - begun < 10


@pytest.fixture
def black_hole() -> Iterator[int]:
    """Takes connections and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


async def test_a_black_hole_is_given_up_within_the_limit(
    side: MakeSide, server: LivekitServer, room: str, black_hole: int
) -> None:
    anna = await side("anna", limits=CallLimits(join_s=1.5))
    begun = time.monotonic()
    await anna.engine.join(credentials(server, room, "anna", url=f"ws://127.0.0.1:{black_hole}"))
    assert (anna.now.state, anna.now.end_reason) == (CallState.ENDED, EndReason.COULD_NOT_CONNECT)
    assert time.monotonic() - begun < 8


async def test_leaving_while_connecting_ends_at_once_and_the_process_lives(
    side: MakeSide, server: LivekitServer, room: str, black_hole: int
) -> None:
    anna = await side("anna")
    joining = asyncio.ensure_future(
        anna.engine.join(credentials(server, room, "anna", url=f"ws://127.0.0.1:{black_hole}"))
    )
    await anna.state(CallState.CONNECTING)
    begun = time.monotonic()
    await anna.engine.leave()
    assert (anna.now.state, anna.now.end_reason) == (CallState.ENDED, EndReason.LEFT)
    assert time.monotonic() - begun < 5
    await asyncio.wait_for(joining, 5)


async def test_cancelling_the_one_who_waits_for_the_join_does_not_cancel_the_connection(side: MakeSide) -> None:
    anna = await side("anna")
    joining = asyncio.ensure_future(anna.join())
    await anna.state(CallState.CONNECTING)
    joining.cancel()
    await anna.state(CallState.WAITING)


async def test_joining_elsewhere_ends_the_first_call_and_says_so(side: MakeSide) -> None:
    anna, again = await side("anna"), await side("anna")
    await anna.join()
    assert anna.now.state is CallState.WAITING
    await again.join()
    await anna.state(CallState.ENDED)
    assert anna.now.end_reason is EndReason.JOINED_ELSEWHERE
    assert again.now.state is CallState.WAITING


async def test_a_room_closed_by_the_backend_ends_the_call_on_both_sides(
    side: MakeSide, server: LivekitServer, room: str
) -> None:
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    await delete_room(server, room)
    for one in (anna, ben):
        await one.state(CallState.ENDED)
        assert one.now.end_reason is EndReason.ROOM_CLOSED


async def test_the_devices_are_free_when_the_call_ends_by_itself(
    side: MakeSide, server: LivekitServer, room: str, files_open: Callable[[str], bool]
) -> None:
    anna = await side("anna")
    await anna.join()
    await until(lambda: anna.now.camera.working, "the camera runs")
    await delete_room(server, room)
    await anna.state(CallState.ENDED)
    await until(lambda: not files_open("anna.avi"), "the capture has let go")
    await until(lambda: not anna.now.microphone.working, "so has the microphone")


async def test_leaving_gives_the_devices_back_before_it_returns_even_without_a_network(
    side: MakeSide, own_server: LivekitServer, files_open: Callable[[str], bool]
) -> None:
    anna = await side("anna", at=own_server)
    await anna.join()
    await until(lambda: anna.now.camera.working and anna.now.microphone.working, "the devices run")
    own_server.freeze()
    begun = time.monotonic()
    await anna.engine.leave()
    assert time.monotonic() - begun < 4, "the disconnect, which takes 5 s now, is not waited for"
    assert not files_open("anna.avi")
    assert not anna.now.microphone.working
    assert anna.now.end_reason is EndReason.LEFT


async def test_closing_twice_and_commands_after_it_do_nothing(side: MakeSide) -> None:
    anna = await side("anna")
    await anna.engine.prepare()
    await anna.engine.close()
    await anna.engine.close()
    await anna.join()
    await anna.engine.set_camera(False)
    assert anna.now.state is CallState.ENDED


async def test_an_engine_that_was_never_used_closes() -> None:
    engine = LivekitEngine()
    await engine.close()
    assert engine.snapshot().state is CallState.IDLE


async def test_the_end_of_the_program_tells_the_peer_and_frees_the_camera(side: MakeSide) -> None:
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    await asyncio.to_thread(anna.engine.terminate)
    assert not anna.now.camera.working
    await ben.state(CallState.WAITING, limit_s=10)
    await ben.engine.close()
    await until(lambda: not own_threads(), lambda: f"no thread of a call lives on: {own_threads()}")
