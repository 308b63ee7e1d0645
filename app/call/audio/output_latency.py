"""How long the output buffer has to be on this machine, now: longer after xruns, shorter after calm.

A block that is lost is heard, 5 ms more of delay are not: so each makes the buffer longer.

Pure: what was lost, and the time, are passed in.
"""

STEPS_S = (0.010, 0.015, 0.020, 0.030, 0.045, 0.070)
"""What is asked of PortAudio; what leaves the speaker is about 5 ms later than that."""
GRACE_S = 3.0
"""After opening: a stream stumbles while it starts, and so does the machine while a call is joined."""
CALM_S, MAX_CALM_S = 120.0, 3600.0
"""So long nothing may be lost before the buffer becomes shorter; twice as long each time that this proved too short."""


class OutputLatencyController:
    """Look at `seconds`; `update` changes it by a step at a time. Times are of one monotonic clock."""

    def __init__(self, now_s: float = 0.0) -> None:
        self._step = 0
        self._calm_s = CALM_S
        self._shortened_at: float | None = None
        self.opened(now_s)

    @property
    def seconds(self) -> float:
        return STEPS_S[self._step]

    def opened(self, now_s: float, lost: int = 0) -> None:
        """A stream of this length has just been opened; `lost` is where its count begins."""
        self._since = self._lost_at = now_s + GRACE_S
        self._lost_seen = lost

    def update(self, now_s: float, lost: int) -> float:
        """`lost`: blocks that this stream has lost so far. The seconds that the buffer should have from now on."""
        if now_s < self._since:
            self._lost_seen = lost
        elif lost != self._lost_seen:
            self._lost_seen, self._lost_at = lost, now_s
            self._longer(now_s)
        elif self._step and now_s - self._lost_at > self._calm_s:
            self._step -= 1
            self._shortened_at = self._lost_at = now_s
        return self.seconds

    def _longer(self, now_s: float) -> None:
        self._step = min(self._step + 1, len(STEPS_S) - 1)
        if self._shortened_at is not None and now_s - self._shortened_at < 2 * self._calm_s:
            self._calm_s = min(2 * self._calm_s, MAX_CALM_S)
        self._shortened_at = None

    def revert(self, seconds: float) -> None:
        """The change could not be made: the stream still has this length."""
        self._step = STEPS_S.index(seconds)
