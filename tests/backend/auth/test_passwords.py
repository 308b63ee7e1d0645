"""Hashes, and what their time tells."""

import time

from pwdlib.hashers.argon2 import Argon2Hasher

from backend.auth.service import PasswordHasher


def test_a_password_matches_its_own_hash_only() -> None:
    passwords = PasswordHasher(Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1))
    stored = passwords.hashed("correct horse")
    assert passwords.matches("correct horse", stored)
    assert not passwords.matches("correct horsE", stored)
    assert not passwords.matches("", stored)


def test_a_hash_of_another_kind_matches_nothing() -> None:
    assert not PasswordHasher(Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)).matches("x", "plain text")


def test_an_unknown_person_takes_as_long_as_a_wrong_password() -> None:
    passwords = PasswordHasher(Argon2Hasher(time_cost=2, memory_cost=16_384, parallelism=1))
    stored = passwords.hashed("correct horse")

    def quickest_s(against: str | None) -> float:
        took = []
        for _attempt in range(5):
            begun = time.perf_counter()
            passwords.matches("wrong", against)
            took.append(time.perf_counter() - begun)
        return min(took)

    assert quickest_s(None) > quickest_s(stored) / 2
