"""What this side publishes: one track for the microphone, one for the camera, published once and muted as need be."""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable

from livekit import rtc

from app.call.adaptation.video_adapter import VideoAdapter
from app.call.audio.pcm import RATE_HZ as AUDIO_RATE_HZ
from app.call.local_devices import LocalDevices
from app.call.room.audio_sender import AudioSender
from app.call.runtime.task_scope import TaskScope
from app.call.runtime.threads import EventLoopThread
from app.call.video.convert import UInt8Array
from app.call.video.sources import HEIGHT, RATE_HZ, WIDTH

log = logging.getLogger(__name__)

VIDEO_BITS_PER_S = 1_700_000
"""With 1 Mbit/s the video loses its full size and 2.5 dB, with 2.5 it gains 0.4 dB (docs/decisions/0012)."""
MAINTAIN_FRAMERATE = rtc.DegradationPreference.MAINTAIN_FRAMERATE.value
"""With low bandwidth the video becomes smaller and keeps its rate; the SDK's other preferences make it stutter."""
BLANK = (16, 16)
BLACK = bytes(BLANK[0] * BLANK[1]) + b"\x80" * (BLANK[0] * BLANK[1] // 2)
"""I420."""
GAP_S = 0.3
"""The SDK gives each message about a track a task of its own: two at once reached the server in the other order."""
JUST_CHANGED_S = 30.0
"""What was sent so shortly before a connection came back may have been sent into the one that was lost."""
OPENING_LIMIT_S = 3.0
LocalTrack = rtc.LocalAudioTrack | rtc.LocalVideoTrack


class LocalTrackPublisher:
    """The tracks of one connection. Made on the media loop. Tracks can be muted before they are published, and stay so
    over reconnects.

    In a call of two simulcast costs a second encoder and buys little, so there is none.
    """

    def __init__(
        self,
        video_adapter: VideoAdapter,
        audio_loop: EventLoopThread,
        audio_scope: TaskScope,
        platform_source: "rtc.PlatformAudioSource | None" = None,
    ) -> None:
        """`audio_scope` owns what runs on `audio_loop`."""
        self._video_adapter = video_adapter
        audio = rtc.AudioSource(AUDIO_RATE_HZ, 1, queue_size_ms=0, loop=audio_loop.loop)  # 0: straight to the encoder
        self.audio = AudioSender(audio, audio_loop, audio_scope)
        self._video_source = rtc.VideoSource(WIDTH, HEIGHT)
        self.microphone = rtc.LocalAudioTrack.create_audio_track("microphone", platform_source or audio)
        self.camera = rtc.LocalVideoTrack.create_video_track("camera", self._video_source)
        self._recorded_by_platform = platform_source is not None
        self._changed_at_s: dict[LocalTrack, float] = {}
        self._muted: dict[LocalTrack, bool] = {}
        self._sending, self._closed = threading.Lock(), False

    async def publish(self, room: rtc.Room) -> None:
        """Raises `rtc.PublishTrackError`. The SDK publishes again by itself after a reconnect.

        Each packet of audio carries the one before it once more (RED, RFC 2198): of losses little is heard then.
        """
        audio = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, red=True)
        video = rtc.TrackPublishOptions(
            source=rtc.TrackSource.SOURCE_CAMERA,
            simulcast=False,
            degradation_preference=MAINTAIN_FRAMERATE,
            video_encoding=rtc.VideoEncoding(max_bitrate=VIDEO_BITS_PER_S, max_framerate=RATE_HZ),
        )
        self._prime_source()
        await room.local_participant.publish_track(self.microphone, audio)
        await room.local_participant.publish_track(self.camera, video)

    def _prime_source(self) -> None:
        """Before its first frame a source of the SDK gives ten black ones a second, which are encoded at full size
        (a fiftieth of a core) also while the track is muted, in a call without a camera for its whole length.
        """
        if self.camera.muted:
            self._video_source.capture_frame(rtc.VideoFrame(*BLANK, rtc.VideoBufferType.I420, BLACK))

    def set_muted(self, microphone: bool, camera: bool) -> None:
        """Mutes or unmutes each track, which the server announces to the peer."""
        self._muted = {self.microphone: microphone, self.camera: camera}
        for track, muted in self._muted.items():
            if self._apply(track, muted):
                self._changed_at_s[track] = time.monotonic()

    def resend_mute_state(self) -> None:
        """After a reconnect of the SDK, which (livekit 1.2.1) loses a mute that falls into it: the server keeps the
        state from before. What has just changed is sent again: changed back, and a moment later changed once more,
        because two messages at once overtake each other. A muted track is not heard or seen meanwhile, for nothing is
        recorded for it; where the SDK itself records, it is left alone.
        """
        for track, changed_at_s in self._changed_at_s.items():
            recorded = self._recorded_by_platform and track is self.microphone
            if time.monotonic() - changed_at_s < JUST_CHANGED_S and not (recorded and track.muted):
                _mute(track, not track.muted)
                asyncio.get_running_loop().call_later(GAP_S, self._apply_muted, track)

    def _apply_muted(self, track: LocalTrack) -> None:
        self._apply(track, self._muted[track])

    def _apply(self, track: LocalTrack, muted: bool) -> bool:
        """Whether anything had to be changed."""
        changed = muted != track.muted and not self._closed
        if changed:
            _mute(track, muted)
        return changed

    def wants_frame(self) -> bool:
        """Not while the peer asked for none, nor once closed. From the capture's thread."""
        return not self._closed and self._video_adapter.wants_frame()

    def send_frame(self, width: int, height: int, i420: UInt8Array) -> None:
        """From the capture's thread; the pixels are copied by the SDK before this returns. Dropped once closed: the
        camera outlives the connection over which it was sent.
        """
        adapted = self._video_adapter.adapt(width, height, i420)
        if adapted is None:
            return
        width, height, i420 = adapted
        with self._sending:
            if not self._closed:
                self._video_source.capture_frame(rtc.VideoFrame(width, height, rtc.VideoBufferType.I420, i420.data))

    async def close(self) -> None:
        with self._sending:
            self._closed = True
        await self._video_source.aclose()
        await self.audio.close()


def _mute(track: LocalTrack, muted: bool) -> None:
    if muted:
        track.mute()
    else:
        track.unmute()


class Publisher:
    """Publishes this side into its room, over one connection after the other. Lives on the media loop; frames of the
    microphone and the camera come in their capture threads.
    """

    def __init__(self, devices: LocalDevices, video_adapter: VideoAdapter, audio_loop: EventLoopThread) -> None:
        self._devices = devices
        self._video_adapter = video_adapter
        self._audio_loop, self._audio_scope = audio_loop, TaskScope()
        self._tracks: LocalTrackPublisher | None = None
        self._publishing: asyncio.Task[None] | None = None

    def start(
        self, room: rtc.Room, is_current: Callable[[], bool], on_tracks: Callable[[], None]
    ) -> "asyncio.Task[None]":
        """Publishes into a room that is just connected, unless it is no longer `is_current` once the devices are open.
        `on_tracks` is called when there are tracks that can be muted. Nothing cancels the task: leaving waits for it.
        """
        publishing = self._publish(room, is_current, on_tracks)
        self._publishing = asyncio.get_running_loop().create_task(publishing, name="publishing")
        return self._publishing

    async def _publish(self, room: rtc.Room, is_current: Callable[[], bool], on_tracks: Callable[[], None]) -> None:
        # A track that is unmuted while the peer subscribes to it can stay silent there (livekit 1.2.1 leaves it
        # disabled): what is about to work is waited for, so that it is published as it will be.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._devices.opened.wait(), OPENING_LIMIT_S)
        if not is_current():
            return
        tracks = self._tracks = LocalTrackPublisher(
            self._video_adapter, self._audio_loop, self._audio_scope, self._devices.audio.source
        )
        on_tracks()
        self._devices.camera.sink = tracks
        try:
            await tracks.publish(room)
        except Exception:  # the room went while publishing: its own event says how the call goes on
            log.exception("publishing failed")

    def apply_mute(self) -> None:
        """As the devices are now: what gives nothing is muted."""
        if self._tracks is not None:
            states = self._devices.states
            seen = states["camera"].is_sending and not self._devices.camera.blur.state.starting
            self._tracks.set_muted(microphone=not states["microphone"].is_sending, camera=not seen)

    def resend_mute_state(self) -> None:
        if self._tracks is not None:
            self._tracks.resend_mute_state()

    def send_audio(self, frame: rtc.AudioFrame) -> None:
        """PortAudio's thread, every 10 ms."""
        if (tracks := self._tracks) is not None:
            tracks.audio.send(frame)

    def detach(self) -> LocalTrackPublisher | None:
        """The tracks of the connection that is over; they are closed after it."""
        tracks, self._tracks = self._tracks, None
        return tracks

    async def published(self, limit_s: float) -> None:
        """Returns when what is just being published is, or after the limit."""
        if self._publishing is not None:
            await asyncio.wait({self._publishing}, timeout=limit_s)

    async def close(self) -> None:
        """Ends what runs on the audio loop."""
        await self._audio_loop.run(self._audio_scope.close())
