"""Notices a silence that the SDK does not report: a black hole shows there only after about 15 s, a dead peer likewise.

Pure: it is told what has been counted, and when.
"""

LINK_SILENT_AFTER_S = 3.5
"""While this side sends: the server acknowledges media at least once a second (RFC 4585)."""
IDLE_LINK_SILENT_AFTER_S = 8.0
"""Without media: only the connectivity checks are heard, every 2.5 s or so (RFC 8445)."""
OTHER_SILENT_AFTER_S = 4.0
STATS_EVERY_S = 1.0
LATE_LOOK_S = 3.0
"""A look waits for the statistics for a second at most; what is later than this was asleep itself."""


class Silence:
    """How long a counter has stood still."""

    def __init__(self) -> None:
        self._count: int | None = None
        self._since = 0.0

    def note(self, count: int, now_s: float) -> float:
        """The seconds for which `count` has not changed."""
        if count != self._count:
            self._count, self._since = count, now_s
        return now_s - self._since

    def restart(self) -> None:
        self._count = None


class StallWatch:
    """One look a second. `link_silent` and `other_silent` say what the last look found.

    A look that comes late itself (a suspended laptop, a frozen process) proves nothing and starts the count anew.
    """

    def __init__(self) -> None:
        self.link_silent = False
        self.other_silent = False
        self._link = Silence()
        self._other = Silence()
        self._looked_at: float | None = None

    def restart(self) -> None:
        """The link was just made anew."""
        self.link_silent = False
        self._link.restart()
        self.restart_other()

    def restart_other(self) -> None:
        """They have just come, or come back: what was counted before proves nothing."""
        self.other_silent = False
        self._other.restart()

    def look(self, now_s: float, link_count: int, other_count: int, sending: bool, other_sends: bool) -> None:
        """`link_count`: whatever has come from the server; `other_count`: media that came from the other side."""
        if self._looked_at is not None and now_s - self._looked_at > LATE_LOOK_S:
            self._link.restart()
            self._other.restart()
        self._looked_at = now_s
        limit_s = LINK_SILENT_AFTER_S if sending else IDLE_LINK_SILENT_AFTER_S
        self.link_silent = self._link.note(link_count, now_s) > limit_s
        if not other_sends or self.link_silent:
            self._other.restart()
            self.other_silent = self.other_silent and other_sends
            return
        self.other_silent = self._other.note(other_count, now_s) > OTHER_SILENT_AFTER_S
