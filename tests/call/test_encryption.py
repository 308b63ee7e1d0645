"""What a call is encrypted with, and when it goes on without: only when one side cannot and both said yes."""

import asyncio
import itertools
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit import rtc

from app.call.contract.call_state import RemotePeerState
from app.call.contract.encryption import Encryption, EncryptionFacts, encryption_of
from app.call.room import encryption
from app.call.room.encryption import EncryptionAgreement, e2ee_options
from app.call.state.store import SnapshotStore

ANSWERS = (None, True, False)
EVERY = [
    EncryptionFacts(can, they_can, own, theirs, unreadable)
    for can, they_can, own, theirs, unreadable in itertools.product(
        (True, False), (True, False), ANSWERS, ANSWERS, (True, False)
    )
]


@pytest.mark.parametrize("facts", EVERY)
def test_a_call_is_unencrypted_only_where_one_side_cannot_and_both_said_yes(facts: EncryptionFacts) -> None:
    both_said_yes = facts.own_answer is True and facts.peer_answer is True
    both_can = facts.can_encrypt and facts.peer_can_encrypt
    assert facts.agreed_off is (both_said_yes and not both_can)
    assert (encryption_of(facts) is Encryption.OFF) is facts.agreed_off


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        (EncryptionFacts(), Encryption.ON),
        (EncryptionFacts(unreadable=True), Encryption.UNREADABLE),
        (EncryptionFacts(peer_can_encrypt=False), Encryption.ASKING),
        (EncryptionFacts(can_encrypt=False), Encryption.ASKING),
        (EncryptionFacts(peer_can_encrypt=False, own_answer=True), Encryption.WAITING),
        (EncryptionFacts(peer_can_encrypt=False, own_answer=False, peer_answer=True), Encryption.DECLINED),
        (EncryptionFacts(peer_can_encrypt=False, own_answer=True, peer_answer=False), Encryption.PEER_DECLINED),
        (EncryptionFacts(own_answer=True, peer_answer=True), Encryption.ON),  # on a device that can by now
    ],
)
def test_what_is_shown_of_it(facts: EncryptionFacts, shown: Encryption) -> None:
    assert encryption_of(facts) is shown


def test_the_options_are_those_of_livekits_client_for_browsers() -> None:
    """livekit-client 2.23, given bytes: HKDF over them, this salt, AES-GCM, and a key that never ratchets.

    PBKDF2's 100,000 rounds at each change of a key held the first frames up by 0.7 s.
    """
    options = e2ee_options("key")
    provider = options.key_provider_options
    assert options.encryption_type == rtc.EncryptionType.GCM
    assert (provider.shared_key, provider.ratchet_salt) == (b"key", b"LKFrameEncryptionKey")
    assert provider.key_derivation_function == rtc.KeyDerivationFunction.HKDF
    assert (provider.ratchet_window_size, provider.failure_tolerance) == (0, 100)


class Stage:
    """An agreement, and what it asked for: whether each new connection is to be encrypted."""

    def __init__(self) -> None:
        self.store = SnapshotStore()
        self.connections: list[bool] = []
        self.agreement = EncryptionAgreement(self.store, lambda: self.connections.append(self.agreement.on))

    def peer(self, **known: Any) -> None:
        self.store.update(peer=RemotePeerState("ben", "Ben", **known))
        self.agreement.update()

    def shown(self) -> Encryption:
        return self.store.snapshot.encryption


def track(encrypted: bool, sid: str = "TR_1") -> Any:
    kind = rtc.EncryptionType.GCM if encrypted else rtc.EncryptionType.NONE
    return SimpleNamespace(sid=sid, encryption_type=kind)


def says(state: int, identity: str = "ben") -> tuple[Any, int]:
    return cast(Any, SimpleNamespace(identity=identity)), state


def test_both_answers_take_one_new_connection_and_a_device_that_can_takes_another() -> None:
    stage = Stage()
    stage.peer(can_encrypt=False)
    stage.agreement.answer(goes_on_without=True)
    assert stage.connections == []
    stage.peer(can_encrypt=False, unencrypted_answer=True)
    stage.agreement.update()
    assert (stage.connections, stage.shown()) == ([False], Encryption.OFF)
    stage.peer()  # the same person on another device
    assert (stage.connections, stage.shown()) == ([False, True], Encryption.ON)


def test_a_yes_that_is_taken_back_ends_it() -> None:
    stage = Stage()
    stage.peer(can_encrypt=False, unencrypted_answer=True)
    stage.agreement.answer(goes_on_without=True)
    stage.agreement.answer(goes_on_without=False)
    assert stage.connections == [False, True]
    assert stage.shown() is Encryption.DECLINED


def test_a_track_that_is_not_encrypted_is_not_taken_in_an_encrypted_call_and_the_other_way_round() -> None:
    stage = Stage()
    assert stage.agreement.accepts(track(True))
    assert not stage.agreement.accepts(track(False))
    stage.agreement.on = False
    assert stage.agreement.accepts(track(False))
    assert not stage.agreement.accepts(track(True))


async def test_a_key_that_does_not_fit_is_said_after_a_moment_and_only_as_long_as_it_is_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(encryption, "UNREADABLE_AFTER_S", 0.05)
    stage = Stage()
    stage.peer()
    stage.agreement.on_state(*says(rtc.EncryptionState.DECRYPTION_FAILED))
    stage.agreement.update()
    assert stage.shown() is Encryption.ON
    await asyncio.sleep(0.06)
    stage.agreement.update()
    assert stage.shown() is Encryption.UNREADABLE
    stage.agreement.on_state(*says(rtc.EncryptionState.OK))
    stage.agreement.update()
    assert stage.shown() is Encryption.ON
    assert not stage.agreement.accepts(track(False, "TR_2"))
    await asyncio.sleep(0.06)
    stage.agreement.update()
    assert stage.shown() is Encryption.UNREADABLE
    stage.agreement.forget("TR_2")
    stage.agreement.update()
    assert stage.shown() is Encryption.ON
