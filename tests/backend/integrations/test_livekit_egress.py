"""What LiveKit is asked to record, on a server that only writes down what it is asked: an egress service needs a
browser and storage of its own, and is not run here. What can be read, and what a server without one answers, is asked
of the real one.
"""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import jwt
import pytest
from livekit import api, rtc

from backend.calls.ports import CallRoomsUnavailable
from backend.integrations.livekit.egress import LiveKitEgress, bucket_of
from backend.integrations.livekit.rooms import LiveKitCallRooms
from tests.backend.integrations.test_livekit import ROOM, SECRET, room_pass, rooms, server
from tests.stage.livekit_server import LivekitServer
from tests.waiting import until

__all__ = ["rooms", "server"]

STORAGE = "s3://a-key:a%2Fsecret@storage.example.com:9000/recordings?region=eu-central-1"


class Asked(BaseHTTPRequestHandler):
    """Twirp: POST /twirp/livekit.Egress/Method with a protobuf."""

    running: list[str]
    requests: list[tuple[str, bytes, str]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        method = self.path.rpartition("/")[2]
        self.requests.append((method, body, self.headers["Authorization"].removeprefix("Bearer ")))
        listed = api.ListEgressResponse(items=[api.EgressInfo(egress_id=each) for each in self.running])
        answer = listed if method == "ListEgress" else api.EgressInfo(egress_id="EG_1")
        data = answer.SerializeToString()
        self.send_response(200)
        self.send_header("Content-Type", "application/protobuf")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def asked() -> type[Asked]:
    Asked.running, Asked.requests = [], []
    return Asked


@pytest.fixture
def egress(asked: type[Asked]) -> Iterator[LiveKitEgress]:
    listener = HTTPServer(("127.0.0.1", 0), asked)
    serving = threading.Thread(target=listener.serve_forever)
    serving.start()
    rooms = LiveKitCallRooms(f"http://127.0.0.1:{listener.server_port}", "a-key", SECRET)
    yield LiveKitEgress(rooms, bucket_of(STORAGE))
    rooms.close()
    listener.shutdown()
    serving.join()
    listener.server_close()


def test_the_whole_room_is_recorded_into_the_bucket_as_mp4(egress: LiveKitEgress, asked: type[Asked]) -> None:
    egress.start(ROOM, "1/2.mp4")
    (_, listed, _), (method, body, token) = asked.requests
    found = api.RoomCompositeEgressRequest.FromString(body)
    (file,) = found.file_outputs
    assert (method, found.room_name, found.layout, file.filepath) == (
        "StartRoomCompositeEgress",
        ROOM,
        "grid",
        "1/2.mp4",
    )
    assert file.file_type == api.EncodedFileType.MP4
    to = file.s3
    assert (to.access_key, to.secret, to.bucket, to.region) == ("a-key", "a/secret", "recordings", "eu-central-1")
    assert to.endpoint == "https://storage.example.com:9000"
    assert jwt.decode(token, SECRET, algorithms=["HS256"], issuer="a-key")["video"]["roomRecord"] is True
    assert api.ListEgressRequest.FromString(listed) == api.ListEgressRequest(room_name=ROOM, active=True)


def test_a_room_that_is_recorded_already_is_not_recorded_twice(egress: LiveKitEgress, asked: type[Asked]) -> None:
    asked.running = ["EG_7"]
    egress.start(ROOM, "1/2.mp4")
    assert [method for method, _, _ in asked.requests] == ["ListEgress"]


def test_whatever_is_made_of_the_room_is_ended(egress: LiveKitEgress, asked: type[Asked]) -> None:
    asked.running = ["EG_7", "EG_8"]
    egress.stop(ROOM)
    stopped = [api.StopEgressRequest.FromString(body) for method, body, _ in asked.requests if method == "StopEgress"]
    assert [each.egress_id for each in stopped] == ["EG_7", "EG_8"]


def test_amazons_own_storage_needs_no_host_and_no_secret_is_shown() -> None:
    bucket = bucket_of("s3://a-key:secret@/recordings")
    assert (bucket.endpoint, bucket.name) == ("", "recordings")
    assert "secret" not in repr(bucket)


def test_a_server_without_an_egress_service_says_that_it_cannot(rooms: LiveKitCallRooms) -> None:
    rooms.ensure_room(ROOM, keep_s=60)
    with pytest.raises(CallRoomsUnavailable):
        LiveKitEgress(rooms, bucket_of(STORAGE)).start(ROOM, "1/2.mp4")


@pytest.mark.parametrize("encrypted", [False, True])
async def test_only_a_room_whose_tracks_are_not_encrypted_is_readable(
    server: LivekitServer, rooms: LiveKitCallRooms, encrypted: bool
) -> None:
    egress = LiveKitEgress(rooms, bucket_of(STORAGE))
    rooms.ensure_room(ROOM, keep_s=60)
    assert not egress.is_readable(ROOM), "nothing is sent yet"
    room, token = rtc.Room(), rooms.mint_token(room_pass("user_1"))
    key = rtc.KeyProviderOptions(shared_key=b"k" * 43)
    await room.connect(server.url, token, rtc.RoomOptions(encryption=rtc.E2EEOptions(key) if encrypted else None))
    source = rtc.AudioSource(48_000, 1)
    track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
    await room.local_participant.publish_track(track, options)
    await until(lambda: sends(rooms), "the server knows of the track")
    assert egress.is_readable(ROOM) is not encrypted
    await room.disconnect()


def sends(rooms: LiveKitCallRooms) -> bool:
    wanted = api.ListParticipantsRequest(room=ROOM)
    return any(each.tracks for each in rooms.ask(lambda client: client.room.list_participants(wanted)).participants)
