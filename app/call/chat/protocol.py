"""The chat's protocol: what is sent, acknowledged and sent again until it is there once and in order. Pure.

Every message has an id of its sender's. It is sent until the other acknowledges that id; what comes twice is
acknowledged twice and counts once. Messages stand in the order of the instants at which they were sent, which each
side keeps ahead of all that it has seen: an answer stands below its question, on both sides. Nothing else holds the
order, so packets may come in any. The call page has the same (`callpage/src/call/chat.ts`).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.call.contract.chat import LONGEST_MESSAGE, ChatMessage

TOPIC = "rendezvous.chat"
RESEND_AFTER_S = (2.0, 4.0, 8.0)
"""Without an acknowledgement; the last one for all further."""
IN_FLIGHT = 16
"""Messages that may be under way at once: a channel that stands still does not fill with repetitions."""
ACKNOWLEDGED_AT_ONCE = 100
MOST_OF_THEIRS = 2000
"""So many messages are taken of the other side; further ones are neither shown nor acknowledged."""
CLOCKS_APART = timedelta(minutes=1)
"""How far the other's clock may be ahead, as the backend has it. One's own messages go below all that are known: a
message of the year 9999 would leave no instant for an answer.
"""
MESSAGE, ACKNOWLEDGEMENT = "message", "ack"


@dataclass(frozen=True)
class Packet:
    """What came in one packet: a message of theirs, or the ids of messages that they have."""

    message: ChatMessage | None = None
    acknowledged: tuple[str, ...] = ()


def message_packet(message: ChatMessage) -> bytes:
    at_ms = round(message.sent_at.timestamp() * 1000)
    return _packed({"kind": MESSAGE, "id": message.id, "text": message.text, "at_ms": at_ms})


def acknowledgement_packet(ids: Iterable[str]) -> bytes:
    return _packed({"kind": ACKNOWLEDGEMENT, "ids": list(ids)})


def _packed(said: dict[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def read_packet(data: bytes) -> Packet | None:
    """None for what is not of this protocol: it is left alone."""
    try:
        said = json.loads(data)
        if said["kind"] == MESSAGE:
            sent_at = datetime.fromtimestamp(int(said["at_ms"]) / 1000, UTC)
            text = str(said["text"])
            if not text or len(text) > LONGEST_MESSAGE:
                return None
            return Packet(ChatMessage(str(UUID(said["id"])), text, sent_at, mine=False, delivered=True))
        if said["kind"] == ACKNOWLEDGEMENT:
            return Packet(acknowledged=tuple(str(each) for each in said["ids"]))
    except (ValueError, TypeError, KeyError, OverflowError, OSError, RecursionError):
        return None
    return None


@dataclass
class _Sending:
    tries: int = 0
    due_s: float = 0.0


@dataclass
class Conversation:
    """All messages of a session, and what is still to be sent. Seconds are of a monotonic clock."""

    _by_id: dict[str, ChatMessage] = field(default_factory=dict)
    _sending: dict[str, _Sending] = field(default_factory=dict)
    _to_acknowledge: list[str] = field(default_factory=list)

    @property
    def messages(self) -> tuple[ChatMessage, ...]:
        """In their order."""
        return tuple(sorted(self._by_id.values(), key=lambda each: each.place))

    def write(self, message_id: str, text: str, now: datetime) -> ChatMessage:
        """A new message of one's own, after all that are known."""
        after = [_whole_ms(each.sent_at) + timedelta(milliseconds=1) for each in self._by_id.values()]
        at = max([_whole_ms(now), *after])
        message = self._by_id[message_id] = ChatMessage(message_id, text, at, mine=True)
        self._sending[message_id] = _Sending()
        return message

    def receive(self, packet: Packet, now: datetime) -> None:
        """`now` is the server's clock."""
        for message_id in packet.acknowledged:
            self._sending.pop(message_id, None)
            known = self._by_id.get(message_id)
            if known is not None and known.mine:
                self._by_id[message_id] = replace(known, delivered=True)
        if packet.message is not None and self._has_room_for(packet.message):
            sent_at = min(packet.message.sent_at, _whole_ms(now) + CLOCKS_APART)
            self._by_id.setdefault(packet.message.id, replace(packet.message, sent_at=sent_at))
            if packet.message.id not in self._to_acknowledge:
                self._to_acknowledge.append(packet.message.id)

    def _has_room_for(self, message: ChatMessage) -> bool:
        return message.id in self._by_id or sum(not each.mine for each in self._by_id.values()) < MOST_OF_THEIRS

    def take_kept(self, kept: Iterable[ChatMessage]) -> None:
        """What the backend has: of earlier devices and visits. What is one's own is sent again, for nobody knows
        whether it was delivered.
        """
        for message in kept:
            if message.id not in self._by_id:
                self._by_id[message.id] = message
                if message.mine and not message.delivered:
                    self._sending[message.id] = _Sending()

    def peer_is_back(self) -> None:
        """They have a new connection, or this side has: what they lack is due at once."""
        for sending in self._sending.values():
            sending.tries, sending.due_s = 0, 0.0

    def due(self, now_s: float) -> list[bytes]:
        """The packets to be sent now, acknowledgements first; each counts as one more try."""
        ids, self._to_acknowledge = self._to_acknowledge, []
        batches = [ids[at : at + ACKNOWLEDGED_AT_ONCE] for at in range(0, len(ids), ACKNOWLEDGED_AT_ONCE)]
        packets = [acknowledgement_packet(batch) for batch in batches]
        waiting = sorted(self._sending, key=lambda each: self._by_id[each].place)[:IN_FLIGHT]
        for message_id in waiting:
            sending = self._sending[message_id]
            if now_s >= sending.due_s:
                sending.due_s = now_s + RESEND_AFTER_S[min(sending.tries, len(RESEND_AFTER_S) - 1)]
                sending.tries += 1
                packets.append(message_packet(self._by_id[message_id]))
        return packets


def _whole_ms(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
