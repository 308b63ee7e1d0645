"""What each side says of its half of the key, as an attribute of its participant. Pure.

`1 COMMITMENT - - 0`, and once the other's commitment is known `1 COMMITMENT BOUND_TO HALF STEP`: all in hexadecimal.
The server can read and change it: a changed half does not fit its commitment, a changed commitment changes the words.
"""

import re
from dataclasses import dataclass
from enum import IntEnum

OFFER_ATTRIBUTE = "key_offer"
OFFER_PATTERN = "1 ([0-9a-f]{64}) (?:- - 0|([0-9a-f]{64}) ([0-9a-f]{64}) ([123]))"
_OFFER = re.compile(OFFER_PATTERN)


class Step(IntEnum):
    """How far a side is. It sends under the agreed key once the other can read it."""

    COMMITTED = 0
    REVEALED = 1
    CAN_READ = 2
    SENDS = 3


@dataclass(frozen=True)
class Offer:
    """`bound_to` is the commitment of the other's half that this half is for: it is revealed to that one alone."""

    commitment: str
    bound_to: str = ""
    half: str = ""
    step: Step = Step.COMMITTED

    def __str__(self) -> str:
        return f"1 {self.commitment} {self.bound_to or '-'} {self.half or '-'} {self.step:d}"


def parse_offer(value: str) -> Offer | None:
    """None for what is no offer, or one of a later version."""
    if (found := _OFFER.fullmatch(value)) is None:
        return None
    commitment, bound_to, half, step = found.groups("")
    return Offer(commitment, bound_to, half, Step(int(step or 0)))
