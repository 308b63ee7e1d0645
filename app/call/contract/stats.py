"""How well a call runs, in the types that the screens and the backend get. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Rating(StrEnum):
    """How good a connection is."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


_ORDER = (Rating.GOOD, Rating.FAIR, Rating.POOR)


def worst(*ratings: Rating) -> Rating:
    """The worst of them; good when there is none."""
    return max(ratings, key=_ORDER.index, default=Rating.GOOD)


@dataclass(frozen=True)
class VideoSize:
    """Size and rate of a video in one sample; `rate_hz` frames a second."""

    width: int
    height: int
    rate_hz: float


@dataclass(frozen=True)
class QualitySample:
    """A stretch of a call, `span_s` long and over at `at_s` (monotonic). Shares are 0..1; None: unknown."""

    at_s: float
    span_s: float
    round_trip_ms: float | None = None
    loss_in: float | None = None
    loss_out: float | None = None
    frozen_s: float = 0.0
    concealed: float | None = None
    jitter_buffer_ms: float | None = None
    kbit_in: float = 0.0
    kbit_out: float = 0.0
    available_outgoing_kbit: float | None = None
    received: VideoSize | None = None
    sent: VideoSize | None = None
    bandwidth_limited: bool = False
    encoder: str = ""
    video_buffer_ms: float | None = None


@dataclass(frozen=True)
class RatedTime:
    """Seconds under each rating."""

    good_s: float = 0.0
    fair_s: float = 0.0
    poor_s: float = 0.0

    @property
    def rating(self) -> Rating | None:
        """What was worse than good counts when it lasted a tenth of the time. None: never rated."""
        whole_s = self.good_s + self.fair_s + self.poor_s
        if whole_s <= 0:
            return None
        if self.poor_s >= whole_s * WORSE_SHARE:
            return Rating.POOR
        return Rating.FAIR if self.fair_s + self.poor_s >= whole_s * WORSE_SHARE else Rating.GOOD

    def plus(self, other: "RatedTime") -> "RatedTime":
        return RatedTime(self.good_s + other.good_s, self.fair_s + other.fair_s, self.poor_s + other.poor_s)


WORSE_SHARE = 0.1


@dataclass(frozen=True)
class QualityReport:
    """One person's side of a call. Seconds unless named otherwise; shares 0..1; None is "was never measured"."""

    measured_s: float
    own: RatedTime
    peer: RatedTime
    round_trip_ms: float | None = None
    loss_in: float | None = None
    loss_out: float | None = None
    concealed: float | None = None
    frozen_s: float = 0.0
    reduced_s: float = 0.0  # the own video gave way for the audio
    interruptions: int = 0
    received_height: int | None = None
    received_rate_hz: float | None = None


def merge_reports(reports: Iterable[QualityReport]) -> QualityReport | None:
    """One report of a call that was left and joined again; None of none."""
    whole: QualityReport | None = None
    for each in reports:
        whole = each if whole is None else _plus(whole, each)
    return whole


def _plus(one: QualityReport, two: QualityReport) -> QualityReport:
    longer = max(one, two, key=lambda each: each.measured_s)

    def mean(name: str) -> float | None:
        of = WeightedMean()
        for each in (one, two):
            of.add(getattr(each, name), each.measured_s)
        return of.value

    return QualityReport(
        measured_s=one.measured_s + two.measured_s,
        own=one.own.plus(two.own),
        peer=one.peer.plus(two.peer),
        round_trip_ms=mean("round_trip_ms"),
        loss_in=mean("loss_in"),
        loss_out=mean("loss_out"),
        concealed=mean("concealed"),
        frozen_s=one.frozen_s + two.frozen_s,
        reduced_s=one.reduced_s + two.reduced_s,
        interruptions=one.interruptions + two.interruptions,
        received_height=longer.received_height,
        received_rate_hz=mean("received_rate_hz"),
    )


class WeightedMean:
    """A mean over time; None does not count."""

    def __init__(self) -> None:
        self._sum = self._weight = 0.0

    def add(self, value: float | None, weight: float) -> None:
        if value is not None:
            self._sum += value * weight
            self._weight += weight

    @property
    def value(self) -> float | None:
        return self._sum / self._weight if self._weight > 0 else None
