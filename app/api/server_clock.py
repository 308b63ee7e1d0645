"""How far the server's clock is ahead of this machine's, by what its answers say (header X-Server-Time).

After Cristian (1989): the server wrote its time at some moment between the sending and the answer, so half of the round
trip is the most that an estimate can be wrong by. The shortest round trip of the last minutes is therefore believed,
until this machine's own clock turns out to have been set.
"""

import datetime as dt
from collections import deque
from dataclasses import dataclass

REMEMBERED = dt.timedelta(minutes=5)
GRAIN = dt.timedelta(milliseconds=20)
"""The header has milliseconds, and some systems' clocks move in steps of 16."""


@dataclass(frozen=True)
class Sample:
    """One answer: `ahead` is the best guess, wrong by half of `round_trip` at the most."""

    noted_at: dt.datetime
    round_trip: dt.timedelta
    ahead: dt.timedelta

    def contradicts(self, other: "Sample") -> bool:
        """Whether no clock could have given both answers: one of the two was set in between."""
        return abs(self.ahead - other.ahead) > (self.round_trip + other.round_trip) / 2 + GRAIN


class ServerClock:
    """One server's clock, as far as its answers tell."""

    def __init__(self) -> None:
        self._samples: deque[Sample] = deque()
        self.ahead = dt.timedelta()

    def note(self, server_time: dt.datetime, sent_at: dt.datetime, answered_at: dt.datetime) -> None:
        """Takes an answer in; the last two times are this machine's. All are aware UTC."""
        round_trip = answered_at - sent_at
        if round_trip < dt.timedelta():  # this machine's clock was set back meanwhile: the answer says nothing
            self._samples.clear()
            return
        new = Sample(answered_at, round_trip, server_time - (sent_at + round_trip / 2))
        self._samples = deque(
            each
            for each in self._samples
            if abs(answered_at - each.noted_at) < REMEMBERED and not new.contradicts(each)
        )
        self._samples.append(new)
        self.ahead = min(self._samples, key=lambda each: each.round_trip).ahead
