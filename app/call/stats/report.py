"""What is kept of how a call ran: a few figures for each person, gathered while it runs. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from app.call.stats.rating import QualitySample, Rating


@dataclass(frozen=True)
class RatedTime:
    """Seconds under each rating."""

    good_s: float = 0.0
    fair_s: float = 0.0
    poor_s: float = 0.0

    @property
    def rating(self) -> Rating | None:
        """In one word: what was worse than good counts when it lasted a tenth of the time. None: never rated."""
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
    other: RatedTime
    round_trip_ms: float | None = None
    loss_in: float | None = None
    loss_out: float | None = None
    concealed: float | None = None
    frozen_s: float = 0.0
    reduced_s: float = 0.0  # the own picture gave way for the sound
    interruptions: int = 0
    received_height: int | None = None
    received_rate_hz: float | None = None


class Tally:
    """Gathers one call."""

    def __init__(self) -> None:
        self._measured_s = 0.0
        self._own, self._other = RatedTime(), RatedTime()
        self._means = {name: _Mean() for name in ("round_trip_ms", "loss_in", "loss_out", "concealed", "rate_hz")}
        self._frozen_s = self._reduced_s = 0.0
        self._heights: Counter[int] = Counter()
        self.interruptions = 0

    def add(self, sample: QualitySample, own: Rating, other: Rating | None, reduced: bool) -> None:
        """One sample with its ratings; `other` is None while the other is not there. `reduced`: see `reduced_s`."""
        self._measured_s += sample.span_s
        self._own = self._own.plus(_rated(own, sample.span_s))
        if other is not None:
            self._other = self._other.plus(_rated(other, sample.span_s))
        for name in ("round_trip_ms", "loss_in", "loss_out", "concealed"):
            self._means[name].add(getattr(sample, name), sample.span_s)
        self._frozen_s += sample.frozen_s
        self._reduced_s += sample.span_s if reduced else 0.0
        if sample.received is not None:
            self._heights[sample.received.height] += 1
            self._means["rate_hz"].add(sample.received.rate_hz, sample.span_s)

    def report(self) -> QualityReport | None:
        """None when nothing was measured."""
        if self._measured_s <= 0:
            return None
        return QualityReport(
            measured_s=self._measured_s,
            own=self._own,
            other=self._other,
            round_trip_ms=self._means["round_trip_ms"].value,
            loss_in=self._means["loss_in"].value,
            loss_out=self._means["loss_out"].value,
            concealed=self._means["concealed"].value,
            frozen_s=self._frozen_s,
            reduced_s=self._reduced_s,
            interruptions=self.interruptions,
            received_height=self._heights.most_common(1)[0][0] if self._heights else None,
            received_rate_hz=self._means["rate_hz"].value,
        )


def joined(reports: Iterable[QualityReport]) -> QualityReport | None:
    """One report of a call that was left and joined again; None of none."""
    whole: QualityReport | None = None
    for each in reports:
        whole = each if whole is None else _plus(whole, each)
    return whole


def _plus(one: QualityReport, two: QualityReport) -> QualityReport:
    longer = max(one, two, key=lambda each: each.measured_s)

    def mean(name: str) -> float | None:
        of = _Mean()
        for each in (one, two):
            of.add(getattr(each, name), each.measured_s)
        return of.value

    return QualityReport(
        measured_s=one.measured_s + two.measured_s,
        own=one.own.plus(two.own),
        other=one.other.plus(two.other),
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


def _rated(rating: Rating, span_s: float) -> RatedTime:
    return RatedTime(**{f"{rating.value}_s": span_s})


class _Mean:
    """A mean over time; what cannot be said does not count."""

    def __init__(self) -> None:
        self._sum = self._weight = 0.0

    def add(self, value: float | None, weight: float) -> None:
        if value is not None:
            self._sum += value * weight
            self._weight += weight

    @property
    def value(self) -> float | None:
        return self._sum / self._weight if self._weight > 0 else None
