"""Rooms and tokens on a real LiveKit server."""

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import jwt
import pytest
from livekit import rtc

from backend.calls.ports import CallRoomsUnavailable, ExpiredToken, RoomPass, TokenClaims, UntrustedToken
from backend.integrations.livekit.rooms import LiveKitCallRooms
from backend.kit.clock import utc_now
from backend.kit.telemetry.metrics import PROCESS
from tests.stage.livekit_server import LivekitServer, free_ports, livekit_binary
from tests.waiting import until

SECRET = "a-secret-of-more-than-32-bytes-for-tests"
FAILED = ("rendezvous_provider_seconds_count", {"provider": "livekit", "outcome": "failed"})
ROOM = "session_12345678-1234-4234-8234-123456789abc"


def room_pass(identity: str, room: str = ROOM) -> RoomPass:
    return RoomPass(room, identity, "Sam Vale", "user", timedelta(minutes=75))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivekitServer]:
    try:
        livekit_binary()
    except FileNotFoundError as missing:
        print(missing)
        pytest.skip(str(missing))
    server = LivekitServer(tmp_path_factory.mktemp("livekit")).start()
    yield server
    server.stop()


@pytest.fixture
def rooms(server: LivekitServer) -> Iterator[LiveKitCallRooms]:
    rooms = LiveKitCallRooms(server.url, server.key, server.secret)
    yield rooms
    rooms.delete_room(ROOM)
    rooms.close()


async def joined(server: LivekitServer, token: str) -> rtc.Room:
    room = rtc.Room()
    await room.connect(server.url, token)
    return room


def test_a_token_names_exactly_that_room_that_identity_and_a_participants_grants() -> None:
    rooms = LiveKitCallRooms("ws://127.0.0.1:7880", "a-key", SECRET)
    claims = jwt.decode(rooms.mint_token(room_pass("user_1")), SECRET, algorithms=["HS256"], issuer="a-key")
    assert claims["exp"] - claims["nbf"] == 75 * 60
    assert (claims["sub"], claims["name"], claims["attributes"]["role"]) == ("user_1", "Sam Vale", "user")
    assert claims["video"] == {
        "roomJoin": True,
        "room": ROOM,
        "canPublish": True,
        "canPublishSources": ["camera", "microphone", "screen_share", "screen_share_audio"],
        "canPublishData": True,
        "canSubscribe": True,
        "canUpdateOwnMetadata": True,
    }


def test_each_token_is_another_visit() -> None:
    rooms = LiveKitCallRooms("ws://127.0.0.1:7880", "a-key", SECRET)
    tokens = [rooms.mint_token(room_pass("user_1")) for _ in range(2)]
    visits = {jwt.decode(token, SECRET, algorithms=["HS256"])["attributes"]["visit"] for token in tokens}
    assert len(visits) == 2
    assert all(len(visit) == 16 for visit in visits)


def test_a_token_of_ours_is_read_by_its_signature_alone() -> None:
    rooms = LiveKitCallRooms("ws://127.0.0.1:1", "a-key", SECRET)
    assert rooms.read_token(rooms.mint_token(room_pass("user_1"))) == TokenClaims(ROOM, "user_1")


def test_a_token_whose_time_is_over_is_told_from_one_that_is_not_ours() -> None:
    rooms = LiveKitCallRooms("ws://127.0.0.1:1", "a-key", SECRET)
    over = RoomPass(ROOM, "user_1", "", "user", timedelta(seconds=-1))
    with pytest.raises(ExpiredToken):
        rooms.read_token(rooms.mint_token(over))


def test_a_token_that_we_did_not_mint_for_a_room_is_not_trusted() -> None:
    rooms = LiveKitCallRooms("ws://127.0.0.1:1", "a-key", SECRET)
    ours = rooms.mint_token(room_pass("user_1"))
    claims = jwt.decode(ours, options={"verify_signature": False})
    forged = [
        "",
        "nonsense",
        ours[:-2],
        LiveKitCallRooms("ws://127.0.0.1:1", "a-key", SECRET + "x").mint_token(room_pass("user_1")),
        LiveKitCallRooms("ws://127.0.0.1:1", "b-key", SECRET).mint_token(room_pass("user_1")),
        jwt.encode(claims, "", algorithm="none"),
        jwt.encode({name: value for name, value in claims.items() if name != "exp"}, SECRET),
        jwt.encode(claims | {"video": {"roomAdmin": True, "room": ROOM}}, SECRET),
        jwt.encode(claims | {"video": {"roomJoin": True}}, SECRET),
        jwt.encode({name: value for name, value in claims.items() if name != "video"}, SECRET),
    ]
    for token in forged:
        with pytest.raises(UntrustedToken) as refused:
            rooms.read_token(token)
        assert not isinstance(refused.value, ExpiredToken)


def test_a_server_that_is_there_and_does_not_answer_is_waited_for_no_longer_than_its_limit(
    server: LivekitServer,
) -> None:
    rooms = LiveKitCallRooms(server.url, server.key, server.secret, timeout_s=0.5)
    rooms.ensure_room(ROOM, keep_s=60)
    server.freeze()
    began = time.monotonic()
    try:
        with pytest.raises(CallRoomsUnavailable):
            rooms.ensure_room(ROOM, keep_s=60)
    finally:
        server.thaw()
        rooms.close()
    assert time.monotonic() - began < 5


def test_a_token_is_refused_with_another_secret() -> None:
    token = LiveKitCallRooms("ws://127.0.0.1:7880", "a-key", SECRET).mint_token(room_pass("user_1"))
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, SECRET[::-1], algorithms=["HS256"])


async def test_both_people_join_and_are_seen(server: LivekitServer, rooms: LiveKitCallRooms) -> None:
    await asyncio.to_thread(rooms.ensure_room, ROOM, keep_s=60)
    people = [await joined(server, rooms.mint_token(room_pass(name))) for name in ("user_1", "professional_2")]
    attendees = await asyncio.to_thread(rooms.attendees, ROOM)
    assert {attendee.identity for attendee in attendees} == {"user_1", "professional_2"}
    assert len({attendee.sid for attendee in attendees}) == 2
    assert all(abs(utc_now() - attendee.joined_at) < timedelta(minutes=1) for attendee in attendees)
    for person in people:
        await person.disconnect()


async def test_what_one_person_sends_reaches_the_other_as_one_stream_so_that_lips_and_voice_go_together(
    tmp_path: Path,
) -> None:
    """WebRTC synchronises tracks within one media stream (RFC 8830) and no others."""
    server = LivekitServer(tmp_path, log_level="debug").start()
    rooms = LiveKitCallRooms(server.url, server.key, server.secret)
    await asyncio.to_thread(rooms.ensure_room, ROOM, keep_s=60)
    sender, receiver = [await joined(server, rooms.mint_token(room_pass(name))) for name in ("user_1", "user_2")]
    video, audio = rtc.VideoSource(16, 16), rtc.AudioSource(48_000, 1)
    tracks = (
        rtc.LocalVideoTrack.create_video_track("camera", video),
        rtc.LocalAudioTrack.create_audio_track("microphone", audio),
    )
    sources = (rtc.TrackSource.SOURCE_CAMERA, rtc.TrackSource.SOURCE_MICROPHONE)
    for track, source in zip(tracks, sources, strict=True):
        assert isinstance(track, rtc.LocalVideoTrack | rtc.LocalAudioTrack)
        await sender.local_participant.publish_track(track, rtc.TrackPublishOptions(source=source))
    black = rtc.VideoFrame(16, 16, rtc.VideoBufferType.I420, bytes(16 * 16 * 3 // 2))

    def streams() -> dict[str, set[str]]:
        """Of the offers to whoever receives: the streams of each kind of track."""
        video.capture_frame(black)
        described = re.findall(r"msid:(\S+?) (TR_[AV])", server.log.read_text())
        return {kind: {stream for stream, of in described if of == kind} for kind in ("TR_A", "TR_V")}

    try:
        await until(lambda: all(streams().values()), "both tracks are offered")
        found = streams()
        assert found["TR_A"] == found["TR_V"]
        assert len(found["TR_A"]) == 1
    finally:
        await asyncio.gather(sender.disconnect(), receiver.disconnect())
        rooms.close()
        server.kill()


async def test_many_rooms_are_looked_into_with_one_question_and_only_those_that_exist_with_another(
    server: LivekitServer, rooms: LiveKitCallRooms
) -> None:
    empty, missing = f"{ROOM}_empty", [f"{ROOM}_missing_{number}" for number in range(600)]
    for name in (ROOM, empty):
        await asyncio.to_thread(rooms.ensure_room, name, keep_s=60)
    person = await joined(server, rooms.mint_token(room_pass("user_1")))
    found = await asyncio.to_thread(rooms.attendees_of, [ROOM, empty, *missing])
    assert {name: [each.identity for each in found[name]] for name in (ROOM, empty)} == {ROOM: ["user_1"], empty: []}
    assert all(found[name] == [] for name in missing)
    await person.disconnect()
    await asyncio.to_thread(rooms.delete_room, empty)


def test_rooms_that_nobody_can_look_into_are_a_fault_and_not_empty(server: LivekitServer) -> None:
    rooms = LiveKitCallRooms(server.url, server.key, SECRET)
    with pytest.raises(CallRoomsUnavailable):
        rooms.attendees_of([ROOM])
    rooms.close()


async def test_a_third_participant_is_refused(server: LivekitServer, rooms: LiveKitCallRooms) -> None:
    await asyncio.to_thread(rooms.ensure_room, ROOM, keep_s=60)
    people = [await joined(server, rooms.mint_token(room_pass(name))) for name in ("user_1", "professional_2")]
    with pytest.raises(rtc.ConnectError):
        await joined(server, rooms.mint_token(room_pass("user_3")))
    for person in people:
        await person.disconnect()


async def test_a_token_does_not_open_a_room_that_the_backend_has_not_made(
    server: LivekitServer, rooms: LiveKitCallRooms
) -> None:
    with pytest.raises(rtc.ConnectError):
        await joined(server, rooms.mint_token(room_pass("user_1", "session_of_others")))


async def test_deleting_the_room_ends_the_call_for_those_in_it(server: LivekitServer, rooms: LiveKitCallRooms) -> None:
    await asyncio.to_thread(rooms.ensure_room, ROOM, keep_s=60)
    person = await joined(server, rooms.mint_token(room_pass("user_1")))
    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    person.on("disconnected", ended.set_result)
    await asyncio.to_thread(rooms.delete_room, ROOM)
    assert await asyncio.wait_for(ended, 10) == rtc.DisconnectReason.ROOM_DELETED
    assert await asyncio.to_thread(rooms.attendees, ROOM) == []


def test_making_a_room_twice_and_deleting_it_twice_is_no_fault(rooms: LiveKitCallRooms) -> None:
    for _ in range(2):
        rooms.ensure_room(ROOM, keep_s=60)
    for _ in range(2):
        rooms.delete_room(ROOM)
    assert rooms.attendees(ROOM) == []


def test_a_room_that_does_not_exist_is_an_answer_and_counted_as_one(rooms: LiveKitCallRooms) -> None:
    def failed() -> float:
        return PROCESS.get_sample_value(*FAILED) or 0.0

    before = failed()
    rooms.delete_room("session_that_nobody_made")
    assert rooms.attendees("session_that_nobody_made") == []
    assert failed() == before


def test_a_server_with_the_right_key_answers(rooms: LiveKitCallRooms) -> None:
    assert rooms.answers()


def test_a_wrong_key_is_a_fault_and_not_an_empty_room(server: LivekitServer) -> None:
    rooms = LiveKitCallRooms(server.url, server.key, SECRET)
    assert not rooms.answers()
    with pytest.raises(CallRoomsUnavailable):
        rooms.attendees(ROOM)
    rooms.close()


def test_a_server_that_is_not_there_is_named_as_such() -> None:
    rooms = LiveKitCallRooms(f"ws://127.0.0.1:{free_ports(1)[0]}", "a-key", SECRET)
    with pytest.raises(CallRoomsUnavailable):
        rooms.ensure_room(ROOM, keep_s=60)
    rooms.close()


def test_closing_ends_the_thread_that_it_owns() -> None:
    before = threading.active_count()
    rooms = LiveKitCallRooms(f"ws://127.0.0.1:{free_ports(1)[0]}", "a-key", SECRET)
    rooms.answers()
    rooms.close()
    rooms.close()
    assert threading.active_count() == before
