"""What a screen shows of an error while somebody books or moves a session."""

from dataclasses import dataclass
from enum import StrEnum

from app.api.error_names import ErrorName, is_named
from app.api.models import FreeSlot
from app.errors import AppError, NotSignedIn


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


_WORDS: dict[ErrorName, ShownError] = {
    "TooManyHolds": ShownError(
        "You are already holding two other times. Pay for one of them or release it, then book this one.",
        NextStep.MY_SESSIONS,
    ),
    "OverlappingSession": ShownError(
        "You have another session at this time. Choose a time that does not overlap, or check your sessions.",
        NextStep.MY_SESSIONS,
    ),
    "NotFound": ShownError("This time is no longer available. Choose another one."),
    "WrongRole": ShownError("Booking needs a user account."),
    "ServiceUnavailable": ShownError("Payments are not available right now. Nothing was booked. Try again."),
}


def shown_error(error: AppError) -> ShownError:
    """Any error in words that one can act on."""
    if isinstance(error, NotSignedIn):
        return ShownError("You are signed out. Sign in to book this time.")
    if is_named(error, "TooManyAttempts"):
        return ShownError(error.detail)  # it says how long to wait
    return next((words for name, words in _WORDS.items() if is_named(error, name)), ShownError(error.detail))
