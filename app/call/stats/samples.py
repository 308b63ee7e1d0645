"""Two readings of the connection's counters become one sample. Pure.

The counters are WebRTC's own (https://www.w3.org/TR/webrtc-stats/), read by `app.call.stats.rtc_stats`.
"""

from dataclasses import dataclass

from app.call.contract.stats import QualitySample, VideoSize


@dataclass(frozen=True)
class VideoCounters:
    """Video in one direction: the size of the last frame encoded or decoded, and how many there have been."""

    width: int = 0
    height: int = 0
    frames: int = 0


@dataclass(frozen=True)
class RtcCounters:
    """One reading at `at_s` (monotonic). Everything that counts does so from the connection's beginning.

    `packets_received`: of any kind, from the server; `media`: packets of the peer's audio and video; `lost_in` of them
    never came, `audio_packets` of them are audio. `lost_out`: packets of this side that the server says it has missed.
    `screen_frames` are those of a screen that the peer shares, which count nowhere else.
    `unknown`: names of the counters here that the SDK does not give, and that are 0 for that.
    """

    at_s: float
    packets_received: int = 0
    media: int = 0
    audio_packets: int = 0
    lost_in: int = 0
    sent: int = 0
    lost_out: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    round_trip_s: float | None = None
    available_outgoing_bits: float | None = None  # the bandwidth estimate of what this side can send, bits a second
    frozen_s: float = 0.0
    audio_samples: int = 0
    audio_concealed: int = 0  # silence not counted
    audio_buffered_s: float = 0.0  # summed over the samples that left the buffer
    audio_left_buffer: int = 0
    video_buffered_s: float = 0.0  # summed over the frames that left the buffer
    video_left_buffer: int = 0
    received: VideoCounters = VideoCounters()
    screen_frames: int = 0
    sent_video: VideoCounters = VideoCounters()
    bandwidth_limited: bool = False  # the encoder says that bandwidth limits its video
    encoder: str = ""  # of the video that is sent, in WebRTC's words: libvpx, OpenH264, VideoToolbox
    unknown: frozenset[str] = frozenset()


def sample_of(before: RtcCounters, after: RtcCounters, video_expected: bool) -> QualitySample | None:
    """What happened between two readings; None when they do not belong together, as after a full reconnect.

    `video_expected`: the peer's camera is on and somebody looks; without a frame then, the video is frozen.
    """
    span_s = after.at_s - before.at_s
    grows = ("packets_received", "sent", "bytes_in", "bytes_out", "audio_samples", "audio_left_buffer")
    if span_s <= 0 or any(getattr(after, name) < getattr(before, name) for name in grows):
        return None
    came, missed = after.media - before.media, max(0, after.lost_in - before.lost_in)
    sent, missed_out = after.sent - before.sent, max(0, after.lost_out - before.lost_out)
    buffered = max(0.0, after.audio_buffered_s - before.audio_buffered_s)
    held = max(0.0, after.video_buffered_s - before.video_buffered_s)
    received = _video_size(before.received, after.received, span_s)
    frames_known = "received" not in after.unknown
    return QualitySample(
        at_s=after.at_s,
        span_s=span_s,
        round_trip_ms=None if after.round_trip_s is None else after.round_trip_s * 1000,
        loss_in=_share(missed, came + missed),
        loss_out=_share(missed_out, sent),
        frozen_s=_frozen_s(before, after, span_s) if video_expected and frames_known else 0.0,
        concealed=_share(after.audio_concealed - before.audio_concealed, after.audio_samples - before.audio_samples),
        jitter_buffer_ms=ratio(buffered * 1000, after.audio_left_buffer - before.audio_left_buffer),
        video_buffer_ms=ratio(held * 1000, after.video_left_buffer - before.video_left_buffer),
        kbit_in=(after.bytes_in - before.bytes_in) * 8 / 1000 / span_s,
        kbit_out=(after.bytes_out - before.bytes_out) * 8 / 1000 / span_s,
        available_outgoing_kbit=None if after.available_outgoing_bits is None else after.available_outgoing_bits / 1000,
        received=received,
        sent=_video_size(before.sent_video, after.sent_video, span_s),
        bandwidth_limited=after.bandwidth_limited,
        encoder=after.encoder,
    )


def _frozen_s(before: RtcCounters, after: RtcCounters, span_s: float) -> float:
    """WebRTC counts a freeze only when it is over; one that goes on shows in that no frame came at all."""
    if after.received.frames == before.received.frames:
        return span_s
    return min(max(0.0, after.frozen_s - before.frozen_s), span_s)


def _video_size(before: VideoCounters, after: VideoCounters, span_s: float) -> VideoSize | None:
    frames = after.frames - before.frames
    return VideoSize(after.width, after.height, frames / span_s) if frames > 0 else None


def _share(part: int, whole: int) -> float | None:
    share = ratio(max(0, part), whole)
    return None if share is None else min(1.0, share)


def ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None
