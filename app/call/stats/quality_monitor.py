"""Follows a call's quality on the media loop: one look a second, from the same reading as the watch for stalls."""

from collections import deque
from collections.abc import Callable

from app.call.contract.call_state import CallSnapshot, CallState
from app.call.contract.stats import QualityReport, QualitySample, Rating
from app.call.state.store import Board
from app.call.stats.rating import Judge, ServersWord
from app.call.stats.report import Tally
from app.call.stats.samples import Counts, sample_of

KEPT_SAMPLES = 120
"""Two minutes for the graphs."""
SETTLED_LOOKS = 3


class QualityWatch:
    """Puts ratings on the board as they change; keeps the samples and the tally for whoever asks, from any thread."""

    def __init__(self, board: Board, on_sample: Callable[[QualitySample], bool]) -> None:
        """`on_sample` adapts to a sample, and returns whether the own video is reduced now."""
        self.samples: tuple[QualitySample, ...] = ()
        self._board = board
        self._on_sample = on_sample
        self._kept: deque[QualitySample] = deque(maxlen=KEPT_SAMPLES)
        self._judge = Judge()
        self._tally = Tally()
        self._before: Counts | None = None
        self._interrupted = False
        self._expected_looks = 0

    def note(
        self, counts: Counts | None, own_word: ServersWord, other_word: ServersWord | None, watched: bool = True
    ) -> None:
        """The newest reading, None when there was none; `other_word` is None while the other is not there. `watched`:
        somebody can see the other's picture.
        """
        snapshot = self._board.snapshot
        if snapshot.state is CallState.RECONNECTING:
            self._note_interruption()
            return
        self._interrupted = False
        before, self._before = self._before, counts
        if before is None or counts is None:
            return
        sample = sample_of(before, counts, self._picture_expected(snapshot, watched))
        if sample is None:
            self._judge = Judge()
            return
        self._kept.append(sample)
        self.samples = tuple(self._kept)
        own, other = self._judge.note(sample, own_word, other_word)
        reduced = self._on_sample(sample)
        self._tally.add(sample, own, other, reduced)
        self._board.change(own_quality=own, other_quality=other, picture_reduced=reduced)

    def _picture_expected(self, snapshot: CallSnapshot, watched: bool) -> bool:
        """For some looks on end: a camera that has just been switched on again ends what WebRTC counts as a freeze."""
        sent = snapshot.other is not None and snapshot.other.camera_on and snapshot.state is CallState.IN_CALL
        self._expected_looks = self._expected_looks + 1 if sent and watched else 0
        return self._expected_looks >= SETTLED_LOOKS

    def _note_interruption(self) -> None:
        if not self._interrupted:
            self._interrupted = True
            self._tally.interruptions += 1
        self._before, self._judge = None, Judge()
        self._board.change(own_quality=Rating.POOR, other_quality=None, picture_reduced=False)

    def report(self) -> QualityReport | None:
        """What has been measured so far; None when nothing was."""
        return self._tally.report()
