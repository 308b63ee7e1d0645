"""Every way in which a call cannot begin, or ends, and what the person is told."""

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from livekit import rtc

from app.call.contract.call_state import CallState, EndReason
from app.call.contract.engine import CallLimits
from app.call.engine import LivekitEngine
from app.call.room.leave_handshake import LeaveHandshake
from app.call.room.remote_peer import LEFT_ON_PURPOSE, join_ids_of
from app.call.room.room_session import RoomSession
from tests.live.conftest import MakeSide
from tests.live.peers import Peer
from tests.live.sides import BEN_NUMBERS, Side, both_in_call, own_threads
from tests.live.soak import times
from tests.stage.livekit_server import LivekitServer, free_ports
from tests.stage.sound_cards import SoundCards
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
    await until(lambda: not own_threads(), f"no thread of a call lives on: {own_threads()}")


def in_room_of(side: Side) -> RoomSession:
    assert side.engine._call is not None
    assert side.engine._call._session is not None
    return side.engine._call._session


HASTY_LEAVES = times(4, soak=12)
"""Each at another moment of the first 300 ms, in which tracks are being published and answers are under way."""


async def test_a_goodbye_in_the_first_moments_of_a_call_always_arrives_at_once(side: MakeSide) -> None:
    ben = await side("ben")
    await ben.join()
    for leave in range(HASTY_LEAVES):
        anna = await side("anna", camera="test-picture")
        joining = asyncio.ensure_future(anna.join())
        await anna.passed(CallState.IN_CALL)
        await asyncio.sleep(0.3 * leave / HASTY_LEAVES)
        ben.states.clear()
        begun = time.monotonic()
        await anna.engine.leave()
        assert time.monotonic() - begun < 4, "the person does not wait for it"
        await ben.state(CallState.WAITING, limit_s=8)
        assert CallState.PEER_RECONNECTING not in ben.states, "she has left; she is not missed"
        await joining
        await anna.engine.close()


async def test_a_goodbye_that_comes_before_the_server_tells_of_who_says_it_counts(
    side: MakeSide, server: LivekitServer, room: str
) -> None:
    """It goes over another channel than the server's word that somebody has come."""
    ben, given = await side("ben"), credentials(server, room, "anna")
    await ben.join()
    in_room, media = in_room_of(ben), ben.engine._media
    assert media is not None
    anna, arrivals = rtc.Room(), in_room._peer_changed
    arrived: list[rtc.RemoteParticipant] = []
    in_room.room.off("participant_connected", *in_room.room._events["participant_connected"])
    in_room.room.on("participant_connected", arrived.append)
    await anna.connect(given.livekit_url, given.access_token)
    await until(lambda: arrived, "the server tells of her, and Ben's engine does not know it yet")
    await anna.local_participant.perform_rpc(
        destination_identity="ben", method="goodbye", payload=" ".join(join_ids_of(anna.local_participant))
    )
    media.post(arrivals, arrived[0])
    await anna.disconnect()
    await until(lambda: "anna" not in in_room.room.remote_participants, "she is gone")
    assert CallState.IN_CALL not in ben.states


async def test_a_connection_that_is_still_made_after_a_goodbye_is_nobody_but_a_new_visit_is(
    side: MakeSide, server: LivekitServer, room: str
) -> None:
    anna, ben = await side("anna"), await side("ben")
    given = credentials(server, room, "anna")
    await asyncio.gather(anna.engine.join(given), ben.join())
    await asyncio.gather(anna.state(CallState.IN_CALL), ben.state(CallState.IN_CALL))
    await anna.engine.close()
    await ben.state(CallState.WAITING)
    ben.states.clear()
    straggler, others = rtc.Room(), in_room_of(ben).room.remote_participants
    await straggler.connect(given.livekit_url, given.access_token)
    await until(lambda: "anna" in others, "the server counts her in once more")
    await straggler.disconnect()
    await until(lambda: "anna" not in others, "and out")
    assert set(ben.states) <= {CallState.WAITING}
    again = await side("anna")
    await again.join()
    await ben.state(CallState.IN_CALL)


async def test_a_disconnect_that_comes_late_on_a_busy_machine_neither_ends_the_program_nor_brings_anybody_back(
    side: MakeSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    announce, delays_s = LeaveHandshake.announce, iter([0.02, 0.05, 0.1, 0.2] * 3)

    async def announce_early(handshake: LeaveHandshake) -> None:
        await announce(handshake)
        await asyncio.sleep(next(delays_s))

    ben = await side("ben")
    await ben.join()
    monkeypatch.setattr(LeaveHandshake, "announce", announce_early)
    for _ in range(times(4, soak=12)):
        anna = await side("anna", camera="test-picture")
        await anna.join()
        await ben.state(CallState.IN_CALL)
        await anna.engine.leave()
        await ben.state(CallState.WAITING, limit_s=8)
        ben.states.clear()
        await anna.engine.close()
        assert set(ben.states) <= {CallState.WAITING}, "nobody has come, and nobody is missed"


async def test_leaving_says_to_the_server_that_it_is_on_purpose_and_injects_no_fault(
    side: MakeSide, server: LivekitServer, room: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError("a simulated fault is for tests")

    monkeypatch.setattr(rtc.Room, "simulate_scenario", refuse)
    carl, reasons, others = rtc.Room(), list[Any](), list[str]()
    carl.on("participant_disconnected", lambda participant: reasons.append(participant.disconnect_reason))
    carl.on("participant_connected", lambda participant: others.append(participant.identity))
    await carl.connect(server.url, credentials(server, room, "carl").access_token)
    anna = await side("anna")
    await anna.join()
    await until(lambda: others == ["anna"], "Carl sees her")
    await anna.engine.close()
    await until(lambda: reasons == [LEFT_ON_PURPOSE], f"the server passes her reason on, not {reasons}")
    assert others == ["anna"], "one connection"
    await carl.disconnect()


async def test_nobody_is_seen_coming_back_after_a_goodbye(side: MakeSide) -> None:
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    await anna.engine.close()
    await ben.state(CallState.WAITING)
    ben.states.clear()
    await asyncio.sleep(2)
    assert set(ben.states) <= {CallState.WAITING}


async def test_leaving_while_the_peer_cannot_answer_frees_the_devices_and_is_told_by_the_server(
    side: MakeSide, server: LivekitServer, room: str, videos: tuple[Path, Path], cards: SoundCards
) -> None:
    anna = await side("anna")
    await anna.join()
    ben = Peer(credentials(server, room, "ben"), videos[1], cards, "b")
    try:
        await anna.seen(BEN_NUMBERS)
        ben.freeze()
        await anna.engine.leave()
        assert not anna.now.camera.working
        ben.thaw()
        await ben.is_in(CallState.WAITING)
    finally:
        ben.close()
