"""A room in which one side records, in memory: the other says what a test has them say."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from app.call.chat.sealing import Seal
from app.call.contract.call_state import CallState
from app.call.contract.recording import OwnRecording, RecordingEnd, RecordingState
from app.call.recording.consent import (
    TOPIC,
    RecordingPacket,
    read_recording_packet,
    recording_packet,
)
from app.call.room.messages.recording import RoomRecording
from app.call.state.store import SnapshotStore
from tests.fakes.recorder import FakeRecorder
from tests.waiting import until

AT = datetime(2027, 3, 1, 10, tzinfo=UTC)
KEY = "k" * 43
OWN, PEER = "professional_1", "user_2"
FILE = str(Path("videos") / "Mia.mp4")
THEIR_ASK = "00000003-0000-4000-8000-000000000000"


@dataclass
class Room:
    """A room session as the recording knows it, in which the other is there; `sent` is what went out. What `say` is
    called with is the other's next packet.
    """

    sent: list[bytes] = field(default_factory=list)
    made: list[FakeRecorder] = field(default_factory=list)
    makes: Callable[[], FakeRecorder] = FakeRecorder
    at_ms: int = 0

    def __post_init__(self) -> None:
        self.store = SnapshotStore()
        self.status = SimpleNamespace(state=CallState.IN_CALL, store=self.store)
        self.peer = SimpleNamespace(state=SimpleNamespace(identity=PEER), arrivals=1)
        self.restorations = 0
        self.room = SimpleNamespace(local_participant=SimpleNamespace(identity=OWN, publish_data=self._publish))
        self.topic = RoomRecording(self, KEY, lambda: AT, self._new)  # type: ignore[arg-type]  # what it uses of a session

    def _new(self) -> FakeRecorder:
        self.made.append(self.makes())
        return self.made[-1]

    def subscribe_messages(self, topic: str, handler: Any) -> None:
        assert topic == TOPIC
        self.handler = handler

    async def _publish(self, data: bytes, *, destination_identities: list[str], topic: str) -> None:
        assert (destination_identities, topic) == ([PEER], TOPIC)
        self.sent.append(data)

    @property
    def shown(self) -> OwnRecording:
        return self.store.snapshot.recording

    @property
    def recorder(self) -> FakeRecorder:
        return self.made[-1]

    @property
    def last_sent(self) -> RecordingPacket | None:
        opened = Seal(KEY).open(self.sent[-1], OWN) if self.sent else None
        return read_recording_packet(opened) if opened is not None else None

    def receive(self, data: bytes, sender: str = PEER, key: str = KEY) -> None:
        sealed = Seal(key).close(data, sender)
        self.handler(SimpleNamespace(data=sealed, participant=SimpleNamespace(identity=sender), topic=TOPIC))

    def say(self, answer: bool | None = None, ask: str | None = None, writing: bool = False) -> None:
        self.at_ms += 1
        to = self.shown.ask_id if answer is not None else None
        self.receive(recording_packet(RecordingPacket(self.at_ms, ask, writing, to, answer is True)))

    async def is_shown(self, state: RecordingState, end: RecordingEnd | None = None) -> None:
        await until(lambda: (self.shown.state, self.shown.end) == (state, end), lambda: f"{state}, not {self.shown}", 5)

    async def ended(self, end: RecordingEnd) -> None:
        await self.is_shown(RecordingState.ENDED, end)


@asynccontextmanager
async def running(**room: Any) -> AsyncIterator[Room]:
    made = Room(**room)
    carrying = asyncio.create_task(made.topic.run())
    try:
        yield made
    finally:
        carrying.cancel()


@asynccontextmanager
async def recording_now(**room: Any) -> AsyncIterator[Room]:
    """They were asked, said yes, and it is written."""
    async with running(**room) as made:
        made.topic.ask(FILE)
        made.say(True)
        await made.is_shown(RecordingState.RECORDING)
        yield made


def slow_to_open() -> FakeRecorder:
    made = FakeRecorder()
    made.opens.clear()
    return made
