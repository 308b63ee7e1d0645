"""Who leaves says so: it arrives at once, and nobody is seen coming back after it."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from livekit import rtc

from app.call.contract.call_state import CallState
from app.call.contract.engine import CallCredentials
from app.call.room.encryption import e2ee_options
from app.call.room.leave_handshake import LeaveHandshake
from app.call.room.remote_peer import LEFT_ON_PURPOSE, join_ids_of
from app.call.room.room_session import RoomSession
from tests.live.conftest import MakeSide
from tests.live.peers import Peer
from tests.live.sides import BEN_NUMBERS, Side, both_in_call
from tests.live.soak import times
from tests.stage.livekit_server import LivekitServer
from tests.stage.sound_cards import SoundCards
from tests.stage.tokens import credentials
from tests.waiting import until

HASTY_LEAVES = times(4, soak=12)
"""Each at another moment of the first 300 ms, in which tracks are being published and answers are under way."""


def in_room_of(side: Side) -> RoomSession:
    assert side.engine._call is not None
    assert side.engine._call._session is not None
    return side.engine._call._session


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


def encrypted(given: CallCredentials) -> rtc.RoomOptions:
    """How a client of the SDK alone joins, so that the engines can read it."""
    return rtc.RoomOptions(encryption=e2ee_options(given.encryption_key))


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
    await anna.connect(given.livekit_url, given.access_token, encrypted(given))
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
