"""One open microphone or loudspeaker: the PortAudio stream, its age, and its way to step aside and come back."""

import time
from collections.abc import Callable
from typing import Any

from app.call import portaudio
from app.call.ports import DeviceKind


class SoundStream:
    """`callback` runs in PortAudio's thread. `open` and `close` block: they are for a worker thread."""

    def __init__(
        self, kind: DeviceKind, device_id: str, block: int, latency_s: float, callback: Callable[..., None]
    ) -> None:
        self.kind = kind
        self.device_id = device_id
        self.latency_s = latency_s
        self._block = block
        self._callback = callback
        self._stream: Any = None
        self.calls = 0
        """How often PortAudio has called back since the stream was opened."""
        self._called_at = time.monotonic()
        self.strained = 0
        """How often PortAudio said that samples were lost on this machine's side."""

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

    def _called(self, samples: Any, frames: int, when: Any, flags: Any) -> None:
        self._called_at = time.monotonic()
        self.calls += 1
        if flags:
            self.strained += 1
        self._callback(samples, frames)

    def age_s(self) -> float:
        """Seconds since PortAudio last called back, or was asked to begin: a device that was unplugged just stops."""
        return time.monotonic() - self._called_at
