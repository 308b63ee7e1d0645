"""Carries the chat over the room as data messages."""

import time
from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import uuid4

from app.call.chat.protocol import TOPIC, Conversation, read_packet
from app.call.contract.chat import ChatMessage
from app.call.room.messages.sealed_topic import SealedTopic
from app.call.room.room_session import RoomSession


class RoomChat(SealedTopic):
    """What gets lost is sent again for want of an acknowledgement. `now` is the server's clock."""

    topic = TOPIC
    check_every_s = 0.25

    def __init__(self, session: RoomSession, key: str, now: Callable[[], datetime]) -> None:
        self._now = now
        self._conversation = Conversation()
        super().__init__(session, key)

    def send(self, text: str, message_id: str | None = None) -> None:
        """Shown at once; delivered when the other is there. `message_id` is a UUID that nothing else has."""
        self._conversation.write(message_id or str(uuid4()), text, self._now())
        self._changed()

    def take_kept(self, kept: Iterable[ChatMessage]) -> None:
        """What the backend has of this session."""
        self._conversation.take_kept(kept)
        self._changed()

    def packets_due(self) -> Iterable[bytes]:
        return self._conversation.due(time.monotonic())

    def peer_is_back(self) -> None:
        self._conversation.peer_is_back()

    def take(self, packet: bytes) -> bool:
        read = read_packet(packet)
        if read is None:
            return False
        self._conversation.receive(read, self._now())
        self._changed()
        return True

    def _changed(self) -> None:
        self.session.status.store.update(chat=self._conversation.messages)
        self.wake()
