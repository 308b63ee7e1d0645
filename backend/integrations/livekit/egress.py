"""LiveKit Egress behind `ServerRecordings`: the media server's own service records a room into object storage
(docs.livekit.io, Egress). It sees what the media server sees, and so records only what is not encrypted end to end.
"""

from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from livekit import api

from backend.integrations.livekit.rooms import LiveKitCallRooms

LAYOUT = "grid"
"""Both people side by side, and a shared screen large, by LiveKit's own template."""


@dataclass(frozen=True)
class Bucket:
    """Object storage that speaks S3; `endpoint` is empty for Amazon's own."""

    name: str
    region: str
    endpoint: str
    access_key: str = field(repr=False)
    secret: str = field(repr=False)


def bucket_of(url: str) -> Bucket:
    """Of an address such as s3://key:secret@storage.example.com/bucket?region=eu-central-1, which the settings have
    checked. Without a host (s3://key:secret@/bucket) it is Amazon's.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return Bucket(
        name=parts.path.strip("/"),
        region=parse_qs(parts.query).get("region", [""])[0],
        endpoint=f"https://{host}{port}" if host else "",
        access_key=unquote(parts.username or ""),
        secret=unquote(parts.password or ""),
    )


class LiveKitEgress:
    """Its requests go to the media server, which hands them to an egress service beside it. Not run by this project:
    what it is asked is tested, and what a server without one answers.
    """

    def __init__(self, rooms: LiveKitCallRooms, bucket: Bucket) -> None:
        self._rooms = rooms
        self._bucket = bucket

    def is_readable(self, room_name: str) -> bool:
        """Whether something is published in the room, and none of it encrypted end to end."""
        wanted = api.ListParticipantsRequest(room=room_name)
        answer = self._rooms.ask(lambda client: client.room.list_participants(wanted), api.ListParticipantsResponse())
        tracks = [track for participant in answer.participants for track in participant.tracks]
        return bool(tracks) and all(track.encryption == api.Encryption.Type.NONE for track in tracks)

    def start(self, room_name: str, file_name: str) -> None:
        if self._running(room_name):
            return
        to = self._bucket
        storage = api.S3Upload(
            access_key=to.access_key, secret=to.secret, region=to.region, endpoint=to.endpoint, bucket=to.name
        )
        file = api.EncodedFileOutput(
            file_type=api.EncodedFileType.MP4, filepath=file_name, disable_manifest=True, s3=storage
        )
        wanted = api.RoomCompositeEgressRequest(room_name=room_name, layout=LAYOUT, file_outputs=[file])
        self._rooms.ask(lambda client: client.egress.start_room_composite_egress(wanted))

    def stop(self, room_name: str) -> None:
        for egress_id in self._running(room_name):
            self._stop(egress_id)

    def _stop(self, egress_id: str) -> None:
        wanted = api.StopEgressRequest(egress_id=egress_id)
        self._rooms.ask(lambda client: client.egress.stop_egress(wanted), api.EgressInfo())

    def _running(self, room_name: str) -> list[str]:
        """By the room, not by a name that was kept: a backend that died after it had started one still stops it."""
        wanted = api.ListEgressRequest(room_name=room_name, active=True)
        return [each.egress_id for each in self._rooms.ask(lambda client: client.egress.list_egress(wanted)).items]
