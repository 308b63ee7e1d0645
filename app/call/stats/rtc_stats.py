"""Reads LiveKit's copy of WebRTC's statistics into `Counts`.

Names and units: https://www.w3.org/TR/webrtc-stats/. Kinds are told by name, so nothing of the SDK is imported.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from app.call.stats.samples import Counts, PictureFlow

VIDEO = "video"
LIMITED_BY_BANDWIDTH = 2
"""`QualityLimitationReason.LIMITATION_BANDWIDTH` of livekit's stats.proto."""


def counts_of(stats: Iterable[Any], at_s: float) -> Counts:
    """`stats`: the `RtcStats` of the publisher and the subscriber, which are one connection in newer servers."""
    counts = Counts(at_s)
    for each in stats:
        which = each.WhichOneof("stats")
        if which == "candidate_pair":
            counts = _with_pair(counts, each.candidate_pair.candidate_pair)
        elif which == "inbound_rtp":
            counts = _with_inbound(counts, each.inbound_rtp)
        elif which == "outbound_rtp":
            counts = _with_outbound(counts, each.outbound_rtp)
        elif which == "remote_inbound_rtp":
            lost = max(0, each.remote_inbound_rtp.received.packets_lost)
            counts = replace(counts, lost_out=counts.lost_out + lost)
    return counts


def _with_pair(counts: Counts, pair: Any) -> Counts:
    measured = pair.nominated and pair.responses_received > 0  # whole milliseconds: 0 is a good answer
    return replace(
        counts,
        heard=counts.heard + pair.packets_received + pair.requests_received + pair.responses_received,
        bytes_in=counts.bytes_in + pair.bytes_received,
        bytes_out=counts.bytes_out + pair.bytes_sent,
        round_trip_s=pair.current_round_trip_time if measured else counts.round_trip_s,
        may_send_bits=pair.available_outgoing_bitrate or counts.may_send_bits,
    )


def _with_inbound(counts: Counts, inbound: Any) -> Counts:
    received, more = inbound.received, inbound.inbound
    counts = replace(
        counts,
        media=counts.media + received.packets_received,
        lost_in=counts.lost_in + max(0, received.packets_lost),
    )
    if inbound.stream.kind == VIDEO:
        flow = PictureFlow(more.frame_width, more.frame_height, counts.received.frames + more.frames_decoded)
        return replace(counts, frozen_s=counts.frozen_s + more.total_freeze_duration, received=flow)
    return replace(
        counts,
        sound_packets=counts.sound_packets + received.packets_received,
        sound_samples=counts.sound_samples + more.total_samples_received,
        sound_concealed=counts.sound_concealed + more.concealed_samples - more.silent_concealed_samples,
        sound_buffered_s=counts.sound_buffered_s + more.jitter_buffer_delay,
        sound_left_buffer=counts.sound_left_buffer + more.jitter_buffer_emitted_count,
    )


def _with_outbound(counts: Counts, outbound: Any) -> Counts:
    counts = replace(counts, sent=counts.sent + outbound.sent.packets_sent)
    if outbound.stream.kind != VIDEO:
        return counts
    more = outbound.outbound
    flow = PictureFlow(more.frame_width, more.frame_height, counts.sent_picture.frames + more.frames_encoded)
    limited = more.quality_limitation_reason == LIMITED_BY_BANDWIDTH
    return replace(counts, sent_picture=flow, held_back=counts.held_back or limited)
