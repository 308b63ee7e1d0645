"""The tracks that this side publishes: one of the microphone and one of the camera, muted as need be."""

import asyncio
import threading
import time

from livekit import rtc

from app.call.adaptation.video_adapter import VideoAdapter
from app.call.audio.pcm import RATE_HZ as AUDIO_RATE_HZ
from app.call.contract.devices import DeviceKind, VideoEncoder
from app.call.room.publishing.audio_sender import AudioSender
from app.call.runtime.task_scope import TaskScope
from app.call.runtime.threads import EventLoopThread
from app.call.video.convert import UInt8Array
from app.call.video.sources import HEIGHT, RATE_HZ, WIDTH

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
_CODECS = {VideoEncoder.SOFTWARE: rtc.VideoCodec.VP8, VideoEncoder.HARDWARE: rtc.VideoCodec.H264}
_BACKENDS = {
    VideoEncoder.SOFTWARE: rtc.VideoEncoderBackend.ENCODER_BACKEND_SOFTWARE,
    VideoEncoder.HARDWARE: rtc.VideoEncoderBackend.ENCODER_BACKEND_HARDWARE,
}
LocalTrack = rtc.LocalAudioTrack | rtc.LocalVideoTrack
PUBLISHED_KINDS = (DeviceKind.MICROPHONE, DeviceKind.CAMERA)


def publish_options(kind: DeviceKind, encoder: VideoEncoder) -> rtc.TrackPublishOptions:
    """How a track is sent; of the camera's video, which codec and what encodes it (docs/decisions/0008 and 0043)."""
    if kind is DeviceKind.MICROPHONE:
        # Each packet of audio carries the one before it once more (RED, RFC 2198): of losses little is heard then.
        return rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, red=True)
    return rtc.TrackPublishOptions(
        source=rtc.TrackSource.SOURCE_CAMERA,
        simulcast=False,
        degradation_preference=MAINTAIN_FRAMERATE,
        video_encoding=rtc.VideoEncoding(max_bitrate=VIDEO_BITS_PER_S, max_framerate=RATE_HZ),
        video_codec=_CODECS[encoder],
        video_encoder=_BACKENDS[encoder],
    )


class LocalTracks:
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
        video_encoder: VideoEncoder = VideoEncoder.SOFTWARE,
    ) -> None:
        """`audio_scope` owns what runs on `audio_loop`."""
        self._video_adapter = video_adapter
        self._video_encoder = video_encoder
        audio = rtc.AudioSource(AUDIO_RATE_HZ, 1, queue_size_ms=0, loop=audio_loop.loop)  # 0: straight to the encoder
        self.audio = AudioSender(audio, audio_loop, audio_scope)
        self._audio_source = platform_source or audio
        self._video_source = rtc.VideoSource(WIDTH, HEIGHT)
        self._tracks = {kind: self._new_track(kind) for kind in PUBLISHED_KINDS}
        self._recorded_by_platform = platform_source is not None
        self._changed_at_s: dict[DeviceKind, float] = {}
        self._muted: dict[DeviceKind, bool] = {}
        self._primed = False
        self._sending, self._closed = threading.Lock(), False

    def _new_track(self, kind: DeviceKind) -> LocalTrack:
        if kind is DeviceKind.CAMERA:
            return rtc.LocalVideoTrack.create_video_track("camera", self._video_source)
        return rtc.LocalAudioTrack.create_audio_track("microphone", self._audio_source)

    def renew(self, kind: DeviceKind) -> None:
        """Another track over the same source, for another attempt to publish: where the server has received a request
        that was given up, a second one for the same track is never answered (livekit 1.2.1, server 1.13.5).
        """
        self._tracks[kind] = self._new_track(kind)
        if kind in self._muted:
            self._apply(kind, self._muted[kind])

    async def publish(self, room: rtc.Room, kind: DeviceKind) -> rtc.LocalTrackPublication:
        """Raises `rtc.participant.PublishTrackError`. The SDK publishes again by itself after a reconnect."""
        if kind is DeviceKind.CAMERA and not self._primed:
            self._primed = True
            self._prime_source()
        return await room.local_participant.publish_track(
            self._tracks[kind], publish_options(kind, self._video_encoder)
        )

    def _prime_source(self) -> None:
        """Before its first frame a source of the SDK gives ten black ones a second, which are encoded at full size
        (a fiftieth of a core) also while the track is muted, in a call without a camera for its whole length.
        """
        if self.is_muted(DeviceKind.CAMERA):
            self._video_source.capture_frame(rtc.VideoFrame(*BLANK, rtc.VideoBufferType.I420, BLACK))

    def is_muted(self, kind: DeviceKind) -> bool:
        return bool(self._tracks[kind].muted)

    def set_muted(self, microphone: bool, camera: bool) -> None:
        """Mutes or unmutes each track, which the server announces to the peer."""
        self._muted = {DeviceKind.MICROPHONE: microphone, DeviceKind.CAMERA: camera}
        for kind, muted in self._muted.items():
            if self._apply(kind, muted):
                self._changed_at_s[kind] = time.monotonic()

    def resend_mute_state(self) -> None:
        """After a reconnect of the SDK, which (livekit 1.2.1) loses a mute that falls into it: the server keeps the
        state from before. What has just changed is sent again: changed back, and a moment later changed once more,
        because two messages at once overtake each other. A muted track is not heard or seen meanwhile, for nothing is
        recorded for it; where the SDK itself records, it is left alone.
        """
        for kind, changed_at_s in self._changed_at_s.items():
            track = self._tracks[kind]
            recorded = self._recorded_by_platform and kind is DeviceKind.MICROPHONE
            if time.monotonic() - changed_at_s < JUST_CHANGED_S and not (recorded and track.muted):
                _mute(track, not track.muted)
                asyncio.get_running_loop().call_later(GAP_S, self._apply_muted, kind)

    def _apply_muted(self, kind: DeviceKind) -> None:
        self._apply(kind, self._muted[kind])

    def _apply(self, kind: DeviceKind, muted: bool) -> bool:
        """Whether anything had to be changed."""
        track = self._tracks[kind]
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
