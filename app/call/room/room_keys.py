"""Keeps the SDK's keys as the two devices have agreed (`app.call.keys.agreement`), over every connection of the call.

Each frame names the index of its key, so that both sides can change keys without losing one: the session's key is at
index 0, the agreed one at 1. The SDK waits for its locks while it takes one, and so not on the media loop.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any

from livekit import rtc

from app.call.keys.agreement import KeyAgreement
from app.call.keys.offer import OFFER_ATTRIBUTE
from app.call.room.encryption import e2ee_options
from app.call.state.store import SnapshotStore

log = logging.getLogger(__name__)

GIVEN, AGREED = 0, 1
"""Indices of the SDK's key ring."""


class RoomKeys:
    """Lives on the media loop."""

    def __init__(
        self,
        session_key: str,
        store: SnapshotStore,
        start: Callable[[Coroutine[Any, Any, Any], str], Any],
        publish: Callable[[], None],
    ) -> None:
        """`publish` is called when `offer` is another."""
        self.agreement = KeyAgreement(session_key)
        self._store = store
        self._start = start
        self._publish = publish
        self._published = self.offer
        self._room: rtc.Room | None = None
        self._ring: dict[int, str] = {}
        """What this connection's SDK holds, by index."""
        self._latest = GIVEN
        """The index set last is the one that data is sent under."""
        self._tracks_under: int | None = GIVEN
        """The index of this side's tracks; None: one of them is new."""
        self._applying = False

    @property
    def offer(self) -> dict[str, str]:
        """The attribute to publish."""
        return {OFFER_ATTRIBUTE: str(self.agreement.offer)}

    def on_new_connection(self, encrypted: bool) -> rtc.E2EEOptions | None:
        """The options of a connection that is about to be made; None without encryption."""
        given = self.agreement.use.given
        self._room, self._ring, self._latest, self._tracks_under = None, {GIVEN: given}, GIVEN, None
        return e2ee_options(given) if encrypted else None

    def follow(self, room: rtc.Room, encrypted: bool, peer: "rtc.RemoteParticipant | None") -> None:
        """What `peer` says of their half; None while nobody is there. Also to be called now and then: time counts."""
        now_s = time.monotonic()
        if peer is None:
            self.agreement.peer_is_away()
        else:
            self.agreement.take(peer.attributes.get(OFFER_ATTRIBUTE, ""), now_s)
        if encrypted and room.isconnected():
            self._room = room
            self._apply()
        self._tell(now_s)

    def peer_has_left(self) -> None:
        """On purpose: what was agreed on with them is over."""
        self.agreement.peer_has_left()
        self._apply()
        self._tell(time.monotonic())

    def on_track_published(self) -> None:
        """A new track is sent under the key at index 0 until the SDK is told otherwise."""
        self._tracks_under = None
        self._apply()

    def _tell(self, now_s: float) -> None:
        agreement = self.agreement
        self._store.update(
            key_origin=agreement.origin(now_s),
            key_words=agreement.words,
            key_words_changed=agreement.words_changed,
        )
        if self.offer != self._published:
            self._published = self.offer
            self._publish()

    # -- the SDK

    def _apply(self) -> None:
        up_to_date = self._due() is None and self._tracks_under == self._wanted
        if self._room is not None and not self._applying and not up_to_date:
            self._applying = True
            self._start(self._run(self._room), "setting keys")

    async def _run(self, room: rtc.Room) -> None:
        """Until the SDK holds what the agreement says by then."""
        try:
            while self._is_current(room) and (due := self._due()):
                await asyncio.to_thread(_set, room, *due)
                if room is self._room:
                    self._latest, key = due
                    self._ring[self._latest] = key
            while self._is_current(room) and self._tracks_under != self._wanted:
                self._tracks_under = self._wanted
                await asyncio.to_thread(_send_under, room, self._wanted)
            self.agreement.on_readable(self._ring.get(AGREED, ""), time.monotonic())
        except Exception:  # the SDK's own are plain: a room that is closing; the next poll tries again
            log.warning("a key was not set", exc_info=True)
            self._tracks_under = None
            return
        finally:
            self._applying = False
        self._tell(time.monotonic())
        self._apply()

    def _due(self) -> tuple[int, str] | None:
        """The next key to be set, and where."""
        use = self.agreement.use
        if use.agreed is not None and self._ring.get(AGREED) != use.agreed:
            return AGREED, use.agreed
        if self._ring[GIVEN] != use.given:
            return GIVEN, use.given
        return (self._wanted, self._ring[self._wanted]) if self._latest != self._wanted else None

    @property
    def _wanted(self) -> int:
        """The index to send under."""
        return AGREED if self.agreement.use.sends_agreed else GIVEN

    def _is_current(self, room: rtc.Room) -> bool:
        return room is self._room and room.isconnected()


def _set(room: rtc.Room, index: int, key: str) -> None:
    if (provider := room.e2ee_manager.key_provider) is not None:
        provider.set_shared_key(key.encode("ascii"), index)


def _send_under(room: rtc.Room, index: int) -> None:
    own = room.local_participant.identity
    for each in room.e2ee_manager.frame_cryptors():
        if each.participant_identity == own and each.key_index != index:
            each.set_key_index(index)
