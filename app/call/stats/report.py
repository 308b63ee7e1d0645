"""What is kept of how a call ran: a few figures for each person, gathered while it runs. Pure."""

from collections import Counter

from app.call.contract.stats import QualityReport, QualitySample, RatedTime, Rating, WeightedMean


class ReportAccumulator:
    """Gathers one call."""

    def __init__(self) -> None:
        self._measured_s = 0.0
        self._own, self._peer = RatedTime(), RatedTime()
        self._means = {
            name: WeightedMean() for name in ("round_trip_ms", "loss_in", "loss_out", "concealed", "rate_hz")
        }
        self._frozen_s = self._reduced_s = 0.0
        self._heights: Counter[int] = Counter()
        self.interruptions = 0

    def add(self, sample: QualitySample, own: Rating, peer: Rating | None, degraded: bool) -> None:
        """One sample with its ratings; `peer` is None while the peer is not there. `degraded`: see `reduced_s`."""
        self._measured_s += sample.span_s
        self._own = self._own.plus(_rated(own, sample.span_s))
        if peer is not None:
            self._peer = self._peer.plus(_rated(peer, sample.span_s))
        for name in ("round_trip_ms", "loss_in", "loss_out", "concealed"):
            self._means[name].add(getattr(sample, name), sample.span_s)
        self._frozen_s += sample.frozen_s
        self._reduced_s += sample.span_s if degraded else 0.0
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
            peer=self._peer,
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


def _rated(rating: Rating, span_s: float) -> RatedTime:
    return RatedTime(**{f"{rating.value}_s": span_s})
