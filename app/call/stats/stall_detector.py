"""Notices what the SDK reports late or never: a black hole shows there after about 15 s, a frozen camera not at all.

Pure: counters and times are passed in.
"""

from dataclasses import dataclass

POLL_INTERVAL_S = 0.5
SILENT_AFTER_S = 2.0
"""While this side sends, the server acknowledges media at least once a second (RFC 4585); audio comes as a packet every
20 ms, or every 400 ms while nobody speaks (RFC 7587). With the poll and the statistics' own time it is shown within 3
s.
"""
IDLE_CONNECTION_SILENT_AFTER_S = 6.0
"""Without own media: only the connectivity checks are heard, every 2.5 s or so (RFC 8445)."""
FIRST_AFTER_S = 6.0
"""What has not begun yet, after a subscription or a reconnect, is given this long."""
VIDEO_ALONE_FIRST_AFTER_S = 15.0
"""The same for a peer of whom nothing but video is to be expected: on a loaded machine the subscription, the first key
frame and its decoding take longer than 6 s, and nothing else would show that they are there.
"""


@dataclass(frozen=True)
class ReceivedCounters:
    """What has come so far: packets of any kind from the server, packets of the peer's audio, frames of their video.
    None: the SDK does not say.
    """

    packets: int | None = 0
    audio_packets: int | None = 0
    video_frames: int = 0


class CounterTimeout:
    """How long a counter has stood still."""

    def __init__(self) -> None:
        self._count: int | None = None
        self._since = 0.0
        self._began = False

    @property
    def began(self) -> bool:
        """Whether it has moved since the last restart."""
        return self._began

    def still_s(self, now_s: float) -> float:
        """For how long it has stood still."""
        return now_s - self._since if self._count is not None else 0.0

    def stopped(self, count: int | None, now_s: float, limit_s: float) -> bool:
        """Whether `count` has stood still for longer than `limit_s`, or has never moved for longer than is normal.
        What is not known has not stopped.
        """
        if count is None:
            self.restart()
            return False
        if self._count is None or count > self._count:
            self._began = self._began or self._count is not None
            self._since = now_s
        self._count = count  # which falls when a track is given up, with what was counted of it
        return now_s - self._since > (limit_s if self._began else max(limit_s, FIRST_AFTER_S))

    def restart(self) -> None:
        self._count, self._began = None, False

    def skip_gap(self) -> None:
        """There was no poll for a while: the time until now does not count."""
        self._count = None


class StallDetector:
    """`connection_silent`, `audio_stalled`, `video_stalled` and `peer_silent` say what the last poll found."""

    def __init__(self) -> None:
        self.connection_silent = False
        self.audio_stalled = False
        self.video_stalled = False
        self.peer_silent = False
        """Nothing comes of all that they have switched on."""
        self._connection, self._audio, self._video = CounterTimeout(), CounterTimeout(), CounterTimeout()

    def restart(self) -> None:
        """The connection is a new one, or was just restored."""
        self.connection_silent = False
        self._connection.restart()
        self.restart_peer()

    def restart_peer(self) -> None:
        """They have just come, or come back: what was counted before proves nothing."""
        self.peer_silent = self.audio_stalled = self.video_stalled = False
        self._audio.restart()
        self._video.restart()

    def skip_gap(self) -> None:
        """A poll that comes late itself (a suspended laptop, a frozen process) proves nothing about what it missed."""
        for timeout in (self._connection, self._audio, self._video):
            timeout.skip_gap()

    def update(
        self, now_s: float, received: ReceivedCounters, sending: bool, microphone_on: bool, camera_on: bool
    ) -> None:
        """`sending`: packets of this side's media are going out, which they do not while a muted person waits alone
        (dynacast); `microphone_on` and `camera_on` are the peer's.
        """
        limit_s = SILENT_AFTER_S if sending else IDLE_CONNECTION_SILENT_AFTER_S
        self.connection_silent = self._connection.stopped(received.packets, now_s, limit_s)
        if self.connection_silent:  # says nothing about the peer
            self._audio.restart()
            self._video.restart()
            return
        self.audio_stalled = _stalled(self._audio, received.audio_packets, now_s, microphone_on)
        self.video_stalled = _stalled(self._video, received.video_frames, now_s, camera_on)
        found = [
            *([self.audio_stalled] if microphone_on else []),
            *([self.video_stalled] if camera_on else []),
        ]
        awaited = not microphone_on and not self._video.began
        patient = awaited and self._video.still_s(now_s) <= VIDEO_ALONE_FIRST_AFTER_S
        self.peer_silent = bool(found) and all(found) and not patient


def _stalled(timeout: CounterTimeout, count: int | None, now_s: float, is_open: bool) -> bool:
    if not is_open:
        timeout.restart()
        return False
    return timeout.stopped(count, now_s, SILENT_AFTER_S)
