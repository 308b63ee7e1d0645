"""Files that are sent in a call: what the screen shows of them, what a name may be, and how large one may be. Pure."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

LARGEST_FILE = 10 * 1024 * 1024
"""Bytes."""
FILES_AT_ONCE = 3
"""So many are under way at once, each way."""
ROOM_FOR_FILES = 50 * 1024 * 1024
"""Bytes of the other's files that a device holds for its person; what is removed makes room."""
LONGEST_NAME, LONGEST_NAME_BYTES, LONGEST_ENDING = 120, 200, 16
"""Characters; bytes of UTF-8, of which file systems allow 255; characters of an ending, with its dot."""
NAMELESS = "file"
_JOINERS = "\u200c\u200d"
"""Invisible, and part of how words in Persian or Hindi and many emoji are written."""
_INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
"""Names that Windows keeps for itself, with any ending ("Naming Files, Paths, and Namespaces")."""


class FileState(StrEnum):
    UNDERWAY = "underway"
    DELIVERED = "delivered"  # whole, on the device of whom it was sent to
    CANCELLED = "cancelled"
    FAILED = "failed"


class FileProblem(StrEnum):
    """Why a file is refused, cancelled or failed."""

    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"  # already so many are under way
    NOT_IN_CALL = "not_in_call"  # the other one is not there
    CANCELLED = "cancelled"  # by whose screen it is
    PEER_CANCELLED = "peer_cancelled"
    STALLED = "stalled"  # nothing of it arrived for long, though both were there
    PEER_LEFT = "peer_left"
    LOST = "lost"  # the other's device does not have it any more
    FULL = "full"  # the receiving device holds too many that nobody removed
    BROKEN = "broken"  # it is not what was announced


@dataclass(frozen=True)
class FileTransfer:
    """One file in one of the two directions. `id` is a UUID of the sender's; the chat message that says so has it too.

    `name` is clean. `at` is when it was offered, by the server's clock. `done` counts the bytes that have arrived.
    """

    id: str
    name: str = field(repr=False)
    size: int
    mine: bool
    at: datetime
    state: FileState = FileState.UNDERWAY
    done: int = 0
    problem: FileProblem | None = None
    may_send_again: bool = False

    @property
    def share(self) -> float:
        """0..1 of it has arrived."""
        return self.done / self.size if self.size else 1.0


def clean_file_name(name: str) -> str:
    """A name that any system can save, and that shows what it is: no folder, nothing invisible, not too long."""
    last = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1][: 4 * LONGEST_NAME])
    seen = "".join(each for each in last if each in _JOINERS or unicodedata.category(each) not in _INVISIBLE)
    kept = _shortened(_FORBIDDEN.sub("_", seen).strip(" .\u00a0" + _JOINERS))
    if not kept:
        return NAMELESS
    return f"_{kept}" if _DEVICES.fullmatch(kept) else kept


def _shortened(name: str) -> str:
    """The beginning and the ending."""
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) >= LONGEST_ENDING:
        stem, dot, ending = name, "", ""
    ending = dot + ending
    stem = stem[: LONGEST_NAME - len(ending)]
    while len((stem + ending).encode()) > LONGEST_NAME_BYTES:
        stem = stem[:-1]
    return stem.rstrip(" .") + ending if stem else name[:1]
