"""What the microphone's callback does: cleaning, the level bar, muting. In PortAudio's thread, every 10 ms."""

import time
from collections import deque
from collections.abc import Callable
from typing import Any

from livekit import rtc

from app.call.audio.apm import Processing, decibels, loudness_of
from app.call.audio.pcm import FRAME, RATE_HZ
from app.call.audio.vad import Nothing, VoiceActivity

LEVEL_FRAMES = 10
"""The level bar looks at the last 100 ms."""
QUIETEST_DB = -60.0


class Mouth:
    """The microphone's callback: cleans, measures, mutes and hands on.

    Muted frames are handed on as silence, so that the clock of the sound goes on and unmuting adds no delay.
    """

    def __init__(self, processing: Processing, hand_on: Callable[[rtc.AudioFrame], None]) -> None:
        self._processing = processing
        self._hand_on = hand_on
        self._levels: deque[float] = deque(maxlen=LEVEL_FRAMES)
        self._heard_at = 0.0
        self._voice = VoiceActivity()
        self.muted = False
        self.nothing = Nothing()

    def __call__(self, samples: Any, frames: int) -> None:
        pcm = bytearray(samples)
        loudness = loudness_of(pcm)
        self._levels.append(loudness)
        self._heard_at = time.monotonic()
        self.nothing.note(loudness, self._heard_at)
        frame = rtc.AudioFrame(pcm, RATE_HZ, 1, frames)
        if frames == FRAME:
            self._processing.clean(frame, loudness)
        if self.muted:
            self._voice.note(decibels(loudness_of(pcm)))  # cleaned: what the loudspeaker says is not this person
            frame = rtc.AudioFrame.create(RATE_HZ, 1, frames)
        self._hand_on(frame)

    def mute(self, muted: bool) -> None:
        """From the next 10 ms on."""
        self._voice.restart()
        self.muted = muted

    @property
    def speaking_muted(self) -> bool:
        """This person speaks, and nobody hears it."""
        return self.muted and self._voice.speaking

    def level(self) -> float:
        """0..1 over the last 100 ms, in decibels from -60 to 0 so that the bar moves as the ear hears."""
        loudest = max(self._levels, default=0.0)
        if loudest < 1 or time.monotonic() - self._heard_at > 0.5:
            return 0.0
        return min(max((decibels(loudest) - QUIETEST_DB) / -QUIETEST_DB, 0.0), 1.0)
