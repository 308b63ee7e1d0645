"""The SDK's statistics become counters, also those of an SDK that has renamed some of its fields."""

from dataclasses import replace
from typing import Any

import pytest
from livekit.rtc._proto import stats_pb2

from app.call.connectivity.link_monitor import received_of
from app.call.stats.rtc_stats import counters_of, track_identifier, unknown_counters
from app.call.stats.samples import RtcCounters, VideoCounters, sample_of
from app.call.stats.stall_detector import StallDetector


def stats(n: int = 1) -> list[Any]:
    """One of each kind, as the SDK gives them, everything counted `n` times."""
    pair = stats_pb2.RtcStats()
    pair.candidate_pair.candidate_pair.packets_received = 100 * n
    pair.candidate_pair.candidate_pair.requests_received = 10 * n
    pair.candidate_pair.candidate_pair.responses_received = 1 * n
    pair.candidate_pair.candidate_pair.nominated = True
    pair.candidate_pair.candidate_pair.current_round_trip_time = 0.08
    pair.candidate_pair.candidate_pair.bytes_received = 5000 * n
    pair.candidate_pair.candidate_pair.bytes_sent = 3000 * n
    pair.candidate_pair.candidate_pair.available_outgoing_bitrate = 2e6
    audio = stats_pb2.RtcStats()
    audio.inbound_rtp.stream.kind = "audio"
    audio.inbound_rtp.received.packets_received = 50 * n
    audio.inbound_rtp.received.packets_lost = 2 * n
    audio.inbound_rtp.inbound.total_samples_received = 48_000 * n
    audio.inbound_rtp.inbound.concealed_samples = 480 * n
    audio.inbound_rtp.inbound.silent_concealed_samples = 80 * n
    video = stats_pb2.RtcStats()
    video.inbound_rtp.stream.kind = "video"
    video.inbound_rtp.received.packets_received = 40 * n
    video.inbound_rtp.inbound.frame_width = 1280
    video.inbound_rtp.inbound.frame_height = 720
    video.inbound_rtp.inbound.frames_decoded = 30 * n
    sent = stats_pb2.RtcStats()
    sent.outbound_rtp.stream.kind = "video"
    sent.outbound_rtp.sent.packets_sent = 60 * n
    sent.outbound_rtp.outbound.frame_width = 640
    sent.outbound_rtp.outbound.frame_height = 360
    sent.outbound_rtp.outbound.frames_encoded = 29 * n
    sent.outbound_rtp.outbound.encoder_implementation = "libvpx"
    sent.outbound_rtp.outbound.quality_limitation_reason = stats_pb2.QualityLimitationReason.LIMITATION_BANDWIDTH
    missed = stats_pb2.RtcStats()
    missed.remote_inbound_rtp.received.packets_lost = 3 * n
    return [pair, audio, video, sent, missed]


def test_every_counter_is_read_from_its_field() -> None:
    assert counters_of(stats(), at_s=7.0) == RtcCounters(
        at_s=7.0,
        packets_received=111,
        media=90,
        audio_packets=50,
        lost_in=2,
        sent=60,
        lost_out=3,
        bytes_in=5000,
        bytes_out=3000,
        round_trip_s=pytest.approx(0.08),  # type: ignore[arg-type]  # a float, nearly
        available_outgoing_bits=2e6,
        audio_samples=48_000,
        audio_concealed=400,
        received=VideoCounters(1280, 720, 30),
        sent_video=VideoCounters(640, 360, 29),
        bandwidth_limited=True,
        encoder="libvpx",
    )


class Renamed:
    """A message of the SDK in which one field has another name."""

    def __init__(self, message: Any, missing: str) -> None:
        self._message, self._missing = message, missing

    def __getattr__(self, name: str) -> Any:
        if name == self._missing:
            raise AttributeError(name)
        found = getattr(self._message, name)
        return Renamed(found, self._missing) if hasattr(found, "DESCRIPTOR") else found


def read_without(missing: str, n: int) -> RtcCounters:
    return counters_of([Renamed(each, missing) for each in stats(n)], at_s=float(n))


FIELDS = [
    "candidate_pair",
    "packets_received",
    "requests_received",
    "responses_received",
    "nominated",
    "bytes_received",
    "bytes_sent",
    "current_round_trip_time",
    "available_outgoing_bitrate",
    "received",
    "packets_lost",
    "inbound",
    "stream",
    "kind",
    "frame_width",
    "frame_height",
    "frames_decoded",
    "total_freeze_duration",
    "total_samples_received",
    "concealed_samples",
    "silent_concealed_samples",
    "jitter_buffer_delay",
    "jitter_buffer_emitted_count",
    "sent",
    "packets_sent",
    "outbound",
    "frames_encoded",
    "encoder_implementation",
    "quality_limitation_reason",
]
"""Every name that is read."""


@pytest.mark.parametrize("missing", FIELDS)
def test_a_field_that_the_sdk_does_not_have_makes_its_counters_unknown_and_nothing_worse(missing: str) -> None:
    first, second = read_without(missing, 1), read_without(missing, 2)
    assert second.unknown
    sample_of(first, second, video_expected=True)


def test_what_is_not_counted_is_not_called_stopped() -> None:
    detector = StallDetector()
    for second in range(1, 30):
        counters = read_without("packets_received", second)
        detector.update(float(second), received_of(counters, second), True, microphone_on=True, camera_on=True)
        assert not any((detector.connection_silent, detector.audio_stalled, detector.peer_silent))


def test_video_whose_frames_are_not_counted_is_not_called_frozen() -> None:
    sample = sample_of(read_without("frames_decoded", 1), read_without("frames_decoded", 2), video_expected=True)
    assert sample is not None
    assert sample.frozen_s == 0


def test_statistics_that_cannot_be_read_at_all_are_unknown_throughout() -> None:
    assert {"packets_received", "audio_packets", "received"} <= unknown_counters(1.0).unknown


def test_of_a_shared_screen_only_packets_count_and_its_frames_apart() -> None:
    """A screen that stands still would be a frozen camera, and one that moves would hide a camera that has stopped."""
    shared, source, sent = stats_pb2.RtcStats(), stats_pb2.RtcStats(), stats_pb2.RtcStats()
    shared.inbound_rtp.stream.kind = "video"
    shared.inbound_rtp.received.packets_received = 7
    shared.inbound_rtp.inbound.track_identifier = "theirs"
    shared.inbound_rtp.inbound.frames_decoded = 4
    shared.inbound_rtp.inbound.total_freeze_duration = 3.0
    source.media_source.rtc.id = "S1"
    source.media_source.source.track_identifier = "ours"
    sent.outbound_rtp.stream.kind = "video"
    sent.outbound_rtp.sent.packets_sent = 9
    sent.outbound_rtp.outbound.media_source_id = "S1"
    sent.outbound_rtp.outbound.frames_encoded = 5
    sent.outbound_rtp.outbound.frame_width = 1920
    without = counters_of(stats(), at_s=1.0)
    counted = counters_of([*stats(), shared, source, sent], 1.0, {"theirs", "ours"})
    assert counted == replace(without, media=without.media + 7, sent=without.sent + 9, screen_frames=4)
    assert track_identifier([shared]) == "theirs"
    assert track_identifier([sent, source]) == "ours"
    assert track_identifier([sent]) == ""
