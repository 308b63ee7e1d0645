"""How well a call runs: two readings of the connection's counters become a sample, samples become a rating. Pure.

The counters are WebRTC's own (https://www.w3.org/TR/webrtc-stats/), read by `app.call.stats.rtc_stats`.
"""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum


class Rating(StrEnum):
    """A connection in one word."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


_ORDER = (Rating.GOOD, Rating.FAIR, Rating.POOR)


def worst(*ratings: Rating) -> Rating:
    """The worst of them; good when there is none."""
    return max(ratings, key=_ORDER.index, default=Rating.GOOD)


@dataclass(frozen=True)
class PictureFlow:
    """A picture on its way: what was encoded or decoded last, and how many there have been."""

    width: int = 0
    height: int = 0
    frames: int = 0


@dataclass(frozen=True)
class Counts:
    """One reading at `at_s` (monotonic). Everything that counts does so from the connection's beginning.

    `heard`: packets of any kind from the server; `media`: packets of the other's sound and picture; `lost_in` of them
    never came, `sound_packets` of them are sound. `lost_out`: packets of this side that the server says it has missed.
    """

    at_s: float
    heard: int = 0
    media: int = 0
    sound_packets: int = 0
    lost_in: int = 0
    sent: int = 0
    lost_out: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    round_trip_s: float | None = None
    may_send_bits: float | None = None  # the bandwidth estimate of what this side can send, bits a second
    frozen_s: float = 0.0
    sound_samples: int = 0
    sound_concealed: int = 0  # samples made up, silence not counted
    sound_buffered_s: float = 0.0  # summed over the samples that left the buffer
    sound_left_buffer: int = 0
    received: PictureFlow = PictureFlow()
    sent_picture: PictureFlow = PictureFlow()
    held_back: bool = False  # the encoder says that bandwidth limits its picture


@dataclass(frozen=True)
class PictureSize:
    """What a picture was in one sample; `rate_hz` pictures a second."""

    width: int
    height: int
    rate_hz: float


@dataclass(frozen=True)
class QualitySample:
    """A stretch of a call, `span_s` long and over at `at_s` (monotonic). Shares are 0..1; None: it cannot be said."""

    at_s: float
    span_s: float
    round_trip_ms: float | None = None
    loss_in: float | None = None
    loss_out: float | None = None
    frozen_s: float = 0.0
    concealed: float | None = None
    sound_buffer_ms: float | None = None
    kbit_in: float = 0.0
    kbit_out: float = 0.0
    may_send_kbit: float | None = None
    received: PictureSize | None = None
    sent: PictureSize | None = None
    held_back: bool = False


def sample_of(before: Counts, after: Counts, picture_expected: bool) -> QualitySample | None:
    """What happened between two readings; None when they do not belong together, as after a full reconnect.

    `picture_expected`: the other's camera is on and somebody looks; without a picture then, it stands still.
    """
    span_s = after.at_s - before.at_s
    grows = ("heard", "sent", "bytes_in", "bytes_out", "sound_samples", "sound_left_buffer")
    if span_s <= 0 or any(getattr(after, name) < getattr(before, name) for name in grows):
        return None
    came, missed = after.media - before.media, max(0, after.lost_in - before.lost_in)
    sent, missed_out = after.sent - before.sent, max(0, after.lost_out - before.lost_out)
    buffered = max(0.0, after.sound_buffered_s - before.sound_buffered_s)
    received = _picture(before.received, after.received, span_s)
    return QualitySample(
        at_s=after.at_s,
        span_s=span_s,
        round_trip_ms=None if after.round_trip_s is None else after.round_trip_s * 1000,
        loss_in=_share(missed, came + missed),
        loss_out=_share(missed_out, sent),
        frozen_s=_frozen_s(before, after, span_s) if picture_expected else 0.0,
        concealed=_share(after.sound_concealed - before.sound_concealed, after.sound_samples - before.sound_samples),
        sound_buffer_ms=_ratio(buffered * 1000, after.sound_left_buffer - before.sound_left_buffer),
        kbit_in=(after.bytes_in - before.bytes_in) * 8 / 1000 / span_s,
        kbit_out=(after.bytes_out - before.bytes_out) * 8 / 1000 / span_s,
        may_send_kbit=None if after.may_send_bits is None else after.may_send_bits / 1000,
        received=received,
        sent=_picture(before.sent_picture, after.sent_picture, span_s),
        held_back=after.held_back,
    )


def _frozen_s(before: Counts, after: Counts, span_s: float) -> float:
    """WebRTC counts a freeze only when it is over; one that goes on shows in that no picture came at all."""
    if after.received.frames == before.received.frames:
        return span_s
    return min(max(0.0, after.frozen_s - before.frozen_s), span_s)


def _picture(before: PictureFlow, after: PictureFlow, span_s: float) -> PictureSize | None:
    frames = after.frames - before.frames
    return PictureSize(after.width, after.height, frames / span_s) if frames > 0 else None


def _share(part: int, whole: int) -> float | None:
    share = _ratio(max(0, part), whole)
    return None if share is None else min(1.0, share)


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


# -- ratings

WINDOW_S = 6.0
"""A rating looks this far back: long enough that one lost burst is not a bad connection."""
BETTER_AFTER_S = 5.0
"""A better rating is given only when it has held for this long; a worse one at once."""
FAIR_FROM, POOR_FROM = 0, 1
ROUND_TRIP_MS = (200.0, 400.0)
"""To the server and back; the way to the other person has a second half. ITU-T G.114: above 400 ms talk breaks down."""
LOSS = (0.03, 0.10)
"""Opus hides single losses with its own repair; from a tenth on words go missing."""
CONCEALED = (0.02, 0.07)
FROZEN = (0.05, 0.2)


class ServersWord(StrEnum):
    """What the server says of a participant's connection (LiveKit's ConnectionQuality)."""

    UNKNOWN = "unknown"
    WELL = "well"
    POOR = "poor"
    LOST = "lost"


class Judge:
    """Rates both connections from the samples of the last seconds."""

    def __init__(self) -> None:
        self._samples: deque[QualitySample] = deque()
        self._own = _Steady()
        self._other = _Steady()

    def note(
        self, sample: QualitySample, own_word: ServersWord, other_word: ServersWord | None
    ) -> tuple[Rating, Rating | None]:
        """The rating of this side and of the other, None while they are not there (`other_word` None)."""
        self._samples.append(sample)
        while sample.at_s - self._samples[0].at_s > WINDOW_S:
            self._samples.popleft()
        seen = list(self._samples)
        own = self._own.note(own_rating(seen, own_word, other_word), sample.at_s)
        if other_word is None:
            self._other = _Steady()
            return own, None
        return own, self._other.note(other_rating(seen, own, other_word), sample.at_s)


class _Steady:
    """Follows a rating down at once and up with patience."""

    def __init__(self) -> None:
        self._shown: Rating | None = None
        self._better_since: float | None = None

    def note(self, rating: Rating, at_s: float) -> Rating:
        shown = self._shown
        if shown is None or _ORDER.index(rating) >= _ORDER.index(shown):
            self._shown, self._better_since = rating, None
            return rating
        if self._better_since is None:
            self._better_since = at_s
        if at_s - self._better_since >= BETTER_AFTER_S:
            self._shown, self._better_since = rating, None
            return rating
        return shown


def own_rating(samples: list[QualitySample], own_word: ServersWord, other_word: ServersWord | None) -> Rating:
    """This side's connection: its round trip and its losses. What is lost on the way here is laid to the other's
    connection where the server holds theirs for the bad one: it passes their gaps on.
    """
    theirs = other_word in (ServersWord.POOR, ServersWord.LOST) and own_word is ServersWord.WELL
    return worst(
        _rate(_mean([each.round_trip_ms for each in samples]), ROUND_TRIP_MS),
        _rate(_mean([each.loss_out for each in samples]), LOSS),
        Rating.GOOD if theirs else _rate(_mean([each.loss_in for each in samples]), LOSS),
        _rating_of(own_word),
    )


def other_rating(samples: list[QualitySample], own: Rating, other_word: ServersWord) -> Rating:
    """The other's connection: what the server says of it, and what arrives from them broken while this side's
    connection is good. A bad connection here explains all that arrives here.
    """
    said = _rating_of(other_word)
    if own is not Rating.GOOD:
        return said
    whole_s = sum(each.span_s for each in samples)
    return worst(
        said,
        _rate(_ratio(sum(each.frozen_s for each in samples), whole_s), FROZEN),
        _rate(_mean([each.concealed for each in samples]), CONCEALED),
    )


def _rating_of(word: ServersWord) -> Rating:
    return Rating.POOR if word in (ServersWord.POOR, ServersWord.LOST) else Rating.GOOD


def _rate(value: float | None, limits: tuple[float, float]) -> Rating:
    if value is None or value < limits[FAIR_FROM]:
        return Rating.GOOD
    return Rating.FAIR if value < limits[POOR_FROM] else Rating.POOR


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
