"""What the speaker's callback does: it mixes the remote audio tracks, in PortAudio's thread, every 5 ms."""

import threading
import time
from typing import Any

import numpy as np

from app.call.audio.apm import LOUD, Processing
from app.call.audio.pcm import Samples
from app.call.audio.playout_buffer import PlayRing


class Ear:
    """The loudspeaker's callback: mixes the remote voices."""

    def __init__(self, processing: Processing) -> None:
        self._processing = processing
        self._lock = threading.Lock()
        self._rings: dict[str, PlayRing] = {}
        self._mixed: tuple[PlayRing, ...] = ()
        self._loud_at = 0.0

    def quiet_s(self) -> float:
        """For how long nothing has been played that can be heard."""
        return time.monotonic() - self._loud_at

    def add(self, voice: str) -> PlayRing:
        """A ring for this voice (a track's SID); what is put into it is heard."""
        with self._lock:
            ring = self._rings[voice] = PlayRing()
            self._mixed = tuple(self._rings.values())
            return ring

    def remove(self, voice: str) -> None:
        with self._lock:
            self._rings.pop(voice, None)
            self._mixed = tuple(self._rings.values())

    def rings(self) -> tuple[PlayRing, ...]:
        return self._mixed

    def __call__(self, out: Any, frames: int) -> None:
        blocks = [block for ring in self._mixed if (block := ring.get(frames)) is not None]
        played = blocks[0] if len(blocks) == 1 else _mixed(blocks, frames)
        out[:] = pcm = played.tobytes()
        loud = bool(played.max(initial=0) > LOUD)
        if loud:
            self._loud_at = time.monotonic()
        self._processing.note_played(pcm, loud)


def _mixed(blocks: list[Samples], frames: int) -> Samples:
    mix = np.zeros(frames, np.int32)
    for block in blocks:
        mix += block
    return np.clip(mix, -32768, 32767).astype(np.int16)
