"""Carries the chat over the room as data messages, from before the call is joined to its end."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import uuid4

from livekit import rtc

from app.call.chat.protocol import TOPIC, Conversation, read_packet
from app.call.chat.sealing import Seal
from app.call.contract.call_state import CallState
from app.call.contract.chat import ChatMessage
from app.call.room.room_session import RoomSession

log = logging.getLogger(__name__)

SENDING_LIMIT_S = 5.0
CHECK_EVERY_S = 0.25


class RoomChat:
    """Lives on the media loop; outlasts the connection of a call that rejoined. `now` is the server's clock."""

    def __init__(self, session: RoomSession, key: str, now: Callable[[], datetime]) -> None:
        self._session = session
        self._seal = Seal(key)
        self._now = now
        self._conversation = Conversation()
        self._woken = asyncio.Event()
        self._peers: tuple[int, int] = (0, 0)
        session.subscribe_messages(TOPIC, self._on_message)

    def send(self, text: str) -> None:
        """Shown at once; delivered when the other is there."""
        self._conversation.write(str(uuid4()), text, self._now())
        self._changed()

    def take_kept(self, kept: Iterable[ChatMessage]) -> None:
        """What the backend has of this session."""
        self._conversation.take_kept(kept)
        self._changed()

    async def run(self) -> None:
        """For as long as the call lasts: sends what is due while the other is there."""
        while True:
            await self._send_due()
            self._woken.clear()
            try:
                await asyncio.wait_for(self._woken.wait(), CHECK_EVERY_S)
            except TimeoutError:
                continue

    async def _send_due(self) -> None:
        peer = self._session.peer
        if self._session.status.state is not CallState.IN_CALL or peer.state is None:
            return
        visits = (peer.arrivals, self._session.restorations)
        if visits != self._peers:
            self._peers = visits
            self._conversation.peer_is_back()
        for packet in self._conversation.due(time.monotonic()):
            await self._send(packet, peer.state.identity)

    async def _send(self, packet: bytes, identity: str) -> None:
        """One after the other; what does not get out is sent again for want of an acknowledgement."""
        own = self._session.room.local_participant
        sealed = self._seal.close(packet, own.identity)
        sending: Any = own.publish_data(sealed, destination_identities=[identity], topic=TOPIC)
        try:
            await asyncio.wait_for(sending, SENDING_LIMIT_S)
        except Exception as error:  # the SDK's are plain; not connected just now
            log.info("a chat packet was not sent: %s", type(error).__name__)

    def _on_message(self, received: "rtc.DataPacket") -> None:
        sender, state = received.participant, self._session.peer.state
        if sender is None or state is None or sender.identity != state.identity:
            return
        opened = self._seal.open(received.data, sender.identity)
        packet = read_packet(opened) if opened is not None else None
        if packet is None:
            log.warning("a chat packet could not be read")
            return
        self._conversation.receive(packet, self._now())
        self._changed()

    def _changed(self) -> None:
        self._session.status.store.update(chat=self._conversation.messages)
        self._woken.set()
