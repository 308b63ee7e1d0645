"""A sign-in that its browser keeps: sealed with a key that only the browser's cookie has, kept by one tab.

The cookie is out of every script's reach (HttpOnly), the sealed text is out of every other tab's: neither says anything
without the other. The server keeps neither, so that any process can open what another has sealed, after any restart.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES, NONCE_BYTES = 32, 12  # AES-256-GCM, NIST SP 800-38D


def new_key() -> str:
    """A key as a cookie carries it."""
    return urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def is_key(text: str) -> bool:
    """Whether a cookie's text is such a key."""
    return len(_bytes(text)) == KEY_BYTES


def seal(key: str, text: str) -> str:
    """The text as only the key opens it again; another text each time."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return urlsafe_b64encode(nonce + AESGCM(_bytes(key)).encrypt(nonce, text.encode(), None)).decode()


def unseal(key: str, sealed: str) -> str:
    """The text again; empty when it was sealed with another key, or is nothing of ours."""
    whole = _bytes(sealed)
    if not is_key(key) or len(whole) <= NONCE_BYTES:
        return ""
    try:
        return AESGCM(_bytes(key)).decrypt(whole[:NONCE_BYTES], whole[NONCE_BYTES:], None).decode()
    except InvalidTag:
        return ""


def _bytes(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text.encode())
    except (NotBase64, ValueError):
        return b""
