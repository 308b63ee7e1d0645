"""How well a call runs: samples of the last seconds become a rating. Pure."""

from collections import deque
from enum import StrEnum

from app.call.contract.stats import QualitySample, Rating, worst
from app.call.stats.samples import ratio

WINDOW_S = 6.0
"""A rating looks this far back: long enough that one lost burst is not a bad connection."""
BETTER_AFTER_S = 5.0
"""A better rating is given only when it has held for this long; a worse one at once."""
FAIR_FROM, POOR_FROM = 0, 1
ROUND_TRIP_MS = (200.0, 400.0)
"""To the server and back; the path to the peer has a second half. ITU-T G.114: above 400 ms talk breaks down."""
LOSS = (0.03, 0.10)
"""Opus hides single losses with its own repair; from a tenth on words go missing."""
CONCEALED = (0.02, 0.07)
FROZEN = (0.05, 0.2)


class ServerQuality(StrEnum):
    """What the server says of a participant's connection (LiveKit's ConnectionQuality)."""

    UNKNOWN = "unknown"
    GOOD = "good"
    POOR = "poor"
    LOST = "lost"


class ConnectionRater:
    """Rates both connections from the samples of the last seconds."""

    def __init__(self) -> None:
        self._samples: deque[QualitySample] = deque()
        self._own = _Hysteresis()
        self._peer = _Hysteresis()

    def add(
        self, sample: QualitySample, own_server_quality: ServerQuality, peer_server_quality: ServerQuality | None
    ) -> tuple[Rating, Rating | None]:
        """The rating of this side and of the peer, None while they are not there (`peer_server_quality` None)."""
        self._samples.append(sample)
        while sample.at_s - self._samples[0].at_s > WINDOW_S:
            self._samples.popleft()
        seen = list(self._samples)
        own = self._own.add(own_rating(seen, own_server_quality, peer_server_quality), sample.at_s)
        if peer_server_quality is None:
            self._peer = _Hysteresis()
            return own, None
        return own, self._peer.add(peer_rating(seen, own, peer_server_quality), sample.at_s)


class _Hysteresis:
    """Follows a rating down at once and up with patience."""

    def __init__(self) -> None:
        self._shown: Rating | None = None
        self._better_since: float | None = None

    def add(self, rating: Rating, at_s: float) -> Rating:
        shown = self._shown
        if shown is None or worst(rating, shown) is rating:
            self._shown, self._better_since = rating, None
            return rating
        if self._better_since is None:
            self._better_since = at_s
        if at_s - self._better_since >= BETTER_AFTER_S:
            self._shown, self._better_since = rating, None
            return rating
        return shown


def own_rating(
    samples: list[QualitySample], own_server_quality: ServerQuality, peer_server_quality: ServerQuality | None
) -> Rating:
    """This side's connection: its round trip and its losses. Downlink loss counts against the
    peer's connection where the server rates that one as bad: the server passes their gaps on.
    """
    theirs = (
        peer_server_quality in (ServerQuality.POOR, ServerQuality.LOST) and own_server_quality is ServerQuality.GOOD
    )
    return worst(
        _rate(_mean([each.round_trip_ms for each in samples]), ROUND_TRIP_MS),
        _rate(_mean([each.loss_out for each in samples]), LOSS),
        Rating.GOOD if theirs else _rate(_mean([each.loss_in for each in samples]), LOSS),
        _rating_of(own_server_quality),
    )


def peer_rating(samples: list[QualitySample], own: Rating, peer_server_quality: ServerQuality) -> Rating:
    """The peer's connection: the server's rating of it, and what arrives broken from them while this side's connection
    is good. A bad connection here explains all that arrives here.
    """
    reported = _rating_of(peer_server_quality)
    if own is not Rating.GOOD:
        return reported
    whole_s = sum(each.span_s for each in samples)
    return worst(
        reported,
        _rate(ratio(sum(each.frozen_s for each in samples), whole_s), FROZEN),
        _rate(_mean([each.concealed for each in samples]), CONCEALED),
    )


def _rating_of(quality: ServerQuality) -> Rating:
    return Rating.POOR if quality in (ServerQuality.POOR, ServerQuality.LOST) else Rating.GOOD


def _rate(value: float | None, limits: tuple[float, float]) -> Rating:
    if value is None or value < limits[FAIR_FROM]:
        return Rating.GOOD
    return Rating.FAIR if value < limits[POOR_FROM] else Rating.POOR


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
