"""What the microphone's callback does: cleaning, the level bar, muting. In PortAudio's thread, every 10 ms."""

import time
from collections import deque
from collections.abc import Callable
from typing import Any

from livekit import rtc

from app.call.audio.apm import AudioProcessing, decibels, loudness_of
from app.call.audio.pcm import FRAME, RATE_HZ
from app.call.audio.vad import DigitalSilenceDetector, VoiceActivity

LEVEL_FRAMES = 10
"""The level bar shows the last 100 ms."""
QUIETEST_DB = -60.0


class CapturePipeline:
    """The microphone's callback: cleans, measures, mutes and passes on.

    Muted frames are passed on as silence, so that the stream's clock goes on and unmuting adds no delay.
    """

    def __init__(self, processing: AudioProcessing, on_frame: Callable[[rtc.AudioFrame], None]) -> None:
        self._processing = processing
        self._on_frame = on_frame
        self._levels: deque[float] = deque(maxlen=LEVEL_FRAMES)
        self._heard_at = 0.0
        self._activity = VoiceActivity()
        self.muted = False
        self.digital_silence = DigitalSilenceDetector()
        self.on_sent: Callable[[bytes], object] | None = None
        """A recording's: each block as it is sent, in PortAudio's thread."""

    def __call__(self, samples: Any, frames: int) -> None:
        pcm = bytearray(samples)
        loudness = loudness_of(pcm)
        self._levels.append(loudness)
        self._heard_at = time.monotonic()
        self.digital_silence.note(loudness, self._heard_at)
        frame = rtc.AudioFrame(pcm, RATE_HZ, 1, frames)
        if frames == FRAME:
            self._processing.process_capture(frame, loudness)
        if self.muted:
            self._activity.note(decibels(loudness_of(pcm)))  # cleaned: what the speaker plays is not this person
            frame = rtc.AudioFrame.create(RATE_HZ, 1, frames)
        self._on_frame(frame)
        if (on_sent := self.on_sent) is not None:
            on_sent(bytes(frame.data))

    def mute(self, muted: bool) -> None:
        """From the next 10 ms on."""
        self._activity.restart()
        self.muted = muted

    @property
    def speaking_muted(self) -> bool:
        """This person speaks, and nobody hears it."""
        return self.muted and self._activity.speaking

    def level(self) -> float:
        """0..1 over the last 100 ms, in decibels from -60 to 0 so that the bar moves as the ear hears."""
        loudest = max(self._levels, default=0.0)
        if loudest < 1 or time.monotonic() - self._heard_at > 0.5:
            return 0.0
        return min(max((decibels(loudest) - QUIETEST_DB) / -QUIETEST_DB, 0.0), 1.0)
