"""When a track from which nothing comes is taken anew. Pure: it is told whether one has stopped, and when."""

from dataclasses import dataclass

AFTER_S = (3.0, 8.0, 10.0, 30.0)
"""After it has stopped, and after each try; the last one for all further."""
APART_S = (0.5, 1.5, 3.0)
"""Between giving it up and taking it again; the last one for all further. Too close together, it gets lost on this side
(of eight tries each: four at once, two with 0.02 s between, one with 0.1; livekit 1.2.1, server 1.13.5).
"""
PATIENT_TAKES = 2
"""Only after so many is a track asked for again that is not there: where the network loses a lot it may be on its way
for long, and to ask anew begins that anew (at 40 % loss it did not come in 30 s, in three calls of four).
"""


@dataclass(frozen=True)
class Take:
    """`missing_too`: also what is published and not there."""

    apart_s: float
    missing_too: bool


class Retaking:
    """A track can stay dead that was unmuted in the moment of its subscription (livekit 1.2.1): a new one helps."""

    def __init__(self) -> None:
        self._since_s: float | None = None
        self._takes = 0

    def look(self, now_s: float, stopped: bool) -> Take | None:
        """What is to be done now about the tracks that have `stopped`."""
        if self._since_s is None or not stopped:
            self._since_s, self._takes = now_s, 0
        if now_s - self._since_s < _nth(AFTER_S, self._takes):
            return None
        take = Take(_nth(APART_S, self._takes), missing_too=self._takes >= PATIENT_TAKES)
        self._since_s, self._takes = now_s, self._takes + 1
        return take


def _nth(steps: tuple[float, ...], number: int) -> float:
    return steps[min(number, len(steps) - 1)]
