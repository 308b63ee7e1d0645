"""Follows a call's quality on the media loop: one sample a second, from the same counters as the stall detector."""

from collections import deque
from collections.abc import Callable

from app.call.contract.call_state import CallSnapshot, CallState
from app.call.contract.stats import QualityReport, QualitySample, Rating
from app.call.state.store import SnapshotStore
from app.call.stats.rating import ConnectionRater, ServerQuality
from app.call.stats.report import ReportAccumulator
from app.call.stats.samples import RtcCounters, sample_of

KEPT_SAMPLES = 120
"""Two minutes for the graphs."""
SETTLED_POLLS = 3


class QualityMonitor:
    """Puts ratings into the snapshot as they change; keeps samples and the report for whoever asks, from any thread."""

    def __init__(self, store: SnapshotStore, on_sample: Callable[[QualitySample], bool]) -> None:
        """`on_sample` adapts to a sample, and returns whether the own video is degraded now."""
        self.samples: tuple[QualitySample, ...] = ()
        self._store = store
        self._on_sample = on_sample
        self._kept: deque[QualitySample] = deque(maxlen=KEPT_SAMPLES)
        self._rater = ConnectionRater()
        self._accumulator = ReportAccumulator()
        self._before: RtcCounters | None = None
        self._interrupted = False
        self._expected_polls = 0

    def add(
        self,
        counters: RtcCounters | None,
        own_server_quality: ServerQuality,
        peer_server_quality: ServerQuality | None,
        remote_video_visible: bool = True,
    ) -> QualitySample | None:
        """The newest reading, None when there was none; `peer_server_quality` is None while the peer is not there.
        `remote_video_visible`: somebody can see the peer's video. Returns the sample that it completes.
        """
        snapshot = self._store.snapshot
        if snapshot.state is CallState.RECONNECTING:
            self._note_interruption()
            return None
        self._interrupted = False
        before, self._before = self._before, counters
        if before is None or counters is None:
            return None
        sample = sample_of(before, counters, self._video_expected(snapshot, remote_video_visible))
        if sample is None:
            self._rater = ConnectionRater()
            return None
        self._kept.append(sample)
        self.samples = tuple(self._kept)
        own, peer = self._rater.add(sample, own_server_quality, peer_server_quality)
        degraded = self._on_sample(sample)
        self._accumulator.add(sample, own, peer, degraded)
        self._store.update(own_quality=own, peer_quality=peer, video_degraded=degraded)
        return sample

    def _video_expected(self, snapshot: CallSnapshot, remote_video_visible: bool) -> bool:
        """Only after some polls in a row: a camera that has just been switched on again ends what WebRTC counts as a
        freeze.
        """
        sent = snapshot.peer is not None and snapshot.peer.camera_on and snapshot.state is CallState.IN_CALL
        self._expected_polls = self._expected_polls + 1 if sent and remote_video_visible else 0
        return self._expected_polls >= SETTLED_POLLS

    def _note_interruption(self) -> None:
        if not self._interrupted:
            self._interrupted = True
            self._accumulator.interruptions += 1
        self._before, self._rater = None, ConnectionRater()
        self._store.update(own_quality=Rating.POOR, peer_quality=None, video_degraded=False)

    def report(self) -> QualityReport | None:
        """What has been measured so far; None when nothing was."""
        return self._accumulator.report()
