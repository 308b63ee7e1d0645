"""Packet loss concealment: when samples are late, the last period of the voice is repeated and fades. Pure.

As ITU-T G.711 Appendix I does for lost packets: the pitch is where the voice is most like itself a little before; that
stretch is repeated at full loudness first, then ever quieter, and the samples that come at last are faded in.
"""

import numpy as np
from numpy.typing import NDArray

from app.call.audio.pcm import MS, Samples

SHORTEST, LONGEST = 5 * MS // 2, 15 * MS
"""Of a period: voices from 66 to 400 Hz."""
COMPARED = 10 * MS
STEP = 4
"""Every fourth sample is enough to find the period by, and a sixteenth of the work."""
LOUD_FOR, FADES_FOR, FADES_IN_FOR = 10 * MS, 50 * MS, 5 * MS
"""The first two as in that appendix."""
SEAM = 2 * MS
RETAINED = COMPARED + LONGEST + SEAM


class Concealment:
    """Gets what is played, block by block; `begin` when no more is there, then `more` until it comes."""

    def __init__(self) -> None:
        self._past: Samples = np.zeros(0, np.int16)
        self._period: NDArray[np.float32] = np.zeros(0, np.float32)
        self._seam = 0.0
        self._made = 0
        self.going_on = False

    def note(self, block: Samples) -> None:
        self._past = np.concatenate((self._past, block))[-RETAINED:]

    def begin(self) -> None:
        """After what was noted last."""
        self._made = 0
        self.going_on = len(self._past) == RETAINED
        if self.going_on:
            past = self._past.astype(np.float32)
            period = _period_of(past)
            self._period = _seamless(past, period)
            self._seam = float(past[-1] - past[-1 - period])

    def more(self, count: int) -> Samples:
        """The next samples, zeros once the voice has faded; `going_on` tells that."""
        at = np.arange(self._made, self._made + count)
        loudness = np.clip(1 - (at - LOUD_FOR) / FADES_FOR, 0.0, 1.0)
        seam = self._seam * np.clip(1 - at / SEAM, 0.0, 1.0)  # no jump from what was played last
        self._made += count
        self.going_on = self._made < LOUD_FOR + FADES_FOR
        made = self._period[at % len(self._period)] * loudness + seam
        return np.clip(made, -32768, 32767).astype(np.int16)

    def end(self, following: Samples) -> Samples:
        """What has come, its first samples faded in over what would have gone on here. As it is before any `begin`."""
        if not len(self._period):
            return following
        fade = min(len(following), FADES_IN_FOR)
        share = np.arange(fade) / fade
        mixed = self.more(fade) * (1 - share) + following[:fade] * share
        self.going_on, self._period = False, self._period[:0]
        return np.concatenate((mixed.astype(np.int16), following[fade:]))


def _seamless(past: NDArray[np.float32], period: int) -> NDArray[np.float32]:
    """The last period, whose end runs over into what came before its beginning: so it can be repeated."""
    repeated, before = past[-period:].copy(), past[-period - SEAM : -period]
    share = np.arange(1, SEAM + 1, dtype=np.float32) / SEAM
    repeated[-SEAM:] = repeated[-SEAM:] * (1 - share) + before * share
    return repeated


def _period_of(past: NDArray[np.float32]) -> int:
    """In samples, of `RETAINED`: how far before its end the past is most like its end."""
    heard = past[::STEP]
    newest = heard[-(COMPARED // STEP) :]
    energy = np.convolve(np.square(heard), np.ones(len(newest), np.float32), "valid")
    likeness = np.correlate(heard, newest) / np.sqrt(energy + 1.0)
    lags = np.arange(len(likeness) - 1, -1, -1) * STEP
    possible = (lags >= SHORTEST) & (lags <= LONGEST)
    return int(lags[possible][np.argmax(likeness[possible])])
