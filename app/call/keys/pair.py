"""What two devices make a key of that nobody between them has: X25519 (RFC 7748) and HKDF with SHA-256 (RFC 5869).

The call page does the same (`callpage/src/call/key_pair.ts`). Four words are 44 bits. That is enough only because
each side commits itself to its half before it sees the other's: else who stands between could try halves until the
words fit.
"""

import hashlib
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.call.keys.word_list import WORDS

COMMITMENT_LABEL = "rendezvous call half 1"
KEY_LABEL = "rendezvous call key 1"
WORDS_LABEL = "rendezvous call words 1"
KEY_BYTES = 32
WORD_BYTES = 6
WORD_BITS = 11
WORD_COUNT = 4


class WrongHalf(Exception):
    """The peer's half is not the one that they committed themselves to, or one that gives the secret away."""


@dataclass(frozen=True)
class AgreedKey:
    """`text` is what the SDK makes the media's key of; the words show both people that it is the same."""

    text: str = field(repr=False)
    words: tuple[str, ...] = field(repr=False)


def commitment_to(half: bytes) -> str:
    return hashlib.sha256(COMMITMENT_LABEL.encode() + half).hexdigest()


class Pair:
    """One side's half of an agreement, in hexadecimal, and the secret to it, which never leaves this object."""

    def __init__(self, private: X25519PrivateKey | None = None) -> None:
        self._private = private or X25519PrivateKey.generate()
        self._half = self._private.public_key().public_bytes_raw()
        self.half = self._half.hex()
        self.commitment = commitment_to(self._half)

    def agree(self, peer_half: str, peer_commitment: str, session_key: str) -> AgreedKey:
        """The key that only this pair and the peer's give, on top of the session's. Raises `WrongHalf`."""
        theirs = bytes.fromhex(peer_half)
        if commitment_to(theirs) != peer_commitment or theirs == self._half:
            raise WrongHalf
        try:
            secret = self._private.exchange(X25519PublicKey.from_public_bytes(theirs))
        except ValueError as error:  # the shared secret is all zeros (RFC 7748, 6.1)
            raise WrongHalf from error
        halves = b"".join(sorted((self._half, theirs)))

        def derived(label: str, length: int) -> bytes:
            info = label.encode() + halves
            return HKDF(hashes.SHA256(), length, session_key.encode("ascii"), info).derive(secret)

        return AgreedKey(derived(KEY_LABEL, KEY_BYTES).hex(), words_of(derived(WORDS_LABEL, WORD_BYTES)))


def words_of(digest: bytes) -> tuple[str, ...]:
    """Four words from the first 44 bits."""
    bits = int.from_bytes(digest) >> (8 * WORD_BYTES - WORD_BITS * WORD_COUNT)
    places = range(WORD_BITS * (WORD_COUNT - 1), -1, -WORD_BITS)
    return tuple(WORDS[bits >> place & (1 << WORD_BITS) - 1] for place in places)
