"""How many packets of one topic are looked at: the rest of a flood is dropped. Pure."""

from dataclasses import dataclass, field


@dataclass
class FloodGate:
    """Lets `at_once` packets through, and then `a_second`. Seconds are of a monotonic clock."""

    at_once: float
    a_second: float
    _left: float = field(init=False)
    _counted_s: float = 0.0

    def __post_init__(self) -> None:
        self._left = self.at_once

    def lets_through(self, now_s: float) -> bool:
        self._left = min(self.at_once, self._left + max(0.0, now_s - self._counted_s) * self.a_second)
        self._counted_s = now_s
        if self._left < 1:
            return False
        self._left -= 1
        return True
