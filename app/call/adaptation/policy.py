"""The picture gives way before the sound: how large and how often it is sent, from how the sound fares. Pure.

WebRTC shares its estimate of the bandwidth between sound and picture, sound first. What it does not know is what the
listener hears, nor that the other's way down from the server is narrow: the server passes everything on, and sound is
lost with the picture. So each side watches what it sends and what arrives, and asks the other to send less.
"""

from collections import deque
from dataclasses import dataclass, replace

from app.call.contract.stats import QualitySample


@dataclass(frozen=True)
class PictureStep:
    """What is sent at most; nothing at all when `rate_hz` is 0."""

    width: int
    height: int
    rate_hz: int


STEPS = (PictureStep(1280, 720, 30), PictureStep(640, 360, 20), PictureStep(320, 180, 10), PictureStep(2, 2, 0))
FULL, SMALLEST, NOTHING = 0, 2, 3
"""A bad connection never goes below the smallest; nothing is for a picture that nobody sees."""

WORSE_AFTER_S = 3.0
BETTER_AFTER_S = 12.0
MOST_PATIENCE_S = 96.0
"""Each time that a larger picture was too much, the next try waits twice as long, up to this."""
RELAPSE_S = 15.0
LOST = 0.08
LOSS_SAMPLES = 4
CONCEALED = 0.04
LATE_MS = 800.0
"""So late comes only what stands in a queue that is too full."""


def sound_suffers_out(sample: QualitySample) -> bool:
    """What this side sends is lost or late. A low estimate of the bandwidth is no reason: the encoder keeps to it by
    itself, and it only rises again while a picture asks for more.
    """
    lost = sample.loss_out is not None and sample.loss_out >= LOST
    late = sample.round_trip_ms is not None and sample.round_trip_ms >= LATE_MS
    return lost or late


def sound_suffers_in(sample: QualitySample) -> bool:
    """The other's voice arrives broken."""
    concealed = sample.concealed is not None and sample.concealed >= CONCEALED
    lost = sample.loss_in is not None and sample.loss_in >= LOST
    return concealed or lost


class RecentLoss:
    """Evens out what is said of loss: reports of it get lost themselves, and the next speaks for two seconds or three,
    so that a second alone looks good or terrible.
    """

    def __init__(self) -> None:
        self._samples: deque[QualitySample] = deque(maxlen=LOSS_SAMPLES)

    def evened(self, sample: QualitySample) -> QualitySample:
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


class PictureRule:
    """One direction's step: down after three bad seconds, up again with growing patience."""

    def __init__(self) -> None:
        self.step = FULL
        self._bad_s = self._good_s = 0.0
        self._since_up_s = 2 * RELAPSE_S
        self._patience_s = BETTER_AFTER_S

    def note(self, suffers: bool, span_s: float) -> int:
        """One sample's verdict; the step from now on."""
        self._since_up_s += span_s
        self._bad_s = self._bad_s + span_s if suffers else 0.0
        self._good_s = 0.0 if suffers else self._good_s + span_s
        if self._bad_s >= WORSE_AFTER_S and self.step < SMALLEST:
            self._go_down()
        elif self._good_s >= self._patience_s and self.step > FULL:
            self.step, self._good_s, self._since_up_s = self.step - 1, 0.0, 0.0
        elif self.step == FULL and self._since_up_s > 2 * RELAPSE_S:
            self._patience_s = BETTER_AFTER_S
        return self.step

    def _go_down(self) -> None:
        if self.step < SMALLEST and self._since_up_s <= RELAPSE_S and self._patience_s < MOST_PATIENCE_S:
            self._patience_s *= 2
        self.step, self._bad_s = self.step + 1, 0.0
