"""The protocol by which one side asks to record and the other agrees. Pure.

Each side says how it stands: what it asks or writes, and what it answers to the other's question. It says so at every
change, when the other comes or a connection is back, and again every second, so that nothing has to be acknowledged.
An agreement counts only as long as it is repeated: where nothing more is heard nothing more is written. The call page
has the same (`callpage/src/call/recording_consent.ts`).
"""

import json
import math
import re
from dataclasses import dataclass
from enum import StrEnum

TOPIC = "rendezvous.recording"
KIND = "recording"
REPEAT_AFTER_S = 1.0
STALE_AFTER_S = 4.0
"""So long after the last repetition an agreement still counts: no lost packet interrupts a recording."""
LARGEST_PACKET = 512
"""Bytes, sealed; a larger one is not even opened."""
PACKETS_AT_ONCE, PACKETS_A_SECOND = 20.0, 5.0
"""How many are looked at; the rest of a flood is dropped, and how it stands is said again."""
ID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
LATEST_MS = 253_402_300_799_000
"""The end of the year 9999, with which Python's datetime ends."""
_ID = re.compile(ID_PATTERN, re.ASCII)


class Permission(StrEnum):
    """What the other says to this side's question."""

    OPEN = "open"  # nothing yet
    GIVEN = "given"
    STALE = "stale"  # given, and not repeated lately, or by a page that has been loaded again since
    DENIED = "denied"


@dataclass(frozen=True)
class RecordingPacket:
    """How one side stands. `sent_at_ms` only tells newer from older ones. `ask_id` is what it asks to record, or
    records (`writing`); `answer_to` is the other's question that it answers with `agreed`.
    """

    sent_at_ms: int
    ask_id: str | None = None
    writing: bool = False
    answer_to: str | None = None
    agreed: bool = False


def recording_packet(packet: RecordingPacket) -> bytes:
    said = {
        "kind": KIND,
        "at_ms": packet.sent_at_ms,
        "ask": packet.ask_id,
        "writing": packet.writing,
        "answer_to": packet.answer_to,
        "agreed": packet.agreed,
    }
    return json.dumps(said, separators=(",", ":")).encode()


def read_recording_packet(data: bytes) -> RecordingPacket | None:
    """None for what is not of this protocol: it is left alone."""
    try:
        said = json.loads(data)
        if said["kind"] != KIND:
            return None
        packet = RecordingPacket(said["at_ms"], said["ask"], said["writing"], said["answer_to"], said["agreed"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    fits = (
        type(packet.sent_at_ms) is int
        and 0 <= packet.sent_at_ms <= LATEST_MS
        and type(packet.writing) is bool
        and type(packet.agreed) is bool
        and _is_id(packet.ask_id)
        and _is_id(packet.answer_to)
    )
    return packet if fits else None


def _is_id(value: object) -> bool:
    return value is None or (type(value) is str and _ID.fullmatch(value) is not None)


@dataclass
class RecordingConsent:
    """One side's part. Times are seconds of a monotonic clock, or milliseconds of the server's (`now_ms`).

    `ask_id` and `writing` are this side's own, `their_ask` and `they_write` the other's; `agreed` is this person's
    answer to `their_ask`.
    """

    ask_id: str | None = None
    writing: bool = False
    their_ask: str | None = None
    they_write: bool = False
    agreed: bool | None = None
    _their_answer: bool | None = None
    _was_given: bool = False
    _heard_s: float = 0.0
    _newest_ms: int = -1
    _sent_ms: int = -1
    _due_s: float | None = None

    def ask(self, ask_id: str) -> None:
        """In place of a question before. `ask_id` is a UUID that nothing else has."""
        self.ask_id, self.writing = ask_id, False
        self._their_answer, self._was_given = None, False
        self._due_s = 0.0

    def stop(self) -> None:
        """Nothing is asked, and nothing may be written any more."""
        if self.ask_id is not None:
            self.ask_id, self.writing, self._their_answer, self._was_given = None, False, None, False
            self._due_s = 0.0

    def set_writing(self, writing: bool) -> None:
        """Whether it is being written now: the other is shown it."""
        if writing != self.writing and self.ask_id is not None:
            self.writing, self._due_s = writing, 0.0

    def answer(self, ask_id: str, agreed: bool) -> None:
        """To their question, if it still is that one; a yes can be taken back, and then they have to ask again."""
        if ask_id == self.their_ask and self.agreed is not False:
            self.agreed, self._due_s = agreed, 0.0

    def permission(self, now_s: float) -> Permission:
        """Whether this side may write now."""
        if self.ask_id is None or self._their_answer is False:
            return Permission.DENIED
        if self._their_answer is None:
            return Permission.STALE if self._was_given else Permission.OPEN
        return Permission.GIVEN if now_s - self._heard_s <= STALE_AFTER_S else Permission.STALE

    def receive(self, packet: RecordingPacket, now_s: float) -> None:
        """Of the other; one that is not newer than the newest is of no interest."""
        if packet.sent_at_ms <= self._newest_ms:
            return
        self._newest_ms = packet.sent_at_ms
        if packet.ask_id != self.their_ask:
            self.their_ask, self.agreed, self._due_s = packet.ask_id, None, 0.0
        self.they_write = packet.writing and packet.ask_id is not None
        if self.ask_id is None:
            return
        answers = packet.answer_to == self.ask_id
        if self._their_answer is not False:  # a no is final: it has to be asked again
            self._their_answer = packet.agreed if answers else None
            self._was_given = self._was_given or (answers and packet.agreed)
        if answers:
            self._heard_s = now_s

    def peer_is_back(self) -> None:
        """They have a new connection, or this side has: what they agreed to before it counts once they repeat it."""
        self._due_s = 0.0 if self._due_s is not None else None
        self._heard_s = -math.inf

    def peer_is_gone(self) -> None:
        """What they asked and answered is over with their visit; a no stays one."""
        self.their_ask, self.they_write, self.agreed = None, False, None
        if self._their_answer is not False:
            self._their_answer = None

    def due(self, now_s: float, now_ms: int) -> bytes | None:
        """The packet to be sent now."""
        if self._due_s is None or now_s < self._due_s:
            return None
        says_something = self.ask_id is not None or (self.their_ask is not None and self.agreed is not None)
        self._due_s = now_s + (REPEAT_AFTER_S if says_something else 5 * REPEAT_AFTER_S)
        self._sent_ms = max(now_ms, self._sent_ms + 1)
        answer_to = self.their_ask if self.agreed is not None else None
        return recording_packet(
            RecordingPacket(self._sent_ms, self.ask_id, self.writing, answer_to, self.agreed is True)
        )
