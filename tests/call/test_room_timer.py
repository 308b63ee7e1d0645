"""The shared timer over the room: whose packets count, and when one's own are sent."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from app.call.chat.sealing import Seal
from app.call.chat.timer import LARGEST_PACKET, PACKETS_AT_ONCE, TOPIC, TimerPacket, read_timer_packet, timer_packet
from app.call.contract.call_state import CallState
from app.call.contract.engine import CallCredentials
from app.call.contract.timer import SharedTimer
from app.call.room.messages.timer import RoomTimer
from app.call.state.store import SnapshotStore
from tests.waiting import until

AT = datetime(2027, 3, 1, 10, tzinfo=UTC)
KEY = "k" * 43
PROFESSIONAL, USER = "professional_1", "user_2"
MINUTES = timedelta(minutes=10)
STARTED = timer_packet(TimerPacket(1, 600_000, 600_000))


@dataclass
class Room:
    """A room session as the timer knows it, in which `peer` is there; `sent` is what went out."""

    own: str
    peer_identity: str
    sent: list[tuple[bytes, str]] = field(default_factory=list)
    handler: Any = None

    def __post_init__(self) -> None:
        self.store = SnapshotStore()
        self.status = SimpleNamespace(state=CallState.IN_CALL, store=self.store)
        self.peer = SimpleNamespace(state=SimpleNamespace(identity=self.peer_identity), arrivals=1)
        self.restorations = 0
        self.room = SimpleNamespace(local_participant=SimpleNamespace(identity=self.own, publish_data=self._publish))

    def subscribe_messages(self, topic: str, handler: Any) -> None:
        assert topic == TOPIC
        self.handler = handler

    async def _publish(self, data: bytes, *, destination_identities: list[str], topic: str) -> None:
        assert topic == TOPIC
        self.sent.append((data, destination_identities[0]))

    def timer(self, kept: SharedTimer | None = None) -> RoomTimer:
        given = CallCredentials("1", "session_1", "ws://x.test", "t", self.own, self.own.split("_")[0], "", KEY)
        return RoomTimer(self, given, lambda: AT, kept)  # type: ignore[arg-type]  # what it uses of a session

    def receive(self, data: bytes, sender: str, key: str = KEY) -> None:
        sealed = Seal(key).close(data, sender)
        self.handler(SimpleNamespace(data=sealed, participant=SimpleNamespace(identity=sender), topic=TOPIC))

    def opened(self) -> list[TimerPacket | None]:
        found = [Seal(KEY).open(data, self.own) for data, _ in self.sent]
        return [read_timer_packet(each) if each is not None else None for each in found]


def test_the_users_side_follows_the_professional() -> None:
    room = Room(USER, PROFESSIONAL)
    room.timer()
    room.receive(STARTED, PROFESSIONAL)
    assert room.store.snapshot.timer == SharedTimer(MINUTES, AT + MINUTES)
    room.receive(timer_packet(TimerPacket(2, 0, None)), PROFESSIONAL)
    assert room.store.snapshot.timer is None


def test_a_users_packet_counts_nowhere() -> None:
    for own, peer in ((PROFESSIONAL, USER), (USER, "user_3")):
        room = Room(own, peer)
        room.timer()
        room.receive(STARTED, peer)
        assert room.store.snapshot.timer is None


def test_what_is_not_sealed_by_the_peer_or_too_large_or_no_timer_is_left_alone() -> None:
    room = Room(USER, PROFESSIONAL)
    room.timer()
    room.receive(STARTED, PROFESSIONAL, key="x" * 43)
    room.receive(STARTED, "professional_9")
    room.receive(STARTED + b" " * LARGEST_PACKET, PROFESSIONAL)
    room.receive(b'{"kind":"message"}', PROFESSIONAL)
    unsealed = SimpleNamespace(data=STARTED, participant=SimpleNamespace(identity=PROFESSIONAL), topic=TOPIC)
    room.handler(unsealed)
    room.handler(SimpleNamespace(data=STARTED, participant=None, topic=TOPIC))
    assert room.store.snapshot.timer is None


def test_a_flood_is_dropped() -> None:
    room = Room(USER, PROFESSIONAL)
    room.timer()
    for number in range(1, 500):
        room.receive(timer_packet(TimerPacket(number, 600_000, 1000 * number)), PROFESSIONAL)
    timer = room.store.snapshot.timer
    assert timer is not None
    assert timer.ends_at < AT + timedelta(seconds=PACKETS_AT_ONCE + 20)


async def test_the_professionals_side_says_it_at_once_and_again_to_who_comes_back() -> None:
    room = Room(PROFESSIONAL, USER)
    timer = room.timer()
    running = asyncio.create_task(timer.run())
    try:
        await until(lambda: room.opened()[-1:] == [TimerPacket(_ms(AT), 0, None)], "there is none, who comes is told")
        timer.set(MINUTES)
        await until(lambda: room.opened()[-1:] == [TimerPacket(_ms(AT) + 1, 600_000, 600_000)], "it has started")
        room.restorations += 1
        await until(lambda: len(room.sent) == 3, "said again after the connection came back", limit_s=2)
        assert {to for _, to in room.sent} == {USER}
        assert b"length_ms" not in room.sent[1][0], "the media server reads none of it"
    finally:
        running.cancel()


async def test_a_professional_who_was_away_does_not_first_say_that_there_is_none() -> None:
    room = Room(PROFESSIONAL, USER)
    timer = room.timer(kept=SharedTimer(MINUTES, AT + MINUTES / 2))
    assert room.store.snapshot.timer is not None
    running = asyncio.create_task(timer.run())
    try:
        await until(lambda: room.sent, "said")
        assert room.opened() == [TimerPacket(_ms(AT), 600_000, 300_000)]
    finally:
        running.cancel()


@pytest.mark.parametrize("length", [MINUTES, None])
async def test_the_users_side_sends_nothing_whatever_is_pressed(length: timedelta | None) -> None:
    room = Room(USER, PROFESSIONAL)
    timer = room.timer()
    timer.set(length)
    await timer._send_due()
    assert (room.sent, room.store.snapshot.timer) == ([], None)


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def test_the_packet_is_as_small_as_it_can_be() -> None:
    assert json.loads(STARTED) == {"kind": "timer", "at_ms": 1, "length_ms": 600_000, "left_ms": 600_000}
