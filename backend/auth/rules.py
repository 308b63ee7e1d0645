"""What an account is and how long signing in lasts: pure."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from backend.kit.errors import BusinessError

TOKEN_LIFETIME = timedelta(days=30)
RENEW_AFTER = timedelta(days=1)
"""A token that is used is renewed at most this often, so that reading does not write each time."""


@dataclass(frozen=True)
class AttemptLimit:
    """So many attempts within this time of the first; then no more until it has passed."""

    attempts: int
    within: timedelta


PER_PERSON = AttemptLimit(10, timedelta(minutes=15))
"""Of one mail address from one network address: what somebody who guesses a password gets."""
PER_ADDRESS = AttemptLimit(100, timedelta(minutes=15))
"""Wrong passwords from one network address, whoever's: what somebody who tries one password on many gets."""


class Role(StrEnum):
    """Which of the two kinds of people."""

    PROFESSIONAL = "professional"
    USER = "user"


@dataclass(frozen=True)
class Account:
    """A person who can sign in; `time_zone` is an IANA name."""

    id: UUID
    role: Role
    email: str
    name: str
    time_zone: str


class NotSignedIn(BusinessError):
    """No token, or one that is unknown, revoked or over."""

    status = 401
    detail = "Please sign in."


class WrongEmailOrPassword(BusinessError):
    """Which of the two is not told."""

    status = 401
    detail = "This e-mail and password do not belong together."


class WrongRole(BusinessError):
    """Signed in, but as the other kind of person."""

    status = 403
    detail = "Your account cannot do this."


class EmailTaken(BusinessError):
    """An account with this address exists."""

    status = 409
    detail = "There is already an account with this e-mail. Sign in instead."

    def __init__(self) -> None:
        super().__init__(extra={"fields": {"email": self.detail}})


_EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f<>\",;:()\[\]\\]{1,64}@(?:[\w-]{1,63}\.)+[\w-]{2,63}")


def normal_email(text: str) -> str:
    """The address in the form that is stored and compared; ValueError (its text is for people) if it is none."""
    email = text.strip().lower()
    if len(email) > 254 or _EMAIL.fullmatch(email) is None:
        raise ValueError("Please enter an e-mail address such as name@example.com.")
    return email


def renewal_due(expires_at: datetime, now: datetime) -> bool:
    """Whether a token used at `now` gets a new end."""
    return expires_at - now < TOKEN_LIFETIME - RENEW_AFTER
