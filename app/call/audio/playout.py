"""What the speaker's callback does: it mixes the remote audio tracks, in PortAudio's thread, every 5 ms."""

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from app.call.audio.apm import LOUD, AudioProcessing
from app.call.audio.pcm import RATE_HZ, Samples
from app.call.audio.playout_buffer import PlayoutBuffer


class PlayoutMixer:
    """The speaker's callback: mixes the remote audio tracks."""

    def __init__(self, processing: AudioProcessing) -> None:
        self._processing = processing
        self._lock = threading.Lock()
        self._buffers: dict[str, PlayoutBuffer] = {}
        self._mixed: tuple[PlayoutBuffer, ...] = ()
        self._loud_at = 0.0
        self.on_played: Callable[[bytes], object] | None = None
        """A recording's: each block as it is heard, in PortAudio's thread."""

    def quiet_s(self) -> float:
        """For how long nothing has been played that can be heard."""
        return time.monotonic() - self._loud_at

    def add_track(self, sid: str) -> PlayoutBuffer:
        """A playout buffer for this track, by its SID; what is put into it is heard."""
        with self._lock:
            buffer = self._buffers[sid] = PlayoutBuffer()
            self._mixed = tuple(self._buffers.values())
            return buffer

    def remove_track(self, sid: str) -> None:
        with self._lock:
            self._buffers.pop(sid, None)
            self._mixed = tuple(self._buffers.values())

    def delay_ms(self) -> float:
        """What waits now in the fullest buffer."""
        return max((1000 * len(buffer) / RATE_HZ for buffer in self._mixed), default=0.0)

    def buffers(self) -> tuple[PlayoutBuffer, ...]:
        return self._mixed

    def __call__(self, out: Any, frames: int) -> None:
        blocks = [block for buffer in self._mixed if (block := buffer.get(frames)) is not None]
        played = blocks[0] if len(blocks) == 1 else _mixed(blocks, frames)
        out[:] = pcm = played.tobytes()
        loud = bool(played.max(initial=0) > LOUD)
        if loud:
            self._loud_at = time.monotonic()
        self._processing.process_render(pcm, loud)
        if (on_played := self.on_played) is not None:
            on_played(pcm)


def _mixed(blocks: list[Samples], frames: int) -> Samples:
    mix = np.zeros(frames, np.int32)
    for block in blocks:
        mix += block
    return np.clip(mix, -32768, 32767).astype(np.int16)
