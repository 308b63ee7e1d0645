"""Two readings of the connection's counters become one sample. Pure.

The counters are WebRTC's own (https://www.w3.org/TR/webrtc-stats/), read by `app.call.stats.rtc_stats`.
"""

from dataclasses import dataclass

from app.call.contract.stats import PictureSize, QualitySample


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
        sound_buffer_ms=ratio(buffered * 1000, after.sound_left_buffer - before.sound_left_buffer),
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
    share = ratio(max(0, part), whole)
    return None if share is None else min(1.0, share)


def ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None
