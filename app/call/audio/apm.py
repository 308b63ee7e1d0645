"""WebRTC's audio processing module (APM): it cleans the microphone's audio, with what the speaker plays as reference.

It runs in PortAudio's threads, every 10 ms (microphone) and every 5 ms (speaker).
"""

import math
from typing import Any

import numpy as np
from livekit import rtc

from app.call.audio.pcm import FRAME, RATE_HZ

FRAME_BYTES = 2 * FRAME
LOUD = 300
"""A sample above this is heard by the person at the speaker."""
MAX_DELAY_MS = 500
"""WebRTC refuses more."""
ECHO_LASTS_FRAMES = 40
"""From the callback of the speaker through the air and the room into that of the microphone, in frames of 10 ms."""
ECHO_TAKEN_OUT = 0.5
"""When less than this share of a frame's loudness is left, the peer's voice was cancelled: this person would be heard
through it (6 dB).
"""
AUDIBLE = 3.0
"""Root mean square below which a frame says nothing of the gain."""
SMOOTHING = 0.2


def decibels(loudness: float) -> float:
    """Of a root mean square of 16-bit samples, relative to full scale."""
    return 20 * math.log10(max(loudness, 0.1) / 32768)


def loudness_of(pcm: Any) -> float:
    """The root mean square of 16-bit samples."""
    samples = np.frombuffer(pcm, np.int16).astype(np.float32)
    return math.sqrt(float(np.dot(samples, samples)) / len(samples)) if len(samples) else 0.0


class AutoGain:
    """WebRTC's gain control brings a quiet voice up; held back while it would bring up what is left of an echo."""

    def __init__(self) -> None:
        self._module = rtc.AudioProcessingModule(auto_gain_control=True)
        self._gain = self._applied = 1.0

    def apply(self, frame: rtc.AudioFrame, loudness: float) -> None:
        """In place; this person's voice, or quiet. `loudness` is the frame's."""
        self._module.process_stream(frame)
        if loudness > AUDIBLE:
            self._gain += SMOOTHING * (loudness_of(frame.data) / loudness - self._gain)
        if self._applied < self._gain:
            _scale(frame, self._applied / self._gain, 1.0)
        self._applied = self._gain

    def hold(self, frame: rtc.AudioFrame) -> None:
        """In place; what is left of an echo. The gain control learns nothing from it."""
        target = min(self._gain, 1.0)
        _scale(frame, self._applied, target)
        self._applied = target


def _scale(frame: rtc.AudioFrame, first: float, last: float) -> None:
    """From one factor to the other within the frame, so that nothing clicks."""
    samples = np.frombuffer(frame.data, np.int16)
    scaled = samples * np.linspace(first, last, len(samples), dtype=np.float32)
    samples[:] = np.clip(scaled, -32768, 32767).astype(np.int16)


class AudioProcessing:
    """WebRTC's echo cancellation, noise suppression, high-pass filter and gain control; one for both directions.

    AEC3 finds the delay between speaker and microphone by itself; what it is given is its first guess. The gain
    control stands apart, for inside the same module it lifts what is left of an echo (9 to 15 dB, decision 11).
    """

    def __init__(self) -> None:
        self._module = rtc.AudioProcessingModule(
            echo_cancellation=True, noise_suppression=True, high_pass_filter=True, auto_gain_control=False
        )
        self._gain = AutoGain()
        self._delay_ms = 0
        self._module.set_stream_delay_ms(0)
        self._played = bytearray()
        self._echo_for = 0

    def set_delay_s(self, delay_s: float) -> None:
        """The time from `process_render` through the air to `process_capture`, as the devices measure it."""
        delay_ms = min(max(round(1000 * delay_s), 0), MAX_DELAY_MS)
        if delay_ms != self._delay_ms:
            self._delay_ms = delay_ms
            self._module.set_stream_delay_ms(delay_ms)

    def process_capture(self, frame: rtc.AudioFrame, loudness: float) -> None:
        """In place, exactly 10 ms. `loudness` is the frame's."""
        self._module.process_stream(frame)
        left = loudness_of(frame.data)
        if self._echo_for > 0 and left < ECHO_TAKEN_OUT * loudness:
            self._gain.hold(frame)
        else:
            self._gain.apply(frame, left)
        self._echo_for -= 1

    def process_render(self, pcm: bytes, loud: bool) -> None:
        """What goes to the speaker, 16-bit samples, is what the echo canceller takes out of the microphone.
        `loud`: a sample of it is above `LOUD`.
        """
        if loud:
            self._echo_for = ECHO_LASTS_FRAMES
        self._played += pcm
        while len(self._played) >= FRAME_BYTES:
            frame = rtc.AudioFrame(self._played[:FRAME_BYTES], RATE_HZ, 1, FRAME)
            self._module.process_reverse_stream(frame)
            del self._played[:FRAME_BYTES]
