"""When the network, the server or the peer fails in the middle of a call."""

import asyncio
import time
from pathlib import Path

import pytest
from livekit import rtc

from app.call.contract.call_state import CallState, EndReason
from app.call.contract.engine import CallLimits
from app.call.room.room_session import RoomSession
from app.call.runtime.threads import EventLoopThread
from tests.live.conftest import MakeSide
from tests.live.peers import Peer
from tests.live.sides import ANNA_NUMBERS, BEN_NUMBERS, Side, both_in_call
from tests.stage.livekit_server import LivekitServer
from tests.stage.sound_cards import SoundCards, tone
from tests.stage.tokens import credentials
from tests.waiting import until

Scenario = rtc.SimulateScenarioKind


async def newer_frame(side: Side, numbers: range) -> None:
    """One that was put after now."""
    call = side.engine._call
    assert call is not None
    await side.seen(numbers, after=call.remote_frames.count)


def inside(side: Side) -> tuple[RoomSession, EventLoopThread]:
    """The room as a side's engine has it, and the thread to which it belongs."""
    call, media = side.engine._call, side.engine._media
    assert call is not None
    assert call._session is not None
    assert media is not None
    return call._session, media


async def test_a_resume_passes_through_reconnecting_and_the_frames_go_on(side: MakeSide) -> None:
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    anna.states.clear()
    await anna.provoke(Scenario.SIMULATE_SIGNAL_RECONNECT)
    await anna.passed(CallState.RECONNECTING)
    await anna.state(CallState.IN_CALL)
    await asyncio.gather(newer_frame(anna, BEN_NUMBERS), newer_frame(ben, ANNA_NUMBERS))


@pytest.mark.parametrize(
    ("scenario", "on"),
    [
        (Scenario.SIMULATE_SIGNAL_RECONNECT, True),
        (Scenario.SIMULATE_SIGNAL_RECONNECT, False),
        (Scenario.SIMULATE_NODE_FAILURE, True),  # in which the SDK was seen to lose it, once in six
    ],
)
async def test_a_camera_that_is_switched_while_the_connection_comes_back_is_shown_as_it_is(
    side: MakeSide, scenario: int, on: bool
) -> None:
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    if on:
        await anna.engine.set_camera(False)
        await until(lambda: ben.now.peer and not ben.now.peer.camera_on, "Anna's camera is off for Ben")
    anna.states.clear()
    await anna.provoke(scenario)
    await anna.passed(CallState.RECONNECTING)
    await asyncio.sleep(0.2)  # into the middle of it
    await anna.engine.set_camera(on)
    await anna.state(CallState.IN_CALL)
    await until(lambda: ben.now.peer and ben.now.peer.camera_on == on, f"Anna's camera is as it is, on: {on}")
    if on:
        await newer_frame(ben, ANNA_NUMBERS)


async def test_a_full_reconnect_brings_frames_and_audio_back_on_both_sides(side: MakeSide, cards: SoundCards) -> None:
    anna, ben = await side("anna", card="a"), await side("ben", card="b")
    await both_in_call(anna, ben)
    anna.states.clear()
    ben.states.clear()
    await anna.provoke(Scenario.SIMULATE_FULL_RECONNECT)
    await anna.passed(CallState.RECONNECTING)
    await asyncio.gather(anna.state(CallState.IN_CALL), ben.state(CallState.IN_CALL))
    await asyncio.gather(newer_frame(anna, BEN_NUMBERS), newer_frame(ben, ANNA_NUMBERS))
    ear, mouth = cards.listen("spk_b"), cards.say("a", tone(700, 40))
    try:
        await until(lambda: ear.loudness(0.5) > 700, "Ben hears Anna again")
    finally:
        mouth.terminate()
        ear.close()
    assert CallState.WAITING not in ben.states, "a full reconnect of the other is no hang-up"
    assert CallState.ENDED not in ben.states


async def test_a_video_that_stands_still_while_all_else_goes_on_is_subscribed_to_again(
    side: MakeSide, caplog: pytest.LogCaptureFixture
) -> None:
    """It is still decoded, so that there is nothing to wait for: it is back before a stall would be told."""
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    in_room, media = inside(anna)
    remote = in_room.remote
    await asyncio.sleep(1)  # it was seen to move
    await media.run(remote._readers[str(remote._video)].close())  # as the SDK leaves a track that it keeps disabled
    await until(lambda: "not handed over" in caplog.text, "it is noticed")
    await newer_frame(anna, BEN_NUMBERS)
    await until(lambda: anna.now.peer and not anna.now.peer.video_stalled, "it moves")
    assert CallState.PEER_RECONNECTING not in anna.states


async def test_a_track_that_got_lost_on_this_side_is_asked_for_again(side: MakeSide) -> None:
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    in_room, media = inside(anna)
    await asyncio.sleep(1)  # it was seen to move

    async def lose() -> None:
        ben_there = in_room.peer.find()
        assert ben_there is not None
        for publication in ben_there.track_publications.values():
            if publication.source == rtc.TrackSource.SOURCE_CAMERA:
                publication.set_subscribed(False)

    await media.run(lose())
    await until(lambda: anna.now.peer and anna.now.peer.video_stalled, "Anna is told", 10)
    await newer_frame(anna, BEN_NUMBERS)


async def test_mute_survives_a_full_reconnect(side: MakeSide) -> None:
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    await anna.engine.set_microphone(False)
    await until(lambda: ben.now.peer and not ben.now.peer.microphone_on, "Ben is told")
    await anna.provoke(Scenario.SIMULATE_FULL_RECONNECT)
    await anna.passed(CallState.RECONNECTING)
    await anna.state(CallState.IN_CALL)
    await newer_frame(ben, ANNA_NUMBERS)
    await until(lambda: ben.now.peer and not ben.now.peer.microphone_on, "Ben is told again", 5)


async def test_a_server_that_falls_silent_is_shown_within_seconds_and_the_call_comes_back(
    side: MakeSide, own_server: LivekitServer
) -> None:
    anna, ben = await side("anna", at=own_server), await side("ben", at=own_server)
    await both_in_call(anna, ben)
    own_server.freeze()
    begun = time.monotonic()
    await anna.state(CallState.RECONNECTING, limit_s=14)
    shown_after_s = time.monotonic() - begun
    assert anna.now.reconnecting_since is not None
    own_server.thaw()
    await asyncio.gather(anna.state(CallState.IN_CALL), ben.state(CallState.IN_CALL))
    assert anna.now.reconnecting_since is None
    await newer_frame(anna, BEN_NUMBERS)
    assert shown_after_s < 10, "the SDK itself says so after about 15 s"


async def test_a_connection_that_stays_silent_ends_the_call_by_our_own_limit(
    side: MakeSide, own_server: LivekitServer
) -> None:
    anna = await side("anna", at=own_server, limits=CallLimits(reconnect_s=1))
    await anna.join()
    await until(lambda: anna.now.camera.working, "Anna sends")
    own_server.freeze()
    await anna.state(CallState.ENDED)
    assert anna.now.end_reason is EndReason.CONNECTION_LOST


async def test_a_server_that_is_killed_ends_the_call_as_lost(side: MakeSide, own_server: LivekitServer) -> None:
    anna, ben = await side("anna", at=own_server), await side("ben", at=own_server)
    await both_in_call(anna, ben)
    own_server.kill()
    await asyncio.gather(anna.state(CallState.RECONNECTING), ben.state(CallState.RECONNECTING))
    await asyncio.gather(anna.state(CallState.ENDED, 60), ben.state(CallState.ENDED, 60))
    assert anna.now.end_reason is EndReason.CONNECTION_LOST
    assert ben.now.end_reason is EndReason.CONNECTION_LOST


async def test_a_peer_who_is_killed_is_missed_then_waited_for_and_found_again(
    side: MakeSide, server: LivekitServer, room: str, videos: tuple[Path, Path], cards: SoundCards
) -> None:
    anna = await side("anna", card="a", limits=CallLimits(peer_grace_s=4))
    await anna.join()
    ben = Peer(credentials(server, room, "ben"), videos[1], cards, "b")
    again = None
    try:
        await anna.state(CallState.IN_CALL)
        await anna.seen(BEN_NUMBERS)
        since = anna.now.in_call_since
        anna.states.clear()
        ben.kill()
        await anna.state(CallState.PEER_RECONNECTING, limit_s=15)
        await anna.state(CallState.WAITING, limit_s=60)
        assert anna.now.peer is not None
        assert not anna.now.peer.camera_on
        again = Peer(credentials(server, room, "ben"), videos[1], cards, "b")
        await anna.state(CallState.IN_CALL)
        await newer_frame(anna, BEN_NUMBERS)
        assert anna.now.in_call_since == since
    finally:
        ben.close()
        if again is not None:
            again.close()


async def test_a_peer_who_comes_back_within_the_grace_finds_the_call_as_it_was(
    side: MakeSide, server: LivekitServer, room: str, videos: tuple[Path, Path], cards: SoundCards
) -> None:
    anna = await side("anna", card="a")
    await anna.join()
    ben = Peer(credentials(server, room, "ben"), videos[1], cards, "b")
    again = None
    try:
        await anna.state(CallState.IN_CALL)
        await anna.seen(BEN_NUMBERS)
        ben.kill()
        await anna.state(CallState.PEER_RECONNECTING, limit_s=15)
        anna.states.clear()
        again = Peer(credentials(server, room, "ben"), videos[1], cards, "b")
        await anna.state(CallState.IN_CALL)
        await newer_frame(anna, BEN_NUMBERS)
        assert CallState.WAITING not in anna.states
    finally:
        ben.close()
        if again is not None:
            again.close()
