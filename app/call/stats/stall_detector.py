"""Notices what the SDK reports late or never: a black hole shows there after about 15 s, a frozen camera not at all.

Pure: it is told what has been counted, and when.
"""

from dataclasses import dataclass

LOOK_EVERY_S = 0.5
SILENT_AFTER_S = 2.0
"""While this side sends, the server acknowledges media at least once a second (RFC 4585); sound comes as a packet every
20 ms, or every 400 ms while nobody speaks (RFC 7587). With a look and the statistics' own time it is shown within 3 s.
"""
IDLE_LINK_SILENT_AFTER_S = 6.0
"""Without own media: only the connectivity checks are heard, every 2.5 s or so (RFC 8445)."""
FIRST_AFTER_S = 6.0
"""What has not begun yet, after a subscription or a reconnect, is given this long."""


@dataclass(frozen=True)
class Arrived:
    """What has come so far: packets of any kind from the server, packets of the other's sound, pictures of them."""

    heard: int = 0
    sound: int = 0
    picture: int = 0


class Flow:
    """How long a counter has stood still."""

    def __init__(self) -> None:
        self._count: int | None = None
        self._since = 0.0
        self._began = False

    def stopped(self, count: int, now_s: float, limit_s: float) -> bool:
        """Whether `count` has stood still for longer than `limit_s`, or has never moved for longer than is normal."""
        if self._count is None or count > self._count:
            self._began = self._began or self._count is not None
            self._since = now_s
        self._count = count  # which falls when a track is given up, with what was counted of it
        return now_s - self._since > (limit_s if self._began else max(limit_s, FIRST_AFTER_S))

    def restart(self) -> None:
        self._count, self._began = None, False

    def excuse(self) -> None:
        """Nobody looked for a while: the time until now does not count."""
        self._count = None


class StallWatch:
    """`link_silent`, `sound_stopped`, `picture_stopped` and `other_silent` say what the last look found."""

    def __init__(self) -> None:
        self.link_silent = False
        self.sound_stopped = False
        self.picture_stopped = False
        self.other_silent = False
        """Nothing comes of all that they have switched on."""
        self._link, self._sound, self._picture = Flow(), Flow(), Flow()

    def restart(self) -> None:
        """The link was just made anew."""
        self.link_silent = False
        self._link.restart()
        self.restart_other()

    def restart_other(self) -> None:
        """They have just come, or come back: what was counted before proves nothing."""
        self.other_silent = self.sound_stopped = self.picture_stopped = False
        self._sound.restart()
        self._picture.restart()

    def excuse(self) -> None:
        """A look that comes late itself (a suspended laptop, a frozen process) proves nothing about what it missed."""
        for flow in (self._link, self._sound, self._picture):
            flow.excuse()

    def look(self, now_s: float, arrived: Arrived, sending: bool, microphone_on: bool, camera_on: bool) -> None:
        """`sending`: this side sends media; `microphone_on` and `camera_on` are the other's."""
        limit_s = SILENT_AFTER_S if sending else IDLE_LINK_SILENT_AFTER_S
        self.link_silent = self._link.stopped(arrived.heard, now_s, limit_s)
        if self.link_silent:  # says nothing about the other side
            self._sound.restart()
            self._picture.restart()
            return
        self.sound_stopped = _look_at(self._sound, arrived.sound, now_s, microphone_on)
        self.picture_stopped = _look_at(self._picture, arrived.picture, now_s, camera_on)
        found = [
            *([self.sound_stopped] if microphone_on else []),
            *([self.picture_stopped] if camera_on else []),
        ]
        self.other_silent = bool(found) and all(found)


def _look_at(flow: Flow, count: int, now_s: float, expected: bool) -> bool:
    if not expected:
        flow.restart()
        return False
    return flow.stopped(count, now_s, SILENT_AFTER_S)
