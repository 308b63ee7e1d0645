"""What someone looks for, and what a professional has to offer: pure."""

from dataclasses import dataclass
from datetime import datetime

from backend.kit.letters import JOINERS
from backend.kit.text import search_part

MAX_WORDS = 8


@dataclass(frozen=True)
class Offer:
    """What is free: the lowest price in cents and the first start, both of times still to come."""

    from_price_minor: int
    next_free_at: datetime


def search_parts(text: str) -> list[str]:
    """The parts that a profile must contain, one for each word; characters that no database can search are left out."""
    plain = "".join(letter for letter in text if letter.isprintable() or letter.isspace() or letter in JOINERS)
    parts = (search_part(word) for word in plain.split()[:MAX_WORDS])
    return list(dict.fromkeys(part for part in parts if part))
