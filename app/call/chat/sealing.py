"""Seals the chat's packets from device to device: AES-GCM with a key of their own, derived from the session's by HKDF.

The SDK encrypts data packets too (`app.call.room.encryption`), but hands an unencrypted one on just the same, so that
the media server could put words into somebody's mouth. What does not open here was not written by the other.
"""

import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12
INFO = "rendezvous chat 1"
SALT = "rendezvous"


@dataclass(frozen=True)
class Seal:
    """`key` is the session's. The sender's identity is bound into each packet, so that none can be turned round."""

    key: str = field(repr=False)

    def close(self, packet: bytes, sender: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher().encrypt(nonce, packet, sender.encode())

    def open(self, sealed: bytes, sender: str) -> bytes | None:
        """None for what the sender has not sealed with this key."""
        try:
            return self._cipher().decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], sender.encode())
        except (InvalidTag, ValueError):
            return None

    def _cipher(self) -> AESGCM:
        derived = HKDF(hashes.SHA256(), 32, SALT.encode(), INFO.encode()).derive(self.key.encode("ascii"))
        return AESGCM(derived)
