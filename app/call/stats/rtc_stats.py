"""Reads LiveKit's copy of WebRTC's statistics into `RtcCounters`.

Names and units: https://www.w3.org/TR/webrtc-stats/. Kinds are recognised by name, so nothing of the SDK is imported.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from app.call.stats.samples import RtcCounters, VideoCounters

VIDEO = "video"
LIMITED_BY_BANDWIDTH = 2
"""`QualityLimitationReason.LIMITATION_BANDWIDTH` of livekit's stats.proto."""


def counters_of(stats: Iterable[Any], at_s: float) -> RtcCounters:
    """`stats`: the `RtcStats` of the publisher and the subscriber, which are one connection in newer servers."""
    counters = RtcCounters(at_s)
    for each in stats:
        which = each.WhichOneof("stats")
        if which == "candidate_pair":
            counters = _with_pair(counters, each.candidate_pair.candidate_pair)
        elif which == "inbound_rtp":
            counters = _with_inbound(counters, each.inbound_rtp)
        elif which == "outbound_rtp":
            counters = _with_outbound(counters, each.outbound_rtp)
        elif which == "remote_inbound_rtp":
            lost = max(0, each.remote_inbound_rtp.received.packets_lost)
            counters = replace(counters, lost_out=counters.lost_out + lost)
    return counters


def _with_pair(counters: RtcCounters, pair: Any) -> RtcCounters:
    measured = pair.nominated and pair.responses_received > 0  # whole milliseconds: 0 is a good answer
    return replace(
        counters,
        packets_received=counters.packets_received
        + pair.packets_received
        + pair.requests_received
        + pair.responses_received,
        bytes_in=counters.bytes_in + pair.bytes_received,
        bytes_out=counters.bytes_out + pair.bytes_sent,
        round_trip_s=pair.current_round_trip_time if measured else counters.round_trip_s,
        available_outgoing_bits=pair.available_outgoing_bitrate or counters.available_outgoing_bits,
    )


def _with_inbound(counters: RtcCounters, inbound: Any) -> RtcCounters:
    received, more = inbound.received, inbound.inbound
    counters = replace(
        counters,
        media=counters.media + received.packets_received,
        lost_in=counters.lost_in + max(0, received.packets_lost),
    )
    if inbound.stream.kind == VIDEO:
        flow = VideoCounters(more.frame_width, more.frame_height, counters.received.frames + more.frames_decoded)
        return replace(counters, frozen_s=counters.frozen_s + more.total_freeze_duration, received=flow)
    return replace(
        counters,
        audio_packets=counters.audio_packets + received.packets_received,
        audio_samples=counters.audio_samples + more.total_samples_received,
        audio_concealed=counters.audio_concealed + more.concealed_samples - more.silent_concealed_samples,
        audio_buffered_s=counters.audio_buffered_s + more.jitter_buffer_delay,
        audio_left_buffer=counters.audio_left_buffer + more.jitter_buffer_emitted_count,
    )


def _with_outbound(counters: RtcCounters, outbound: Any) -> RtcCounters:
    counters = replace(counters, sent=counters.sent + outbound.sent.packets_sent)
    if outbound.stream.kind != VIDEO:
        return counters
    more = outbound.outbound
    flow = VideoCounters(more.frame_width, more.frame_height, counters.sent_video.frames + more.frames_encoded)
    limited = more.quality_limitation_reason == LIMITED_BY_BANDWIDTH
    return replace(counters, sent_video=flow, bandwidth_limited=counters.bandwidth_limited or limited)
