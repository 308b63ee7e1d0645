"""The timer that the professional starts and both see. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

SHORTEST_TIMER, LONGEST_TIMER = timedelta(minutes=1), timedelta(hours=12)
LEADING_ROLE = "professional"
KEPT_AFTER_ITS_END = timedelta(hours=1)
"""What is known of a timer from an earlier visit counts for no longer."""


@dataclass(frozen=True)
class SharedTimer:
    """A timer that was started and not stopped. `ends_at` is aware UTC by the server's clock, perhaps past already."""

    length: timedelta
    ends_at: datetime

    @property
    def is_possible(self) -> bool:
        """Whether anybody can have set it."""
        return SHORTEST_TIMER <= self.length <= LONGEST_TIMER


def leads(identity: str) -> bool:
    """Whether this participant sets the timer: the backend writes the role into the identity of each token."""
    return identity.partition("_")[0] == LEADING_ROLE
