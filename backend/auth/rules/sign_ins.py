"""How long a sign-in lasts, and what its person knows it by: pure."""

import hashlib
import re
from datetime import datetime, timedelta
from uuid import UUID

TOKEN_LIFETIME = timedelta(days=30)
"""A sign-in that nobody uses ends then."""
LONGEST_SIGN_IN = timedelta(days=90)
"""Used or not, it ends then: a token that was stolen and never missed is worth nothing for ever."""
SEEN_EVERY = timedelta(minutes=10)
"""That a sign-in is used is written down at most this often, so that reading does not write each time."""
LONGEST_DEVICE_NAME = 60

_NO_PART_OF_A_NAME = re.compile(r"[^A-Za-z0-9 .,()_-]")


def ends_at(began_at: datetime, used_at: datetime) -> datetime:
    """When a sign-in ends that is used at `used_at` and never again."""
    return min(used_at + TOKEN_LIFETIME, began_at + LONGEST_SIGN_IN)


def oldest_living(now: datetime) -> datetime:
    """A sign-in that began then or before is over, however much it is used."""
    return now - LONGEST_SIGN_IN


def is_to_be_noted(seen_at: datetime, now: datetime) -> bool:
    """Whether a use at `now` is written down, if the last one that is stands at `seen_at`."""
    return now - seen_at >= SEEN_EVERY


def device_name(said: str) -> str:
    """What a device says of itself, such as "Firefox on Windows": one short line of plain letters; may be empty."""
    return " ".join(_NO_PART_OF_A_NAME.sub(" ", said).split())[:LONGEST_DEVICE_NAME].strip()


def sign_in_id(digest: bytes) -> UUID:
    """By which a sign-in is named on the wire; it leads back neither to the token nor to its digest."""
    return UUID(bytes=hashlib.sha256(b"sign-in\0" + digest).digest()[:16])
