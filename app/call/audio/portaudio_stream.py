"""One open microphone or loudspeaker: the PortAudio stream, its age and delay, and its way to step aside and back."""

import sys
import time
from collections.abc import Callable
from typing import Any

from app.call.audio import portaudio
from app.call.audio.pcm import RATE_HZ
from app.call.contract.devices import DeviceKind
from app.call.runtime.thread_priority import go_first

DELAY_MOST_S = 0.4
"""What a driver says beyond that is taken for nonsense: some name times of another clock."""
SMOOTHING = 0.05
CALLED_FIRST = sys.platform != "linux"
"""There PortAudio's own threads have the system's priority for sound already."""


class SoundStream:
    """`callback` runs in PortAudio's thread. `open` and `close` block: they are for a worker thread.

    While `passing` is False nothing is recorded or played: so a second stream can take over from a first, both open.
    """

    def __init__(
        self, kind: DeviceKind, device_id: str, block: int, latency_s: float, callback: Callable[..., None]
    ) -> None:
        self.kind = kind
        self.device_id = device_id
        self.latency_s = latency_s
        self.passing = True
        self._block = block
        self._callback = callback
        self._stream: Any = None
        self.calls = 0
        """How often PortAudio has called back since the stream was opened."""
        self._called_at = time.monotonic()
        self.strained = 0
        """How often PortAudio said that samples were lost on this side, or the loudspeaker must have run dry."""
        self.delay_s = latency_s
        """Between the callback and the air: how old a sample of the microphone is, how long one of the loudspeaker
        still takes. Measured by PortAudio's time stamps where the driver has any, else what the stream says of itself.
        """

    def open(self) -> "SoundStream":
        """Raises `SoundUnavailable`."""
        self._start()
        portaudio.register(self)
        return self

    def close(self) -> None:
        portaudio.unregister(self)
        self.suspend()

    def suspend(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            portaudio.close_stream(stream)

    def resume(self) -> None:
        """A device that is gone stays silent; its age then tells."""
        try:
            self._start()
        except portaudio.SoundUnavailable:
            self._called_at = 0.0

    def _start(self) -> None:
        self.calls = 0
        self._called_at = time.monotonic()
        self._stream = portaudio.open_stream(self.kind, self.device_id, self._block, self.latency_s, self._called)
        self.delay_s = min(float(self._stream.latency), DELAY_MOST_S)

    def _called(self, samples: Any, frames: int, when: Any, flags: Any) -> None:
        before, self._called_at = self._called_at, time.monotonic()
        if not self.calls and not CALLED_FIRST:
            go_first()
        self.calls += 1
        if flags or (self.calls > 1 and self._ran_dry(self._called_at - before, frames)):
            self.strained += 1
        self._note_delay(when)
        if self.passing:
            self._callback(samples, frames)
        elif self.kind is DeviceKind.SPEAKER:
            samples[:] = bytes(len(samples))

    def _ran_dry(self, waited_s: float, frames: int) -> bool:
        """What was queued, and the block that was added last, is shorter than the wait: not every driver tells, such as
        PulseAudio's for ALSA.
        """
        return self.kind is DeviceKind.SPEAKER and waited_s > self.delay_s + frames / RATE_HZ

    def _note_delay(self, when: Any) -> None:
        if self.kind is DeviceKind.MICROPHONE:
            delay_s = when.currentTime - when.inputBufferAdcTime if when.inputBufferAdcTime else 0.0
        else:
            delay_s = when.outputBufferDacTime - when.currentTime if when.outputBufferDacTime else 0.0
        if 0.0 < delay_s < DELAY_MOST_S:
            self.delay_s += SMOOTHING * (delay_s - self.delay_s)

    def age_s(self) -> float:
        """Seconds since PortAudio last called back, or was asked to begin: a device that was unplugged just stops."""
        return time.monotonic() - self._called_at
