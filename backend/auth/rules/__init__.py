"""What an account is: pure."""

import re
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from email_validator import EmailNotValidError, validate_email

from backend.auth.rules.common_passwords import COMMON_PASSWORDS
from backend.kit.errors import BusinessError, InvalidPayload
from backend.kit.letters import latin_look
from backend.kit.text import folded, nfkc

NAME_KEY_LENGTH = 240


class Role(StrEnum):
    """Every account is one or the other."""

    PROFESSIONAL = "professional"
    USER = "user"


@dataclass(frozen=True)
class Account:
    """A person who can sign in; `time_zone` is an IANA name. `email_verified`: mail is known to reach them."""

    id: UUID
    role: Role
    email: str
    name: str
    time_zone: str
    email_verified: bool


class NotSignedIn(BusinessError):
    """No token, or one that is unknown, revoked or over."""

    status = 401
    detail = "Please sign in."


class AccountBlocked(BusinessError):
    """An operator has blocked it; said only to who knows its password."""

    status = 403
    detail = "This account is blocked. Write to us if you think that this is a mistake."


class WrongEmailOrPassword(BusinessError):
    """The answer does not say which of the two is wrong."""

    status = 401
    detail = "E-mail or password is wrong."


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


def normal_email(text: str) -> str:
    """The address in the form that is stored and compared; ValueError (its text is for people) if it is none.

    One person's address whichever way it is typed: full-width letters, either Unicode form, upper case, and a domain's
    own letters or their ASCII form (IDNA 2008).
    """
    try:
        return validate_email(_usual(text), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise ValueError("Please enter an e-mail address such as name@example.com.") from error


def email_form(text: str) -> str:
    """The form by which an address is found: the normal form, or the nearest to it for what is no address today.

    Older releases took some that are none (`a..b@example.com`): whoever has one signs in with it as before.
    """
    try:
        return normal_email(text)
    except ValueError:
        return _usual(text)


def _usual(text: str) -> str:
    return nfkc(nfkc(text.strip().lower()).lower()).strip()


_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)


def first_language(accepted: str) -> str:
    """The first tag of an Accept-Language header (RFC 9110, 12.5.4); empty if there is none."""
    tag = accepted.split(",")[0].split(";")[0].strip()
    return tag if _LANGUAGE.fullmatch(tag) else ""


class NameReadsAsAnother(InvalidPayload):
    """Written with other letters, it looks like the name of somebody who has an account."""

    def __init__(self) -> None:
        super().__init__({"name": "This name looks like another person's. Please write it in its usual letters."})


def name_look(name: str) -> str:
    """What a hurried reader takes a name for; two names with one look and other letters pass for one another."""
    return folded(latin_look(name))[:NAME_KEY_LENGTH]


def sort_name(name: str) -> str:
    """What lists sort a name by, and search compares."""
    return folded(name)[:NAME_KEY_LENGTH]


def check_new_password(password: str, email: str, name: str) -> None:
    """ValueError (its text is for people) for what is guessed first (NIST SP 800-63B, 3.1.1.2).

    Such are common passwords with a few digits or signs around them, rows of the keyboard, one thing again and again,
    and what everybody knows of the person.
    """
    plain = folded(password).replace(" ", "")
    if len(set(plain)) < 3 or _is_repeated(plain) or _is_a_row(plain):
        raise ValueError("This password is easy to guess. Please make it less regular.")
    core = plain.strip(_AROUND) or plain
    if {plain, core, core.translate(_LEET)} & COMMON_PASSWORDS:
        raise ValueError("This is one of the most common passwords. Please choose another one.")
    known = {folded(email), *folded(email).split("@"), folded(name).replace(" ", ""), *folded(name).split()}
    if {plain, core} & known:
        raise ValueError("Please choose a password that is not your e-mail or name.")


_AROUND = "0123456789!?.,;:-_*#$%&@+=()/'\" "
_LEET = str.maketrans("013457$@!", "oieastsai")
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "01234567890123456789",
)


def _is_repeated(text: str) -> bool:
    return any((text[:size] * len(text))[: len(text)] == text for size in range(1, min(4, len(text) // 2) + 1))


def _is_a_row(text: str) -> bool:
    return any(text in row or text in row[::-1] for row in _ROWS)
