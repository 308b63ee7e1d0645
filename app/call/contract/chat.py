"""The messages of a call: what the screen shows of them, and what one may be. Pure."""

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

LONGEST_MESSAGE = 2000
"""Characters; the backend keeps no longer one (docs/api.md)."""


@dataclass(frozen=True)
class ChatMessage:
    """Plain text. `id` is a UUID of the sender's own, `sent_at` is in whole milliseconds, by the server's clock.

    `delivered`: the other's device has it; of theirs, always.
    """

    id: str
    text: str = field(repr=False)
    sent_at: datetime
    mine: bool
    delivered: bool = False

    @property
    def place(self) -> tuple[datetime, str]:
        """Where it stands: in the order in which it was sent, the same on both devices."""
        return self.sent_at, self.id


def clean_message(text: str) -> str:
    """What is sent of what was typed: without control characters and blank ends, no longer than may be."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(each for each in lines if each in "\n\t" or unicodedata.category(each) not in ("Cc", "Cs"))
    return "\n".join(line.rstrip() for line in kept.split("\n")).strip()[:LONGEST_MESSAGE].strip()
