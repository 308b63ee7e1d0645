"""What someone looks for, and what a professional has to offer: pure."""

from dataclasses import dataclass
from datetime import datetime

MAX_WORDS = 8


@dataclass(frozen=True)
class Offer:
    """What is free: the lowest price in cents and the first start, both of times still to come."""

    from_price_minor: int
    next_free_at: datetime


def search_words(text: str) -> list[str]:
    """The words that all have to be found, without what no database can look for."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return plain.split()[:MAX_WORDS]
