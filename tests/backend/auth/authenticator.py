"""An authenticator app, written from RFC 6238 without the library that the backend uses; and how one is set up."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from tests.backend.stage import START, Person


@dataclass
class Authenticator:
    """Shows the code of an instant. `recovery_codes`: what its person has on paper."""

    secret: str
    recovery_codes: list[str]

    def code(self, now: datetime) -> str:
        """RFC 6238 with its usual parameters: SHA-1, six digits, steps of 30 seconds (RFC 4226, 5.3)."""
        counter = int(now.timestamp()) // 30
        digest = hmac.digest(base64.b32decode(self.secret), counter.to_bytes(8, "big"), hashlib.sha1)
        at = digest[-1] & 0xF
        return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


def set_up(person: Person) -> Authenticator:
    """Reads the address as from its QR code; nothing is on yet."""
    answer = person.post("/auth/me/second-factor", json={"password": person.password})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    parts = urlsplit(told["address"])
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parse_qs(parts.query)["secret"] == [told["secret"]]
    return Authenticator(told["secret"], [])


def turn_on(person: Person, now: datetime = START) -> Authenticator:
    """Set up, and confirmed with the code of that instant."""
    app = set_up(person)
    answer = person.post("/auth/me/second-factor/confirm", json={"code": app.code(now)})
    assert answer.status_code == 200, answer.text
    app.recovery_codes = answer.json()["recovery_codes"]
    return app
