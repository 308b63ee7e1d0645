"""One open microphone or speaker: the PortAudio stream, its delay and its xruns; it can be suspended and resumed.

Its clock is `perf_counter`: before Python 3.13 `monotonic` ticks every 15.6 ms on Windows, and a block lasts 5.
"""

import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from app.call.audio.driver import portaudio
from app.call.audio.driver.errors import AudioUnavailable
from app.call.audio.pcm import RATE_HZ
from app.call.contract.devices import DeviceKind
from app.call.runtime.thread_priority import raise_priority

MAX_DELAY_S = 0.4
"""A longer delay than this is not believed: some drivers give times of another clock."""
SMOOTHING = 0.05
PORTAUDIO_IS_REALTIME = sys.platform != "linux"
"""There PortAudio's own threads have the system's priority for audio already."""


class PortAudioStream:
    """`callback` runs in PortAudio's thread. `open` and `close` block: they are for a worker thread.

    While `active` is False nothing is recorded or played: so a second stream can take over from a first while both are
    open. `one_at_a_time` is the lock of both: they have one callback.
    """

    def __init__(
        self,
        kind: DeviceKind,
        device_id: str,
        block: int,
        latency_s: float,
        callback: Callable[..., None],
        one_at_a_time: "threading.Lock | None" = None,
    ) -> None:
        self.kind = kind
        self.device_id = device_id
        self.latency_s = latency_s
        self.active = True
        self._block = block
        self._callback = callback
        self._one_at_a_time = one_at_a_time or threading.Lock()
        self._stream: Any = None
        self.calls = 0
        """How often PortAudio has called back since the stream was opened."""
        self._called_at = time.perf_counter()
        self.xruns = 0
        """How often PortAudio reported lost samples, or the speaker must have underrun."""
        self.delay_s = latency_s
        """Between the callback and the air: how old a sample of the microphone is, how long one of the speaker
        still takes. Measured by PortAudio's time stamps where the driver has any, else what the stream says of itself.
        """

    def open(self) -> "PortAudioStream":
        """Raises `AudioUnavailable`."""
        with portaudio.exclusive():
            self._start()
            portaudio.register(self)
        return self

    def close(self) -> None:
        with portaudio.exclusive():
            portaudio.unregister(self)
            self.suspend()

    def suspend(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            portaudio.close_stream(stream)

    def resume(self) -> None:
        """A device that is gone stays silent; `idle_s` then grows."""
        try:
            self._start()
        except AudioUnavailable:
            self._called_at = float("-inf")

    def _start(self) -> None:
        self.calls = 0
        self._called_at = time.perf_counter()
        self._stream = portaudio.open_stream(self.kind, self.device_id, self._block, self.latency_s, self._called)
        self.delay_s = min(float(self._stream.latency), MAX_DELAY_S)

    def _called(self, samples: Any, frames: int, when: Any, flags: Any) -> None:
        before, self._called_at = self._called_at, time.perf_counter()
        if not self.calls and not PORTAUDIO_IS_REALTIME:
            raise_priority()
        self.calls += 1
        if flags or (self.calls > 1 and self._underran(self._called_at - before, frames)):
            self.xruns += 1
        self._note_delay(when)
        with self._one_at_a_time:  # while one takes over, both can be in here
            active = self.active
            if active:
                self._callback(samples, frames)
        if not active and self.kind is DeviceKind.SPEAKER:
            samples[:] = bytes(len(samples))

    def _underran(self, waited_s: float, frames: int) -> bool:
        """What was queued, and the block that was added last, is shorter than the wait: not every driver reports it,
        such as PulseAudio's for ALSA.
        """
        return self.kind is DeviceKind.SPEAKER and waited_s > self.delay_s + frames / RATE_HZ

    def _note_delay(self, when: Any) -> None:
        if self.kind is DeviceKind.MICROPHONE:
            delay_s = when.currentTime - when.inputBufferAdcTime if when.inputBufferAdcTime else 0.0
        else:
            delay_s = when.outputBufferDacTime - when.currentTime if when.outputBufferDacTime else 0.0
        if 0.0 < delay_s < MAX_DELAY_S:
            self.delay_s += SMOOTHING * (delay_s - self.delay_s)

    def idle_s(self) -> float:
        """Seconds since PortAudio last called back, or was asked to begin: a device that was unplugged just stops."""
        return time.perf_counter() - self._called_at
