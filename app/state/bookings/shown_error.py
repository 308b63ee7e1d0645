"""What a screen shows of an error while somebody books or moves a session."""

from dataclasses import dataclass
from enum import StrEnum

from app.api.models import FreeSlot


class NextStep(StrEnum):
    """What a person can do about an error."""

    NONE = "none"
    MY_SESSIONS = "my_sessions"


@dataclass(frozen=True)
class ShownError:
    """What went wrong, in words; `next_free` are times that can be had instead."""

    text: str
    next_step: NextStep = NextStep.NONE
    next_free: tuple[FreeSlot, ...] = ()
