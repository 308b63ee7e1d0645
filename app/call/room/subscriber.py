"""Reads the tracks that the peer publishes: the camera and a shared screen each into a `LatestFrame`, audio into a
`PlayoutBuffer`.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

import numpy as np
from livekit import rtc

from app.call.audio.pcm import RATE_HZ
from app.call.audio.playout import PlayoutMixer
from app.call.room.sdk_private import bound_frames
from app.call.runtime.threads import EventLoopThread
from app.call.video.convert import UInt8Array
from app.call.video.latest_frame import LatestFrame

log = logging.getLogger(__name__)

STREAM_CLOSE_LIMIT_S = 2.0
MAX_HELD_FRAMES = 12
"""Of 30 a second, for the longest hold of 0.4 s."""
AUDIO_STREAM_CAPACITY = 20
"""Frames of 10 ms that may wait for the media loop; the playout buffer behind them is what bounds the delay."""
Held = tuple[int, int, UInt8Array, int]
"""What `LatestFrame.put` takes."""

_TURNS = {
    int(rtc.VideoRotation.VIDEO_ROTATION_90): 90,
    int(rtc.VideoRotation.VIDEO_ROTATION_180): 180,
    int(rtc.VideoRotation.VIDEO_ROTATION_270): 270,
}


def _rotation_deg(rotation: Any) -> int:
    """The SDK types this as the enumeration's class; what comes is its number."""
    return _TURNS.get(int(rotation), 0)


class _StreamReader:
    """One track's stream and the task that reads it: iterating an SDK stream never ends, so both are closed."""

    def __init__(self, stream: "rtc.VideoStream | rtc.AudioStream", reading: Coroutine[Any, Any, None]) -> None:
        self._stream = stream
        self._task = asyncio.get_running_loop().create_task(reading)

    async def close(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stream.aclose(), STREAM_CLOSE_LIMIT_S)
        self._task.cancel()
        await asyncio.wait({self._task}, timeout=STREAM_CLOSE_LIMIT_S)


class _AudioStreamReader:
    """One remote audio track, read into its playout buffer on the audio loop; made and closed on the media loop."""

    def __init__(self, audio_loop: EventLoopThread, track: "rtc.Track", mixer: PlayoutMixer) -> None:
        self._audio_loop = audio_loop
        self._reader: _StreamReader | None = None
        self.blocks_read = 0
        audio_loop.post(self._begin, track, mixer)

    def _begin(self, track: "rtc.Track", mixer: PlayoutMixer) -> None:
        stream = rtc.AudioStream(
            track, sample_rate=RATE_HZ, num_channels=1, frame_size_ms=10, capacity=AUDIO_STREAM_CAPACITY
        )
        self._reader = _StreamReader(stream, self._read_audio(stream, mixer, track.sid))

    async def _read_audio(self, stream: "rtc.AudioStream", mixer: PlayoutMixer, sid: str) -> None:
        buffer = mixer.add_track(sid)
        try:
            async for event in stream:
                self.blocks_read += 1
                buffer.put(np.frombuffer(event.frame.data, np.int16))
        finally:
            mixer.remove_track(sid)

    async def close(self) -> None:
        await self._audio_loop.run(self._end())

    async def _end(self) -> None:
        if self._reader is not None:
            await self._reader.close()


class TrackSubscriber:
    """The readers of every subscribed track, by SID. Lives on the media loop. Without a `mixer` the SDK plays audio."""

    def __init__(
        self,
        frames: LatestFrame,
        screen_frames: LatestFrame,
        mixer: PlayoutMixer | None,
        audio_loop: EventLoopThread,
        start: Callable[[Coroutine[Any, Any, Any], str], Any],
    ) -> None:
        self._frames, self._screen_frames = frames, screen_frames
        self._mixer = mixer
        self._audio_loop = audio_loop
        self._start = start
        self.frames_read = self.screen_frames_read = 0
        self.hold_s = 0.0
        """So long a frame waits before it can be had by a tile."""
        self._held: deque[tuple[float, str, Held]] = deque()
        self._readers: dict[str, _StreamReader | _AudioStreamReader] = {}
        self._video: str | None = None
        self._screen: str | None = None
        self._screen_audio: str | None = None

    @property
    def playout_ms(self) -> float:
        """What our own buffer adds to the voice now; what the SDK plays itself is not known."""
        return self._mixer.delay_ms() if self._mixer is not None else 0.0

    @property
    def audio_blocks_read(self) -> int | None:
        """Of the voice that is subscribed now; None where there is none to be read here."""
        voices = [each for sid, each in self._readers.items() if sid != self._screen_audio]
        readers = [each for each in voices if isinstance(each, _AudioStreamReader)]
        return sum(each.blocks_read for each in readers) if readers else None

    def add(self, track: "rtc.Track", source: int) -> None:
        """Begins to read a track; video only when it is a camera's or a screen's."""
        if track.sid in self._readers:
            return
        if track.kind == rtc.TrackKind.KIND_AUDIO:
            if self._mixer is None:
                return
            if source == rtc.TrackSource.SOURCE_SCREENSHARE_AUDIO:
                self._screen_audio = track.sid
            self._readers[track.sid] = _AudioStreamReader(self._audio_loop, track, self._mixer)
        elif source in (rtc.TrackSource.SOURCE_CAMERA, rtc.TrackSource.SOURCE_UNKNOWN):
            self._video = track.sid
            self._add_video(track, self._read_video)
        elif source == rtc.TrackSource.SOURCE_SCREENSHARE:
            self._screen = track.sid
            self._add_video(track, self._read_screen)

    def _add_video(
        self, track: "rtc.Track", read: Callable[["rtc.VideoStream", str], Coroutine[Any, Any, None]]
    ) -> None:
        video = rtc.VideoStream(track, capacity=1, format=rtc.VideoBufferType.I420)
        bound_frames(video, asyncio.get_running_loop())
        self._readers[track.sid] = _StreamReader(video, read(video, track.sid))

    def remove(self, sid: str) -> None:
        if (reader := self._readers.pop(sid, None)) is not None:
            self._start(reader.close(), "closing a remote track")
        if sid == self._video:
            self._video = None
            self._frames.close()
        if sid == self._screen:
            self._screen = None
            self._screen_frames.close()
        if sid == self._screen_audio:
            self._screen_audio = None

    def remove_all(self) -> None:
        """The connection that carried them is gone."""
        for sid in list(self._readers):
            self.remove(sid)

    async def _read_video(self, stream: "rtc.VideoStream", sid: str) -> None:
        async for event in stream:
            if sid == self._video:  # a camera that was published again replaces the one before
                self.frames_read += 1
                frame = event.frame
                pixels = np.frombuffer(frame.data, np.uint8)
                self._hold(sid, (frame.width, frame.height, pixels, _rotation_deg(event.rotation)))

    async def _read_screen(self, stream: "rtc.VideoStream", sid: str) -> None:
        """Not held for the voice: there are no lips on it."""
        async for event in stream:
            if sid == self._screen:
                self.screen_frames_read += 1
                frame = event.frame
                pixels = np.frombuffer(frame.data, np.uint8)
                self._screen_frames.put(frame.width, frame.height, pixels, _rotation_deg(event.rotation))

    def _hold(self, sid: str, frame: Held) -> None:
        """Puts a frame once it is due, after those before it; where too many wait already it is left out."""
        loop = asyncio.get_running_loop()
        if not self._held and self.hold_s <= 0:
            self._frames.put(*frame)
        elif len(self._held) < MAX_HELD_FRAMES:
            before_s = self._held[-1][0] if self._held else 0.0
            due_s = max(loop.time() + self.hold_s, before_s)
            self._held.append((due_s, sid, frame))
            loop.call_at(due_s, self._put_next)

    def _put_next(self) -> None:
        """One call for each frame that is held; those of one instant come in any order, so it is not theirs."""
        _, sid, frame = self._held.popleft()
        if sid == self._video:
            self._frames.put(*frame)

    async def close(self) -> None:
        readers, self._readers = list(self._readers.values()), {}
        self._frames.close()
        self._screen_frames.close()
        await asyncio.gather(*(reader.close() for reader in readers), return_exceptions=True)
