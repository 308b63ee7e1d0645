"""Encryption of a room from device to device: the SDK's options, and the agreement with a side that cannot do it."""

import time
from collections.abc import Callable

from livekit import rtc

from app.call.contract.encryption import EncryptionFacts, encryption_of
from app.call.state.store import SnapshotStore

SALT = "LKFrameEncryptionKey"
RATCHET_WINDOW = 0
"""The key never moves on by itself: each session has its own."""
FAILURES_TOLERATED = 100
"""Frames in a row that cannot be decrypted, two seconds of audio: then the SDK says so (livekit 1.2.1 is silent
where all are tolerated) and takes the key for a wrong one.
"""
UNREADABLE_AFTER_S = 2.0
"""What cannot be read is said after so long: the first frames of a track can come before its key."""
_READABLE: dict[int, bool | None] = {
    rtc.EncryptionState.NEW: None,
    rtc.EncryptionState.OK: True,
    rtc.EncryptionState.KEY_RATCHETED: None,
    rtc.EncryptionState.ENCRYPTION_FAILED: None,
    rtc.EncryptionState.DECRYPTION_FAILED: False,
    rtc.EncryptionState.MISSING_KEY: False,
    rtc.EncryptionState.INTERNAL_ERROR: False,
}
"""What the SDK says of a peer's track; None: nothing new."""


def e2ee_options(key: str) -> rtc.E2EEOptions:
    """AES-GCM for media and for data, from a shared key: HKDF over its ASCII, as LiveKit's client for browsers does it
    with a key of that kind (livekit-client 2.23, `getAlgoOptions`). PBKDF2, the default of both, is for pass phrases:
    ours are random, and its 100,000 rounds at each change of a key made people wait for the first frame.
    """
    provider = rtc.KeyProviderOptions(
        shared_key=key.encode("ascii"),
        ratchet_salt=SALT.encode(),
        ratchet_window_size=RATCHET_WINDOW,
        failure_tolerance=FAILURES_TOLERATED,
        key_derivation_function=rtc.KeyDerivationFunction.HKDF,
    )
    return rtc.E2EEOptions(key_provider_options=provider, encryption_type=rtc.EncryptionType.GCM)


def is_encrypted(publication: "rtc.TrackPublication") -> bool:
    return publication.encryption_type != rtc.EncryptionType.NONE


class EncryptionAgreement:
    """Whether the call is encrypted, over every connection of it: it is, unless one side cannot and both agreed to go
    on without. Lives on the media loop.
    """

    def __init__(self, store: SnapshotStore, reconnect: Callable[[], None]) -> None:
        """`reconnect` takes a new connection, encrypted or not as `on` says by then."""
        self.on = True
        self._store = store
        self._reconnect = reconnect
        self._unreadable: dict[str, float] = {}
        """Since when, by the SID of a peer's track or their identity."""

    def answer(self, goes_on_without: bool) -> None:
        """This person's answer to the question; it can be changed."""
        self._store.update(unencrypted_answer=goes_on_without)
        self.update()

    def update(self) -> None:
        """What is known of the peer, or of this side, has changed."""
        snapshot = self._store.snapshot
        peer = snapshot.peer
        facts = EncryptionFacts(
            peer_can_encrypt=peer is None or peer.can_encrypt,
            own_answer=snapshot.unencrypted_answer,
            peer_answer=peer.unencrypted_answer if peer is not None else None,
            unreadable=self._is_unreadable(time.monotonic()),
        )
        self._store.update(encryption=encryption_of(facts))
        if self.on is facts.agreed_off:
            self.on = not facts.agreed_off
            self._unreadable.clear()
            self._reconnect()

    def accepts(self, publication: "rtc.TrackPublication") -> bool:
        """Whether a track is as it should be. What is not encrypted in an encrypted call is not taken: it could be
        anybody's.
        """
        fits = is_encrypted(publication) is self.on
        if not fits:
            self._unreadable.setdefault(publication.sid, time.monotonic())
        return fits

    def forget(self, sid_or_identity: str) -> None:
        """This track, or the participant, is gone."""
        self._unreadable.pop(sid_or_identity, None)

    def on_state(self, participant: "rtc.Participant", state: int) -> None:
        """The SDK on one of the peer's tracks; it does not say which."""
        readable = _READABLE.get(state)
        if readable is True:
            self._unreadable.pop(participant.identity, None)
        elif readable is False:
            self._unreadable.setdefault(participant.identity, time.monotonic())

    def on_new_connection(self) -> None:
        self._unreadable.clear()

    def _is_unreadable(self, now_s: float) -> bool:
        return any(now_s - since_s >= UNREADABLE_AFTER_S for since_s in self._unreadable.values())
