"""What this side sends: one track for the microphone, one for the camera, published once and muted as need be."""

import asyncio
import logging
import threading
import time

from livekit import rtc

from app.call.adaptation.video_adapter import PictureGate
from app.call.audio.pcm import RATE_HZ as SOUND_RATE_HZ
from app.call.room.audio_sender import VoiceSender
from app.call.runtime.task_scope import Scope
from app.call.runtime.threads import MediaThread
from app.call.video.convert import Bytes
from app.call.video.sources import HEIGHT, RATE_HZ, WIDTH

log = logging.getLogger(__name__)

VIDEO_BITS_PER_S = 1_700_000
"""With 1 Mbit/s a picture loses its full size and 2.5 dB, with 2.5 it gains 0.4 dB (docs/decisions/0012)."""
KEEP_MOVING = rtc.DegradationPreference.MAINTAIN_FRAMERATE.value
"""Over a narrow way the picture becomes smaller and goes on moving; the SDK's other preferences make it stutter."""
BLANK = (16, 16)
BLACK = bytes(BLANK[0] * BLANK[1]) + b"\x80" * (BLANK[0] * BLANK[1] // 2)
"""I420."""
APART_S = 0.3
"""The SDK hands each word about a track to a task of its own: two at once reached the server in the other order."""
JUST_CHANGED_S = 30.0
"""What was said so shortly before a connection came back may have been said into the one that was lost."""
LocalTrack = rtc.LocalAudioTrack | rtc.LocalVideoTrack


class LocalMedia:
    """Made on the media loop. Tracks can be muted before they are published, and stay so over reconnects.

    In a call of two simulcast costs a second encoder and buys little, so there is none.
    """

    def __init__(
        self,
        gate: PictureGate,
        voices: MediaThread,
        voice_scope: Scope,
        recorded_by_sdk: "rtc.PlatformAudioSource | None" = None,
    ) -> None:
        """`voice_scope` owns what runs on `voices`."""
        self._gate = gate
        voice = rtc.AudioSource(SOUND_RATE_HZ, 1, queue_size_ms=0, loop=voices.loop)  # 0: straight to the encoder
        self.voice = VoiceSender(voice, voices, voice_scope)
        self._camera = rtc.VideoSource(WIDTH, HEIGHT)
        self.microphone = rtc.LocalAudioTrack.create_audio_track("microphone", recorded_by_sdk or voice)
        self.camera = rtc.LocalVideoTrack.create_video_track("camera", self._camera)
        self._recorded_by_sdk = recorded_by_sdk is not None
        self._changed_at_s: dict[LocalTrack, float] = {}
        self._wanted: dict[LocalTrack, bool] = {}
        self._sending, self._closed = threading.Lock(), False

    async def publish(self, room: rtc.Room) -> None:
        """Raises `rtc.PublishTrackError`. The SDK publishes again by itself after a reconnect.

        Each packet of sound carries the one before it once more (RED, RFC 2198): of losses little is heard then.
        """
        voice = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, red=True)
        picture = rtc.TrackPublishOptions(
            source=rtc.TrackSource.SOURCE_CAMERA,
            simulcast=False,
            degradation_preference=KEEP_MOVING,
            video_encoding=rtc.VideoEncoding(max_bitrate=VIDEO_BITS_PER_S, max_framerate=RATE_HZ),
        )
        self._send_no_blanks()
        await room.local_participant.publish_track(self.microphone, voice)
        await room.local_participant.publish_track(self.camera, picture)

    def _send_no_blanks(self) -> None:
        """Before its first picture a source of the SDK gives ten black ones a second, which are encoded at full size
        (a fiftieth of a core) also while the track is muted, in a call without a camera for its whole length.
        """
        if self.camera.muted:
            self._camera.capture_frame(rtc.VideoFrame(*BLANK, rtc.VideoBufferType.I420, BLACK))

    def show(self, microphone_on: bool, camera_on: bool) -> None:
        """Tells the other side what to expect."""
        self._wanted = {self.microphone: microphone_on, self.camera: camera_on}
        for track, on in self._wanted.items():
            if self._say(track, on):
                self._changed_at_s[track] = time.monotonic()

    def show_again(self) -> None:
        """The SDK is done with reconnecting. It (livekit 1.2.1) loses a muting that falls into that: the server goes on
        believing what was before. What has just changed is said anew, by changing it back and, a moment
        later, forth, for what is said at once overtakes each other. A muted track is not heard or seen meanwhile, for
        nothing is recorded for it; where the SDK itself records, it is left alone.
        """
        for track, changed_at_s in self._changed_at_s.items():
            recorded = self._recorded_by_sdk and track is self.microphone
            if time.monotonic() - changed_at_s < JUST_CHANGED_S and not (recorded and track.muted):
                _mute(track, not track.muted)
                asyncio.get_running_loop().call_later(APART_S, self._say_wanted, track)

    def _say_wanted(self, track: LocalTrack) -> None:
        self._say(track, self._wanted[track])

    def _say(self, track: LocalTrack, on: bool) -> bool:
        """Whether anything had to be said."""
        told = on == track.muted and not self._closed
        if told:
            _mute(track, not on)
        return told

    def send_picture(self, width: int, height: int, i420: Bytes) -> None:
        """From the capture's thread; the pixels are copied by the SDK before this returns. Dropped once closed: the
        camera outlives the link over which it was sent.
        """
        passed = self._gate.passed(width, height, i420)
        if passed is None:
            return
        width, height, i420 = passed
        with self._sending:
            if not self._closed:
                self._camera.capture_frame(rtc.VideoFrame(width, height, rtc.VideoBufferType.I420, i420.data))

    async def close(self) -> None:
        with self._sending:
            self._closed = True
        await self._camera.aclose()
        await self.voice.close()


def _mute(track: LocalTrack, muted: bool) -> None:
    if muted:
        track.mute()
    else:
        track.unmute()
