"""One topic of sealed data messages between the two devices: sends what is due while the other is there, and opens what
comes from them.
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, ClassVar

from livekit import rtc

from app.call.chat.sealing import Seal
from app.call.contract.call_state import CallState
from app.call.room.room_session import RoomSession

log = logging.getLogger(__name__)

SENDING_LIMIT_S = 5.0


class SealedTopic(ABC):
    """Lives on the media loop, from before the call is joined to its end; outlasts the connection of a call that
    rejoined. `key` is the session's.
    """

    topic: ClassVar[str]
    check_every_s: float

    def __init__(self, session: RoomSession, key: str) -> None:
        self.session = session
        self._seal = Seal(key)
        self._woken = asyncio.Event()
        self._visits: tuple[int, int] = (0, 0)
        session.subscribe_messages(self.topic, self._on_message)

    @abstractmethod
    def packets_due(self) -> Iterable[bytes]:
        """What is to be sent now."""

    @abstractmethod
    def peer_is_back(self) -> None:
        """They have a new connection, or this side has."""

    def peer_is_gone(self) -> None:
        """Asked for as long as nobody else is in the call. Who only lost the connection is not gone."""
        return

    def check(self) -> None:
        """Asked every `check_every_s`, whoever is there."""
        return

    @abstractmethod
    def take(self, packet: bytes) -> bool:
        """What the other's device sealed. False where it could not be read."""

    def admits(self, received: "rtc.DataPacket", sender: str) -> bool:
        """Whether this packet of the peer's, `sender` by the identity that the server vouches for, is opened at all."""
        return True

    def wake(self) -> None:
        """Something is due."""
        self._woken.set()

    async def run(self) -> None:
        """For as long as the call lasts."""
        while True:
            await self._send_due()
            self._woken.clear()
            try:
                await asyncio.wait_for(self._woken.wait(), self.check_every_s)
            except TimeoutError:
                continue

    async def _send_due(self) -> None:
        peer = self.session.peer
        self.check()
        if self.session.status.state is CallState.WAITING:
            self.peer_is_gone()
        if self.session.status.state is not CallState.IN_CALL or peer.state is None:
            return
        visits = (peer.arrivals, self.session.restorations)
        if visits != self._visits:
            self._visits = visits
            self.peer_is_back()
        for packet in self.packets_due():
            await self._send(packet, peer.state.identity)

    async def _send(self, packet: bytes, identity: str) -> None:
        """One after the other; what does not get out is due again by itself."""
        try:
            own = self.session.room.local_participant
            sealed = self._seal.close(packet, own.identity)
            sending: Any = own.publish_data(sealed, destination_identities=[identity], topic=self.topic)
            await asyncio.wait_for(sending, SENDING_LIMIT_S)
        except Exception as error:  # the SDK's are plain; not connected just now
            log.info("a packet of %s was not sent: %s", self.topic, type(error).__name__)

    def _on_message(self, received: "rtc.DataPacket") -> None:
        sender, state = received.participant, self.session.peer.state
        if sender is None or state is None or sender.identity != state.identity:
            return
        if not self.admits(received, sender.identity):
            return
        opened = self._seal.open(received.data, sender.identity)
        if opened is None or not self.take(opened):
            log.warning("a packet of %s could not be read", self.topic)
