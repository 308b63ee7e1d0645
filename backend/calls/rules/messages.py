"""What may be kept of what two people write to each other in a call. Pure."""

import hashlib
import hmac
from datetime import datetime, timedelta

from backend.bookings.rules import JoinWindow
from backend.kit.errors import BusinessError

LONGEST = 2000
"""Characters of one message; four bytes each still fit into one packet of the media server."""
MOST_OF_ONE = 500
"""Messages that one person can have kept of one session."""
AT_ONCE = 50
CLOCKS_APART = timedelta(minutes=1)
"""How far a device may be ahead of us; what it says beyond that is not believed."""
_PROOF_OF = b"rendezvous messages"


class TooManyMessages(BusinessError):
    """One person has written as much as is kept of a session."""

    detail = f"More than {MOST_OF_ONE} messages of one person are not kept. They still reach the other in the call."


def believed(sent_at: datetime, window: JoinWindow, now: datetime) -> datetime:
    """When it was sent, as its device says, within what can be true: they are ordered by it."""
    return max(window.opens_at, min(sent_at, now + CLOCKS_APART))


def proof_of(key: str) -> str:
    """What shows that a call page has its session's key, without showing the key: in hex, the same for both.

    The page's token alone does not do: the media server knows it too, and must not read what is kept.
    """
    return hmac.new(key.encode("ascii"), _PROOF_OF, hashlib.sha256).hexdigest()


def proves(key: str | None, proof: str) -> bool:
    """Whether this is the proof of a session's key, which is None once the session is over."""
    return key is not None and hmac.compare_digest(proof_of(key).encode(), proof.encode())
