"""Both voices on one timeline: each block where it belongs by its instant, without clicks. Positions are samples.

A stream's own clock is exact, but what counts it may lose blocks, and the device may be a little too quick or slow. The
instants at which blocks come jitter, and are only ever late: so the least late of a while tells where a stream stands.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from app.call.audio.pcm import MS, RATE_HZ, Samples

MOST_PENDING = 4 * RATE_HZ
TOLERATED, JUMP = 10 * MS, 150 * MS
"""A stream that is further off is put right: after a while of blocks, or at once."""
SETTLED = 5 * MS
"""So near it is brought in the first while, when all that is known is when its first block came."""
WINDOW_BLOCKS = 20
FADE = 5 * MS
Mix = NDArray[np.float32]


class VoiceTrack:
    """One voice, from `begin` on: what has been put and not been taken."""

    def __init__(self, begin: int) -> None:
        self._begin = begin
        self._pending: Samples = np.zeros(MOST_PENDING, np.int16)
        self._next: int | None = None
        self._late: deque[int] = deque(maxlen=WINDOW_BLOCKS)
        self._settled = False
        self.corrections = 0

    def put(self, at: int, samples: Samples, resync: bool = False) -> None:
        """A block whose first sample came at `at` or before; `resync`: some before it were lost."""
        before = self._next
        place = self._place(at, resync)
        block = samples
        if before is None:
            block = _faded_in(block)
        elif place > before:
            self._fade_out(before)
            block = _faded_in(block)
        elif place < before:
            block = self._over(place, block)
        self._write(place, block)
        if before is not None and place < before:
            self._clear(place + len(block), before)
        self._next = place + len(block)

    def _place(self, at: int, resync: bool) -> int:
        if self._next is None or resync or abs(at - self._next) > JUMP:
            self._late.clear()
            self._settled = False
            return at if self._next is None or not resync else max(at, self._next)
        self._late.append(at - self._next)
        if len(self._late) < WINDOW_BLOCKS:
            return self._next
        off, tolerated = min(self._late), TOLERATED if self._settled else SETTLED
        self._settled = True
        if abs(off) <= tolerated:
            return self._next
        self._late.clear()
        self.corrections += 1
        return self._next + off

    def _fade_out(self, end: int) -> None:
        first = max(end - FADE, self._begin) - self._begin
        last = end - self._begin
        if last > first:
            tail = self._pending[first:last]
            tail[:] = tail * np.linspace(1, 0, len(tail))

    def _over(self, place: int, block: Samples) -> Samples:
        """The block, whose beginning is faded over what stands there."""
        first = place - self._begin
        count = min(FADE, len(block))
        if first < 0 or first + count > MOST_PENDING:
            return _faded_in(block)
        rise = np.linspace(0, 1, count)
        mixed = block.copy()
        mixed[:count] = self._pending[first : first + count] * (1 - rise) + block[:count] * rise
        return mixed

    def _write(self, place: int, block: Samples) -> None:
        """What lies before `begin` was taken already, and what lies too far ahead does not fit: both are left out."""
        first = place - self._begin
        skipped, first = max(0, -first), max(0, first)
        count = min(len(block) - skipped, MOST_PENDING - first)
        if count > 0:
            self._pending[first : first + count] = block[skipped : skipped + count]

    def _clear(self, first: int, last: int) -> None:
        first, last = max(first - self._begin, 0), min(last - self._begin, MOST_PENDING)
        if last > first:
            self._pending[first:last] = 0

    def take(self, until: int) -> Samples:
        """From `begin` to here; what never came is silence. `begin` is here now."""
        count = until - self._begin
        taken = self._pending[:count].copy()
        self._pending[: MOST_PENDING - count] = self._pending[count:]
        self._pending[MOST_PENDING - count :] = 0
        self._begin = until
        return taken


class VoiceMixer:
    """Both voices from `begin` on, as one."""

    def __init__(self, voices: int, begin: int = 0) -> None:
        self.position = begin
        self._tracks = [VoiceTrack(begin) for _ in range(voices)]

    def restart(self) -> None:
        """A new part of the recording, whose streams begin wherever they are."""
        self._tracks = [VoiceTrack(self.position) for _ in self._tracks]

    def put(self, voice: int, at: int, samples: Samples, resync: bool = False) -> None:
        self._tracks[voice].put(at, samples, resync)

    def take(self, until: int) -> Mix:
        """What is to be heard up to here, -1 to 1."""
        mixed = [np.zeros(0, np.float32)]
        while self.position < until:
            step = min(until, self.position + MOST_PENDING // 2)
            parts = [track.take(step) for track in self._tracks]
            total = np.sum(parts, axis=0, dtype=np.int32)
            mixed.append(np.clip(total, -32768, 32767).astype(np.float32) / np.float32(32768))
            self.position = step
        return np.concatenate(mixed)


def _faded_in(block: Samples) -> Samples:
    count = min(FADE, len(block))
    faded = block.copy()
    faded[:count] = block[:count] * np.linspace(0, 1, count)
    return faded
