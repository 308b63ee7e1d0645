"""Codes that come by mail and are typed by hand: pure."""

from datetime import timedelta
from enum import StrEnum

from backend.kit.errors import BusinessError, InvalidPayload

CODE_DIGITS = 6
MOST_TRIES = 5
"""Of 1,000,000 codes: with the limits of how many are sent, nobody guesses one."""


class CodePurpose(StrEnum):
    """What a code is good for."""

    VERIFY = "verify"
    RESET = "reset"
    CHANGE = "change"


LIFETIME = {
    CodePurpose.VERIFY: timedelta(minutes=15),
    CodePurpose.RESET: timedelta(minutes=30),
    CodePurpose.CHANGE: timedelta(minutes=30),
}


def minutes_of(purpose: CodePurpose) -> int:
    """For how many minutes such a code is good."""
    return int(LIFETIME[purpose] / timedelta(minutes=1))


class WrongCode(InvalidPayload):
    """Another code, one that is over or used, or the right one after too many wrong ones: it is not said which."""

    def __init__(self) -> None:
        super().__init__({"code": "This code is not right, or no longer good. Check it, or ask for a new one."})


class EmailNotVerified(BusinessError):
    """Booking and publishing hours come after typing the code that was sent to one's address."""

    status = 403
    detail = "Please confirm your e-mail first: we send you a code to type."


def check_verified(email_verified: bool) -> None:
    """EmailNotVerified."""
    if not email_verified:
        raise EmailNotVerified
