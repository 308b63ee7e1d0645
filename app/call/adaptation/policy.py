"""Video is reduced before audio suffers: its size and rate follow loss, delay and concealment. Pure.

WebRTC shares its estimate of the bandwidth between audio and video, audio first. It does not know what the listener
hears, nor that the peer's downlink is narrow: the server forwards everything, and audio is lost with the video. So each
side watches what it sends and what arrives, and asks the peer to send less.
"""

from collections import deque
from dataclasses import dataclass, replace

from app.call.contract.stats import QualitySample


@dataclass(frozen=True)
class VideoConstraint:
    """What is sent at most; nothing at all when `rate_hz` is 0."""

    width: int
    height: int
    rate_hz: int


STEPS = (
    VideoConstraint(1280, 720, 30),
    VideoConstraint(640, 360, 20),
    VideoConstraint(320, 180, 10),
    VideoConstraint(2, 2, 0),
    VideoConstraint(960, 540, 30),
    VideoConstraint(640, 360, 30),
)
"""By the digit that a request carries: new ones come last, and a client that does not know one ignores it."""
FULL, SMALLEST, PAUSED = 0, 2, 3
"""A bad connection never goes below the smallest; paused is for video that nobody sees."""
TILE_540, TILE_360 = 4, 5
"""For a tile that shows no more: at the full rate, and no reduction."""
_ORDER = (FULL, TILE_540, TILE_360, 1, SMALLEST, PAUSED)


def smallest_of(*steps: int) -> int:
    """The one of these steps that lets the least through."""
    return max(steps, key=_ORDER.index)


WORSE_AFTER_S = 3.0
BETTER_AFTER_S = 12.0
SMALLER_TILE_AFTER_S = 3.0
"""A window that is being dragged smaller does not change the peer's video all the way."""
MAX_PATIENCE_S = 96.0
"""Each time that a larger video was too much, the next try waits twice as long, up to this."""
RELAPSE_S = 15.0
LOST = 0.08
LOSS_SAMPLES = 4
CONCEALED = 0.04
LATE_MS = 800.0
"""Only packets in a queue that is too full are so late."""


def uplink_degraded(sample: QualitySample) -> bool:
    """What this side sends is lost or late. A low estimate of the bandwidth is no reason: the encoder keeps to it by
    itself, and it only rises again while the video asks for more.
    """
    lost = sample.loss_out is not None and sample.loss_out >= LOST
    late = sample.round_trip_ms is not None and sample.round_trip_ms >= LATE_MS
    return lost or late


def downlink_degraded(sample: QualitySample) -> bool:
    """The peer's audio arrives broken."""
    concealed = sample.concealed is not None and sample.concealed >= CONCEALED
    lost = sample.loss_in is not None and sample.loss_in >= LOST
    return concealed or lost


class LossSmoother:
    """A mean of loss over the last samples: reports of it get lost themselves, and the next one covers two seconds or
    three, so that one sample alone is too good or too bad.
    """

    def __init__(self) -> None:
        self._samples: deque[QualitySample] = deque(maxlen=LOSS_SAMPLES)

    def smooth(self, sample: QualitySample) -> QualitySample:
        """The newest sample, with the mean loss of the last few seconds each way."""
        self._samples.append(sample)
        return replace(
            sample,
            loss_in=_mean([each.loss_in for each in self._samples]),
            loss_out=_mean([each.loss_out for each in self._samples]),
        )


def _mean(shares: list[float | None]) -> float | None:
    known = [share for share in shares if share is not None]
    return sum(known) / len(known) if known else None


class TileSize:
    """The step that fits what the peer's tile shows: a larger one at once, a smaller one once it is settled."""

    def __init__(self) -> None:
        self.step = FULL
        self._smaller_since_s: float | None = None

    def update(self, box: tuple[int, int] | None, now_s: float) -> None:
        """`box` in pixels, as the tile last asked; None: nobody has asked yet."""
        wanted = FULL if box is None else _step_for(box)
        if smallest_of(wanted, self.step) == self.step:
            self.step, self._smaller_since_s = wanted, None
            return
        if self._smaller_since_s is None:
            self._smaller_since_s = now_s
        if now_s - self._smaller_since_s >= SMALLER_TILE_AFTER_S:
            self.step, self._smaller_since_s = wanted, None


def _step_for(box: tuple[int, int]) -> int:
    """A frame of 16:9 is drawn into the box as large as fits."""
    height = min(box[1], box[0] * 9 / 16)
    return next((step for step in (TILE_360, TILE_540) if height <= STEPS[step].height), FULL)


class DegradationPolicy:
    """One direction's step: down after three bad seconds, up again with growing patience."""

    def __init__(self) -> None:
        self.step = FULL
        self._bad_s = self._good_s = 0.0
        self._since_up_s = 2 * RELAPSE_S
        self._patience_s = BETTER_AFTER_S

    def note(self, degraded: bool, span_s: float) -> int:
        """One sample's verdict; the step from now on."""
        self._since_up_s += span_s
        self._bad_s = self._bad_s + span_s if degraded else 0.0
        self._good_s = 0.0 if degraded else self._good_s + span_s
        if self._bad_s >= WORSE_AFTER_S and self.step < SMALLEST:
            self._go_down()
        elif self._good_s >= self._patience_s and self.step > FULL:
            self.step, self._good_s, self._since_up_s = self.step - 1, 0.0, 0.0
        elif self.step == FULL and self._since_up_s > 2 * RELAPSE_S:
            self._patience_s = BETTER_AFTER_S
        return self.step

    def _go_down(self) -> None:
        if self._since_up_s <= RELAPSE_S and self._patience_s < MAX_PATIENCE_S:
            self._patience_s *= 2
        self.step, self._bad_s = self.step + 1, 0.0
