"""The address in a mail that switches its kind off without signing in (RFC 8058): signed, so nobody can guess one."""

import base64
import hashlib
import hmac
from binascii import Error
from uuid import UUID

from backend.mail.rules import OPTIONAL, MailKind

_SIGNATURE_BYTES = 16


def off_token(key: bytes, account_id: UUID, kind: MailKind) -> str:
    """Says whose mails of which kind; it never ends, as the mail that it stands in does not."""
    said = account_id.bytes + kind.value.encode()
    return base64.urlsafe_b64encode(_signature(key, said) + said).decode().rstrip("=")


def read_off_token(key: bytes, token: str) -> tuple[UUID, MailKind] | None:
    """Whose mails of which kind a token switches off; None if it is not one of ours."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (Error, ValueError):
        return None
    signature, said = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
    if len(said) <= 16 or not hmac.compare_digest(signature, _signature(key, said)):
        return None
    kind = next((each for each in OPTIONAL if each.value.encode() == said[16:]), None)
    return (UUID(bytes=said[:16]), kind) if kind else None


def _signature(key: bytes, said: bytes) -> bytes:
    return hmac.digest(key, b"mails off\0" + said, hashlib.sha256)[:_SIGNATURE_BYTES]
