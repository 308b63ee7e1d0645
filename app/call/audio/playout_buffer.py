"""One remote track between two clocks: LiveKit's, which brings 10 ms at a time, and the sound card's,
which takes 5.

Bounded and adaptive, so that the delay can neither grow nor be longer than this machine needs.
"""

import threading

import numpy as np

from app.call.audio.pcm import FRAME, MS, RATE_HZ, Samples
from app.call.audio.plc import Concealment

FADE = 5 * MS
QUIET = 300
"""A pause of the speaker: no sample of it is above this."""


CALM_S, LONG_CALM_S, LONGEST_CALM_S = 10, 60, 480
"""Without an underrun, before the target shrinks; and before it shrinks to about what was too short the last time:
twice as long each time that it proves too short again.
"""
ABOUT = 2 * MS
COST, MAX_CONCEALED, DECAY_S = 10 * MS, 60 * MS, 30
"""Of an underrun, beside what was concealed; how much within about half a minute costs no delay, for it is not
heard: a sixth of the loss at which a connection is called fair, in moments of 10 to 60 ms.
"""


class PlayoutBuffer:
    """`target` is what should be left at the lowest point: it starts at `floor_ms`, grows by 3 ms when underruns become
    more than can be concealed unheard, shrinks by a quarter, 1 ms at least, after calm seconds. What is above it
    (clock drift, the burst after a stall) is taken out by a cross-fade once a second, 5 ms of speech at most but all of
    it in a pause; what is above `target` + `max_excess_ms` is dropped at once.
    """

    def __init__(self, floor_ms: int = 2, max_excess_ms: int = 60) -> None:
        self._floor, self._max_excess = floor_ms * MS, max_excess_ms * MS
        self._lock = threading.Lock()
        self._waiting: Samples = np.zeros(0, np.int16)
        self._playing = False
        self._concealment = Concealment()
        self._lowest, self._played, self._quiet_s = self._max_excess, 0, 0
        self._concealed = 0
        self.target = self._floor
        self._too_short, self._long_calm_s = -ABOUT, LONG_CALM_S
        self.underruns = 0
        self.gaps = 0
        """Underruns that lasted longer than can be concealed."""
        self.trimmed = 0
        """Samples taken out, by cross-fade or by a jump."""

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, samples: Samples) -> None:
        with self._lock:
            self._waiting = np.concatenate((self._waiting, samples))
            if len(self._waiting) > self.target + self._max_excess:  # after a long stall: jump back to now
                keep = self.target + 2 * FRAME
                self.trimmed += len(self._waiting) - keep
                self._waiting = self._waiting[-keep:]

    def get(self, count: int) -> Samples | None:
        """The next `count` samples, concealed for a moment when they are late; None while there are too few to begin
        with.
        """
        with self._lock:
            if not self._playing and not self._begin():
                return self._continue(count) if self._concealment.going_on else None
            have = len(self._waiting)
            if have < count:
                return self._on_underrun(count)
            block, self._waiting = self._waiting[:count], self._waiting[count:]
            self._lowest = min(self._lowest, have - count)
            self._played += count
            self._concealment.note(block)
            if self._played >= RATE_HZ:
                self._adapt()
            return block

    def _continue(self, count: int) -> Samples:
        made = self._concealment.more(count)
        self._concealed += count
        self.gaps += not self._concealment.going_on
        return made

    def _begin(self) -> bool:
        """Playing starts with the target plus the frame that is being played."""
        if self._concealed > MAX_CONCEALED:
            self._lengthen()
        needed = self.target + FRAME
        if len(self._waiting) < needed:
            return False
        self._waiting = self._concealment.end(self._waiting[-needed:])
        self._playing, self._lowest, self._played = True, self._max_excess, 0
        return True

    def _on_underrun(self, count: int) -> Samples:
        self.underruns += 1
        self._playing, self._quiet_s = False, 0
        last, self._waiting = self._waiting, self._waiting[:0]
        self._concealed += COST + count - len(last)
        self._concealment.note(last)
        self._concealment.begin()
        if not self._concealment.going_on:  # hardly begun
            faded = (last * np.linspace(1, 0, len(last))).astype(np.int16)  # instead of a click
            return np.pad(faded, (0, count - len(last)))
        return np.concatenate((last, self._concealment.more(count - len(last))))

    def _lengthen(self) -> None:
        self._concealed = 0
        if self.target < self._too_short + ABOUT:
            self._long_calm_s = min(2 * self._long_calm_s, LONGEST_CALM_S)
        self._too_short = self.target
        self.target = min(self.target + 3 * MS, self._max_excess)

    def _adapt(self) -> None:
        self._shrink()
        self._concealed -= self._concealed // DECAY_S
        extra = min(self._lowest - self.target, len(self._waiting) - FADE)
        if np.abs(self._waiting[: extra + FADE].astype(np.int32)).max(initial=0) > QUIET:
            extra = min(extra, FADE)
        if extra > MS:
            share = np.arange(FADE) / FADE
            mixed = self._waiting[:FADE] * (1 - share) + self._waiting[extra : extra + FADE] * share
            self._waiting = np.concatenate((mixed.astype(np.int16), self._waiting[extra + FADE :]))
            self.trimmed += extra
        self._lowest, self._played = self._max_excess, 0

    def _shrink(self) -> None:
        self._quiet_s += 1
        shorter = max(self.target - max(self.target // 4, MS), self._floor)
        calm_s = CALM_S if shorter > self._too_short + ABOUT else self._long_calm_s
        if shorter < self.target and self._quiet_s >= calm_s:
            self.target, self._quiet_s = shorter, 0
