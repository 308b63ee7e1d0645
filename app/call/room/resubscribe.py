"""When and how a stalled track is unsubscribed and subscribed again. The rule is pure: time and stall are passed in."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from livekit import rtc

AFTER_S = (3.0, 8.0, 10.0, 30.0)
"""After it has stopped, and after each attempt; the last one for all further."""
GAPS_S = (0.5, 1.5, 3.0)
"""Between unsubscribing and subscribing; the last one for all further. Too close together, it gets lost on this side
(of eight attempts each: four at once, two with 0.02 s between, one with 0.1; livekit 1.2.1, server 1.13.5).
"""
PATIENT_ATTEMPTS = 2
"""From the next attempt on, tracks that are published and not subscribed are included. Not before: where the network
loses a lot, a subscription takes long, and asking again starts it over (at 40 % loss it did not come in 30 s, in three
calls of four).
"""


@dataclass(frozen=True)
class Resubscribe:
    """One attempt. `include_unsubscribed`: also what is published and not subscribed."""

    gap_s: float
    include_unsubscribed: bool


class ResubscribeBackoff:
    """A track that is unmuted while it is being subscribed can stay disabled (livekit 1.2.1): a new one helps."""

    def __init__(self) -> None:
        self._since_s: float | None = None
        self._attempts = 0

    def due(self, now_s: float, stopped: bool, at_once: bool = False) -> Resubscribe | None:
        """The attempt that is due now for the tracks that have `stopped`; None while there is none. `at_once`: it is
        certain that they will not come by themselves.
        """
        if self._since_s is None or not stopped:
            self._since_s, self._attempts = now_s, 0
        if not at_once and now_s - self._since_s < _nth(AFTER_S, self._attempts):
            return None
        attempt = Resubscribe(_nth(GAPS_S, self._attempts), include_unsubscribed=self._attempts >= PATIENT_ATTEMPTS)
        self._since_s, self._attempts = now_s, self._attempts + 1
        return attempt


def _nth(steps: tuple[float, ...], number: int) -> float:
    return steps[min(number, len(steps) - 1)]


def resubscribe(
    participant: "rtc.RemoteParticipant",
    source: int,
    attempt: Resubscribe,
    start: Callable[[Coroutine[Any, Any, Any], str], Any],
) -> None:
    """Starts an attempt for each of their tracks of this `source` (`rtc.TrackSource`)."""

    async def again(publication: rtc.RemoteTrackPublication) -> None:
        publication.set_subscribed(False)
        await asyncio.sleep(attempt.gap_s)
        publication.set_subscribed(True)

    for publication in participant.track_publications.values():
        if publication.source == source and (attempt.include_unsubscribed or publication.track is not None):
            start(again(publication), "resubscribing to a track")
