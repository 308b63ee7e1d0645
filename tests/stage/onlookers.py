"""Who is in a call's room unseen, as an operator could be: takes every video, with the keys that it is given."""

import asyncio
import time
from datetime import timedelta
from types import TracebackType

from livekit import api, rtc

from app.call.contract.engine import Frame, PixelFormat
from app.call.room.encryption import e2ee_options
from tests.stage.livekit_server import LivekitServer
from tests.stage.video_file import number_in
from tests.waiting import until

LIMIT_S = 20.0


class Onlooker:
    """`frames` counts pictures with one of the `numbers`, and `tracks` the videos there were to decrypt. Other pictures
    count for nothing: a frame that comes before the SDK decrypts its track is decoded as it is, and shows noise.
    """

    def __init__(self, server: LivekitServer, room_name: str, session_key: str, *numbers: range) -> None:
        self.frames = self.tracks = 0
        self._server, self._room_name, self._key = server, room_name, session_key
        self._numbers = numbers
        self._room = rtc.Room()
        self._readers: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Onlooker":
        grants = api.VideoGrants(room_join=True, room=self._room_name, hidden=True, can_publish=False)
        token = api.AccessToken(self._server.key, self._server.secret).with_identity("onlooker").with_grants(grants)
        self._room.on("track_subscribed", lambda track, publication, who: self._read(track))
        options = rtc.RoomOptions(encryption=e2ee_options(self._key))
        await self._room.connect(self._server.url, token.with_ttl(timedelta(minutes=5)).to_jwt(), options)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._room.disconnect()
        for each in self._readers:
            each.cancel()

    def _read(self, track: rtc.Track) -> None:
        if track.kind != rtc.TrackKind.KIND_VIDEO:
            return
        self.tracks += 1

        async def read() -> None:
            async for event in rtc.VideoStream(track, capacity=1, format=rtc.VideoBufferType.RGBA):
                picture = event.frame
                shown = Frame(picture.width, picture.height, PixelFormat.RGBA, bytes(picture.data), 0)
                self.frames += any(number_in(shown) in each for each in self._numbers)

        self._readers.append(asyncio.create_task(read()))

    def learn(self, key: str, index: int) -> None:
        """As if the key had been given away."""
        provider = self._room.e2ee_manager.key_provider
        assert provider is not None
        provider.set_shared_key(key.encode(), index)

    async def sees(self) -> None:
        """A frame more than now."""
        before = self.frames
        await until(lambda: self.frames > before, "the onlooker sees a frame")

    async def has_packets(self, count: int = 60) -> None:
        """So many packets more than now have reached it of each of two videos, readable or not."""
        before, end_s = await self._packets(), time.monotonic() + LIMIT_S
        while True:
            now = await self._packets()
            if len(now) >= 2 and all(packets - before.get(sid, 0) >= count for sid, packets in now.items()):
                return
            assert time.monotonic() < end_s, f"packets that the onlooker has got: {before}, later {now}"
            await asyncio.sleep(0.1)

    async def _packets(self) -> dict[str, int]:
        """By the track's SID, of all that it has now."""
        stats = await self._room.get_rtc_stats()
        every = (*stats.publisher_stats, *stats.subscriber_stats)  # one connection in newer servers
        found = (each.inbound_rtp for each in every if each.HasField("inbound_rtp"))
        return {
            each.inbound.track_identifier: each.received.packets_received
            for each in found
            if each.stream.kind == "video"
        }
