"""Two native sides agree on a key, whatever is between them; and what the key is made of."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from app.call.keys.agreement import KeyAgreement
from app.call.keys.pair import AgreedKey, Pair, WrongHalf, commitment_to
from app.call.keys.word_list import WORDS
from tests.call.key_scenarios import KeyScenarios
from tests.stage.key_sides import SESSION_KEY

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "key_agreement.json").read_text())
BIP39_ENGLISH = "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda"
"""SHA-256 of bip-0039/english.txt in github.com/bitcoin/bips, as it is published everywhere."""


class TestNativeSides(KeyScenarios):
    """Both sides are native engines."""


@pytest.mark.parametrize("agreed", VECTORS["agreed"])
def test_the_key_and_its_words_are_those_of_the_vectors_on_both_sides(agreed: dict[str, Any]) -> None:
    pairs = [Pair(X25519PrivateKey.from_private_bytes(bytes.fromhex(each["private"]))) for each in VECTORS["sides"]]
    for own, other, given in zip(pairs, pairs[::-1], VECTORS["sides"], strict=True):
        assert (own.half, own.commitment) == (given["half"], given["commitment"])
        found = own.agree(other.half, other.commitment, agreed["session_key"])
        assert found == AgreedKey(agreed["key"], tuple(agreed["words"]))


@pytest.mark.parametrize("half", VECTORS["refused_halves"])
def test_halves_of_small_order_are_refused(half: str) -> None:
    with pytest.raises(WrongHalf):
        Pair().agree(half, commitment_to(bytes.fromhex(half)), SESSION_KEY)


def test_the_words_are_bip39s() -> None:
    assert hashlib.sha256(("\n".join(WORDS) + "\n").encode()).hexdigest() == BIP39_ENGLISH


def test_neither_the_key_nor_its_words_nor_the_sessions_key_are_in_what_is_logged_of_them() -> None:
    one, other = KeyAgreement(SESSION_KEY), Pair()
    own = str(one.offer).split()[1]
    one.take(f"1 {other.commitment} {own} {other.half} 3", 0)
    key = one.use.agreed
    assert key is not None
    one.on_readable(key, 0)
    shown = f"{one.use!r} {AgreedKey(key, ('secret',))!r}"
    assert key not in shown
    assert SESSION_KEY not in shown
    assert "secret" not in shown
