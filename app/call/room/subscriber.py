"""Reads what the other side sends: their picture into `NewestPicture`, their voice into a ring of the loudspeaker."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from typing import Any

import numpy as np
from livekit import rtc

from app.call.audio.pcm import RATE_HZ
from app.call.audio.playout import Ear
from app.call.runtime.threads import MediaThread
from app.call.video.latest_frame import NewestPicture

log = logging.getLogger(__name__)

STREAM_CLOSE_LIMIT_S = 2.0
VOICE_CAPACITY = 20
"""Frames of 10 ms that may wait for the media loop; the ring behind them is what bounds the delay."""

_TURNS = {
    int(rtc.VideoRotation.VIDEO_ROTATION_90): 90,
    int(rtc.VideoRotation.VIDEO_ROTATION_180): 180,
    int(rtc.VideoRotation.VIDEO_ROTATION_270): 270,
}


def _rotation_deg(rotation: Any) -> int:
    """The SDK types this as the enumeration's class; what comes is its number."""
    return _TURNS.get(int(rotation), 0)


class _Reader:
    """One track's stream and the task that reads it: iterating an SDK stream never ends, so both are closed."""

    def __init__(self, stream: "rtc.VideoStream | rtc.AudioStream", reading: Coroutine[Any, Any, None]) -> None:
        self._stream = stream
        self._task = asyncio.get_running_loop().create_task(reading)

    async def close(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stream.aclose(), STREAM_CLOSE_LIMIT_S)
        self._task.cancel()
        await asyncio.wait({self._task}, timeout=STREAM_CLOSE_LIMIT_S)


class _VoiceReader:
    """One voice, read into its ring on the loop of the voices; made and closed on the media loop."""

    def __init__(self, voices: MediaThread, track: "rtc.Track", ear: Ear) -> None:
        self._voices = voices
        self._reader: _Reader | None = None
        voices.post(self._begin, track, ear)

    def _begin(self, track: "rtc.Track", ear: Ear) -> None:
        stream = rtc.AudioStream(track, sample_rate=RATE_HZ, num_channels=1, frame_size_ms=10, capacity=VOICE_CAPACITY)
        self._reader = _Reader(stream, self._hear(stream, ear, track.sid))

    async def _hear(self, stream: "rtc.AudioStream", ear: Ear, sid: str) -> None:
        ring = ear.add(sid)
        try:
            async for event in stream:
                ring.put(np.frombuffer(event.frame.data, np.int16))
        finally:
            ear.remove(sid)

    async def close(self) -> None:
        await self._voices.run(self._end())

    async def _end(self) -> None:
        if self._reader is not None:
            await self._reader.close()


class RemoteMedia:
    """The readers of every subscribed track, by SID. Lives on the media loop. Without an `ear` the SDK plays voices."""

    def __init__(
        self,
        pictures: NewestPicture,
        ear: Ear | None,
        voices: MediaThread,
        start: Callable[[Coroutine[Any, Any, Any], str], Any],
    ) -> None:
        self._pictures = pictures
        self._ear = ear
        self._voices = voices
        self._start = start
        self.pictures_read = 0
        self._readers: dict[str, _Reader | _VoiceReader] = {}
        self._video: str | None = None

    def add(self, track: "rtc.Track", source: int) -> None:
        """Begins to read a track; a picture only when it is a camera's."""
        if track.sid in self._readers:
            return
        if track.kind == rtc.TrackKind.KIND_AUDIO:
            if self._ear is None:
                return
            self._readers[track.sid] = _VoiceReader(self._voices, track, self._ear)
        elif source in (rtc.TrackSource.SOURCE_CAMERA, rtc.TrackSource.SOURCE_UNKNOWN):
            video = rtc.VideoStream(track, capacity=1, format=rtc.VideoBufferType.I420)
            self._video = track.sid
            self._readers[track.sid] = _Reader(video, self._watch(video, track.sid))

    def remove(self, sid: str) -> None:
        if (reader := self._readers.pop(sid, None)) is not None:
            self._start(reader.close(), "closing a remote track")
        if sid == self._video:
            self._video = None
            self._pictures.clear()

    def remove_all(self) -> None:
        """The link to all of them is gone."""
        for sid in list(self._readers):
            self.remove(sid)

    async def _watch(self, stream: "rtc.VideoStream", sid: str) -> None:
        async for event in stream:
            if sid == self._video:  # a camera that was published anew replaces the one before
                self.pictures_read += 1
                frame = event.frame
                pixels = np.frombuffer(frame.data, np.uint8)
                self._pictures.put(frame.width, frame.height, pixels, _rotation_deg(event.rotation))

    async def close(self) -> None:
        readers, self._readers = list(self._readers.values()), {}
        self._pictures.clear()
        await asyncio.gather(*(reader.close() for reader in readers), return_exceptions=True)
