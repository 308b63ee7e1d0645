"""Reads LiveKit's copy of WebRTC's statistics into `RtcCounters`.

Names and units: https://www.w3.org/TR/webrtc-stats/. Kinds are recognised by name, so nothing of the SDK is imported. A
field that an SDK does not have counts as 0 and is named in `RtcCounters.unknown`: a rename must not end the monitor.
"""

import logging
from collections.abc import Collection, Iterable
from dataclasses import fields, replace
from typing import Any

from app.call.stats.samples import RtcCounters, VideoCounters

log = logging.getLogger(__name__)

VIDEO = "video"
LIMITED_BY_BANDWIDTH = 2
"""`QualityLimitationReason.LIMITATION_BANDWIDTH` of livekit's stats.proto."""
_PACKETS = ("packets_received", "requests_received", "responses_received")
_logged: set[str] = set()


def counters_of(stats: Iterable[Any], at_s: float, screens: Collection[str] = ()) -> RtcCounters:
    """`stats`: the `RtcStats` of the publisher and the subscriber, which are one connection in newer servers. Of tracks
    with an identifier in `screens` only packets count, and the frames apart: a screen that stands still sends few
    frames, and neither the camera nor the voice is stalled.
    """
    stats = tuple(stats)
    reading = _Reading(at_s, screens, _screen_sources(stats, screens))
    for each in stats:
        reading.add(each)
    return replace(reading.counters, unknown=frozenset(reading.unknown))


def track_identifier(stats: Iterable[Any]) -> str:
    """What the statistics of one track call it; empty while there are none."""
    for each in stats:
        kind = each.WhichOneof("stats")
        found = each.inbound_rtp.inbound if kind == "inbound_rtp" else each.media_source.source
        if kind in ("inbound_rtp", "media_source") and found.track_identifier:
            return str(found.track_identifier)
    return ""


def _screen_sources(stats: Iterable[Any], screens: Collection[str]) -> frozenset[str]:
    """The ids of the media sources of this side's screen."""
    sources = [each.media_source for each in stats if each.WhichOneof("stats") == "media_source"]
    return frozenset(each.rtc.id for each in sources if each.source.track_identifier in screens)


def unknown_counters(at_s: float) -> RtcCounters:
    """A reading of an SDK whose statistics cannot be read at all."""
    return RtcCounters(at_s, unknown=frozenset(each.name for each in fields(RtcCounters)) - {"at_s", "unknown"})


class _Reading:
    """One pass over the statistics."""

    def __init__(self, at_s: float, screens: Collection[str], screen_sources: Collection[str]) -> None:
        self.counters = RtcCounters(at_s)
        self._screens, self._screen_sources = screens, screen_sources
        self.unknown: set[str] = set()

    def add(self, stats: Any) -> None:
        """One of the kinds that count here, or another."""
        which = stats.WhichOneof("stats")
        if which == "candidate_pair":
            self._add_pair(stats)
        elif which == "inbound_rtp":
            self._add_inbound(stats)
        elif which == "outbound_rtp":
            self._add_outbound(stats)
        elif which == "remote_inbound_rtp":
            lost = self._read("lost_out", stats, "remote_inbound_rtp.received.packets_lost")
            self._plus(lost_out=max(0, lost))

    def _read(self, counter: str, stats: Any, path: str) -> Any:
        """The field at `path`, which `counter` is made of; 0, and the counter is unknown, when there is none."""
        found = stats
        for name in path.split("."):
            found = getattr(found, name, None)
            if found is None:
                self.unknown.add(counter)
                if path not in _logged:
                    _logged.add(path)
                    log.warning("the SDK's statistics have no %s: %s is not known", path, counter)
                return 0
        return found

    def _plus(self, **more: Any) -> None:
        self.counters = replace(
            self.counters, **{name: getattr(self.counters, name) + value for name, value in more.items()}
        )

    def _add_pair(self, stats: Any) -> None:
        pair = "candidate_pair.candidate_pair."
        self._plus(
            packets_received=sum(self._read("packets_received", stats, pair + name) for name in _PACKETS),
            bytes_in=self._read("bytes_in", stats, pair + "bytes_received"),
            bytes_out=self._read("bytes_out", stats, pair + "bytes_sent"),
        )
        nominated = self._read("round_trip_s", stats, pair + "nominated")
        if nominated and self._read("round_trip_s", stats, pair + "responses_received") > 0:
            seconds = self._read("round_trip_s", stats, pair + "current_round_trip_time")
            self.counters = replace(self.counters, round_trip_s=seconds)  # whole milliseconds: 0 is a good answer
        if bits := self._read("available_outgoing_bits", stats, pair + "available_outgoing_bitrate"):
            self.counters = replace(self.counters, available_outgoing_bits=bits)

    def _add_inbound(self, stats: Any) -> None:
        received = self._read("media", stats, "inbound_rtp.received.packets_received")
        lost = self._read("lost_in", stats, "inbound_rtp.received.packets_lost")
        self._plus(media=received, lost_in=max(0, lost))
        more = "inbound_rtp.inbound."
        if self._screens and self._read("screen_frames", stats, more + "track_identifier") in self._screens:
            self._plus(screen_frames=self._read("screen_frames", stats, more + "frames_decoded"))
            return
        if self._read("received", stats, "inbound_rtp.stream.kind") == VIDEO:
            frames = self.counters.received.frames + self._read("received", stats, more + "frames_decoded")
            self._plus(
                frozen_s=self._read("frozen_s", stats, more + "total_freeze_duration"),
                video_buffered_s=self._read("video_buffered_s", stats, more + "jitter_buffer_delay"),
                video_left_buffer=self._read("video_left_buffer", stats, more + "jitter_buffer_emitted_count"),
            )
            self.counters = replace(self.counters, received=self._video("received", stats, more, frames))
            return
        concealed = self._read("audio_concealed", stats, more + "concealed_samples")
        silent = self._read("audio_concealed", stats, more + "silent_concealed_samples")
        self._plus(
            audio_packets=self._read("audio_packets", stats, "inbound_rtp.received.packets_received"),
            audio_samples=self._read("audio_samples", stats, more + "total_samples_received"),
            audio_concealed=concealed - silent,
            audio_buffered_s=self._read("audio_buffered_s", stats, more + "jitter_buffer_delay"),
            audio_left_buffer=self._read("audio_left_buffer", stats, more + "jitter_buffer_emitted_count"),
        )

    def _add_outbound(self, stats: Any) -> None:
        self._plus(sent=self._read("sent", stats, "outbound_rtp.sent.packets_sent"))
        if self._read("sent_video", stats, "outbound_rtp.stream.kind") != VIDEO:
            return
        more = "outbound_rtp.outbound."
        if self._screen_sources and self._read("sent_video", stats, more + "media_source_id") in self._screen_sources:
            return
        frames = self.counters.sent_video.frames + self._read("sent_video", stats, more + "frames_encoded")
        limited = self._read("bandwidth_limited", stats, more + "quality_limitation_reason") == LIMITED_BY_BANDWIDTH
        self.counters = replace(
            self.counters,
            sent_video=self._video("sent_video", stats, more, frames),
            bandwidth_limited=self.counters.bandwidth_limited or limited,
            encoder=self._read("encoder", stats, more + "encoder_implementation") or self.counters.encoder,
        )

    def _video(self, counter: str, stats: Any, more: str, frames: int) -> VideoCounters:
        width = self._read(counter, stats, more + "frame_width")
        return VideoCounters(width, self._read(counter, stats, more + "frame_height"), frames)
