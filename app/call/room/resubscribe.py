"""When a stalled track is unsubscribed and subscribed again. Pure: whether one has stalled, and the time, are passed
in.
"""

from dataclasses import dataclass

AFTER_S = (3.0, 8.0, 10.0, 30.0)
"""After it has stopped, and after each try; the last one for all further."""
GAP_S = (0.5, 1.5, 3.0)
"""Between unsubscribing and subscribing; the last one for all further. Too close together, it gets lost on this side
(of eight tries each: four at once, two with 0.02 s between, one with 0.1; livekit 1.2.1, server 1.13.5).
"""
PATIENT_ATTEMPTS = 2
"""From the next attempt on, tracks that are published and not subscribed are included. Not before: where the network
loses a lot, a subscription takes long, and asking again starts it over (at 40 % loss it did not come in 30 s, in three
calls of four).
"""


@dataclass(frozen=True)
class Resubscribe:
    """`include_unsubscribed`: also what is published and not subscribed."""

    gap_s: float
    include_unsubscribed: bool


class ResubscribeBackoff:
    """A track that is unmuted while it is being subscribed can stay disabled (livekit 1.2.1): a new one helps."""

    def __init__(self) -> None:
        self._since_s: float | None = None
        self._attempts = 0

    def due(self, now_s: float, stopped: bool) -> Resubscribe | None:
        """The attempt that is due now for the tracks that have `stopped`; None while there is none."""
        if self._since_s is None or not stopped:
            self._since_s, self._attempts = now_s, 0
        if now_s - self._since_s < _nth(AFTER_S, self._attempts):
            return None
        attempt = Resubscribe(_nth(GAP_S, self._attempts), include_unsubscribed=self._attempts >= PATIENT_ATTEMPTS)
        self._since_s, self._attempts = now_s, self._attempts + 1
        return attempt


def _nth(steps: tuple[float, ...], number: int) -> float:
    return steps[min(number, len(steps) - 1)]
