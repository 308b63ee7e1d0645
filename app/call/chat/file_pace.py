"""How fast a file is sent, so that voice and picture do not feel it. Pure.

The queue that a file builds up in front of the voice shows as a longer round trip of its acknowledgements. As in LEDBAT
(RFC 6817) what may be under way grows while that queue is short and shrinks when it is not. Pieces get smaller with it,
and each waits for room, so that a narrow path is left to the voice. What is left of the delay when next to nothing is
under way is the path's own, or a busy machine's: the queue is counted from there.
"""

from collections import deque
from dataclasses import dataclass, field

TARGET_S = 0.06
"""The queue that a file may build up; RFC 6817 allows 100 ms (section 3.3)."""
FIRST_WINDOW, SMALLEST_WINDOW, LARGEST_WINDOW = 8_000.0, 4_000.0, 250_000.0
"""Bytes that may be under way."""
PIECES_A_WINDOW = 4
SMALLEST_PIECE, LARGEST_PIECE = 1_000, 14_000
MOST_A_SECOND = 1_250_000
"""Bytes: a fast machine is no reason for bursts of more."""
AT_ONCE_S = 0.03
"""So much of a pause that was not used counts later."""
LATEST = 4
"""Round trips of which the shortest counts: one late acknowledgement is no queue (RFC 6817, CURRENT_FILTER)."""
LEAST_UNDER_WAY = 12
"""So many round trips in a row with the smallest window show the delay that is not of our making."""
SHRINKS_BY = 0.5
"""At most, and once a round trip."""


@dataclass
class Pace:
    """Of all files that this side sends together. Seconds are of a monotonic clock."""

    window: float = FIRST_WINDOW
    _shortest_s: float = float("inf")
    _latest: deque[float] = field(default_factory=lambda: deque(maxlen=LATEST))
    _at_least: list[float] = field(default_factory=list)
    _next_s: float = 0.0
    _shrunk_s: float = 0.0

    @property
    def piece_bytes(self) -> int:
        """How much goes into one packet: on a narrow path a long one would hold up the voice by itself."""
        return int(max(SMALLEST_PIECE, min(self.window / PIECES_A_WINDOW, LARGEST_PIECE)))

    def may_send(self, under_way: int, now_s: float) -> bool:
        """`under_way` is in bytes, sent and not acknowledged."""
        return now_s >= self._next_s and (not under_way or under_way + self.piece_bytes <= self.window)

    def sent(self, size: int, now_s: float) -> None:
        self._next_s = max(self._next_s, now_s - AT_ONCE_S) + size / MOST_A_SECOND

    def acknowledged(self, size: int, round_trip_s: float, now_s: float) -> None:
        self._note(round_trip_s)
        off_target = (TARGET_S - (min(self._latest) - self._shortest_s)) / TARGET_S
        if off_target < 0:
            if now_s < self._shrunk_s + round_trip_s:
                return
            self._shrunk_s = now_s
            wanted = self.window * max(SHRINKS_BY, 1 + off_target / PIECES_A_WINDOW)
        else:
            wanted = self.window + off_target * size * self.piece_bytes / self.window
        self.window = max(SMALLEST_WINDOW, min(wanted, LARGEST_WINDOW))

    def _note(self, round_trip_s: float) -> None:
        self._latest.append(round_trip_s)
        self._shortest_s = min(self._shortest_s, round_trip_s)
        if self.window > SMALLEST_WINDOW:
            self._at_least.clear()
            return
        self._at_least.append(round_trip_s)
        if len(self._at_least) == LEAST_UNDER_WAY:
            self._shortest_s = min(self._at_least)
            self._at_least.clear()

    def restart(self) -> None:
        """Another connection: what was known of the path counts no more."""
        self.window, self._shortest_s = FIRST_WINDOW, float("inf")
        self._latest.clear()
        self._at_least.clear()
