"""A code beside the password, from an authenticator app (TOTP, RFC 6238) or from paper: pure."""

import hashlib
import hmac
import re
from datetime import datetime
from uuid import UUID

import pyotp

from backend.kit.errors import BusinessError, InvalidPayload
from backend.kit.text import nfkc, plain_digits

DRIFT_STEPS = 1
"""A device's clock may be this many steps of 30 seconds before or behind ours (RFC 6238, 5.2)."""
RECOVERY_CODES = 10
RECOVERY_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are mistaken for each other."""
RECOVERY_LENGTH = 16
"""79 bits: nobody finds one by its digest."""
_ISSUER = "Rendezvous"
_NO_LETTER = re.compile(r"[^a-z0-9]")


class SecondFactorNeeded(BusinessError):
    """The password is right, and this account asks for a code too. The same request with `code` goes on."""

    status = 401
    detail = "Type the code from your authenticator app."


class WrongSecondFactor(InvalidPayload):
    """Another code, or one that was used before: it is not said which."""

    def __init__(self) -> None:
        super().__init__({"code": "This code is not right, or was used already. Wait for the next one."})


class SecondFactorIsOn(BusinessError):
    """It has to be turned off before it is set up again."""

    status = 409
    detail = "The second factor is on already."


class SecondFactorIsOff(BusinessError):
    """Nothing is on, or being set up."""

    status = 409
    detail = "The second factor is not set up. Begin again."


def setup_address(secret: str, email: str) -> str:
    """What an authenticator app reads from a QR code (the key URI format that Google Authenticator began)."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=_ISSUER)


def fitting_step(secret: str, typed: str, now: datetime, last_step: int) -> int | None:
    """The time step whose code was typed; None if it is none of now, or not after the last that was used.

    Every step in question is compared, so that the time tells nothing.
    """
    totp = pyotp.TOTP(secret)
    code = "".join(plain_digits(typed).split()).encode("utf-8", "replace")
    middle = totp.timecode(now)
    steps = range(middle - DRIFT_STEPS, middle + DRIFT_STEPS + 1)
    fitting = [step for step in steps if hmac.compare_digest(totp.generate_otp(step).encode(), code)]
    return next((step for step in fitting if step > last_step), None)


def shown_recovery_code(code: str) -> str:
    """As it is shown: "abcd-efgh-jkmn-pqrs"."""
    return "-".join(code[begin : begin + 4] for begin in range(0, len(code), 4))


def recovery_digest(account_id: UUID, typed: str) -> bytes:
    """What is stored of a recovery code; hands and paper add spaces, hyphens and capitals."""
    plain = _NO_LETTER.sub("", nfkc(typed).lower())
    return hashlib.sha256(b"recovery\0" + account_id.bytes + plain.encode()).digest()
