"""Files over the room: sealed, only from the other one, shown calmly, and ended when the other has gone."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from app.call.chat.file_packets import LARGEST_PACKET, TOPIC, Offer, Piece, file_packet
from app.call.chat.sealing import Seal
from app.call.contract.call_state import CallSnapshot, CallState
from app.call.contract.files import LARGEST_FILE, FileProblem, FileState, FileTransfer
from app.call.room.messages.files import BUSY_EVERY_S, IDLE_EVERY_S, RoomFiles
from app.call.state.store import SnapshotStore
from tests.waiting import until

AT = datetime(2027, 3, 1, 10, tzinfo=UTC)
KEY = "k" * 43
ANNA, BEN = "professional_1", "user_2"
ID = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"


@dataclass
class Room:
    """A room session as files know it; what is sent arrives at `other`, and is in `sent`."""

    own: str
    peer_identity: str
    sent: list[bytes] = field(default_factory=list)
    other: "Room | None" = None
    handler: Any = None
    delivered: list[tuple[FileTransfer, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = SnapshotStore()
        self.status = SimpleNamespace(state=CallState.IN_CALL, store=self.store)
        self.peer = SimpleNamespace(state=SimpleNamespace(identity=self.peer_identity), arrivals=1)
        self.restorations = 0
        self.room = SimpleNamespace(local_participant=SimpleNamespace(identity=self.own, publish_data=self._publish))
        self.files = RoomFiles(self, KEY, lambda: AT, lambda file, note: self.delivered.append((file, note)))  # type: ignore[arg-type]  # what it uses of a session

    def subscribe_messages(self, topic: str, handler: Any) -> None:
        assert topic == TOPIC
        self.handler = handler

    async def _publish(self, data: bytes, *, destination_identities: list[str], topic: str) -> None:
        assert (topic, destination_identities) == (TOPIC, [self.peer_identity])
        self.sent.append(data)
        await asyncio.sleep(0)
        if self.other is not None and self.other.status.state is CallState.IN_CALL:
            self.other.receive(data, self.own)

    def receive(self, data: bytes, sender: str) -> None:
        self.handler(SimpleNamespace(data=data, participant=SimpleNamespace(identity=sender), topic=TOPIC))

    def receive_sealed(self, packet: bytes, sender: str, key: str = KEY) -> None:
        self.receive(Seal(key).close(packet, sender), sender)

    @property
    def shown(self) -> tuple[FileTransfer, ...]:
        return self.store.snapshot.files


@pytest.fixture
def rooms() -> tuple[Room, Room]:
    anna, ben = Room(ANNA, BEN), Room(BEN, ANNA)
    anna.other, ben.other = ben, anna
    return anna, ben


@pytest.fixture
async def running(rooms: tuple[Room, Room]) -> AsyncIterator[tuple[Room, Room]]:
    tasks = [asyncio.ensure_future(each.files.run()) for each in rooms]
    yield rooms
    for each in tasks:
        each.cancel()


def named(room: Room, name: str) -> FileTransfer | None:
    return next((each for each in room.shown if each.name == name), None)


def ends(room: Room) -> list[tuple[str, FileState, FileProblem | None]]:
    return [(each.name, each.state, each.problem) for each in room.shown]


async def test_a_file_arrives_with_a_clean_name_and_its_note_is_written_once_it_has(running: tuple[Room, Room]) -> None:
    anna, ben = running
    content = bytes(range(256)) * 2000
    assert anna.files.send("../plan.pdf", content, "a note") is None
    assert not anna.delivered
    await until(lambda: anna.delivered and ben.shown[0].state is FileState.DELIVERED, "it arrived")
    assert [(file.name, note) for file, note in anna.delivered] == [("plan.pdf", "a note")]
    assert ends(ben) == [("plan.pdf", FileState.DELIVERED, None)]
    assert ben.files.content_of(ben.shown[0].id) == content
    assert ben.shown[0].at == AT


async def test_nothing_of_it_can_be_read_on_the_way(running: tuple[Room, Room]) -> None:
    anna, ben = running
    anna.files.send("diagnosis.pdf", b"SECRET" * 10_000, "")
    await until(lambda: anna.delivered, "it arrived")
    sent = [*anna.sent, *ben.sent]
    assert len(sent) > 3
    assert not [each for each in sent if b"diagnosis" in each or b"SECRET" in each or b"file_" in each]
    assert {Seal("x" * 43).open(each, ANNA) for each in anna.sent} == {None}
    assert {Seal(KEY).open(each, BEN) for each in anna.sent} == {None}, "nobody can turn it round"
    assert max(map(len, sent)) <= LARGEST_PACKET


async def test_packets_of_others_sealed_otherwise_too_large_or_of_no_kind_are_left_alone() -> None:
    ben = Room(BEN, ANNA)
    offer = file_packet(Offer(ID, "a", 3))
    ben.receive_sealed(offer, "user_7")
    ben.receive_sealed(offer, ANNA, key="x" * 43)
    ben.receive(offer, ANNA)
    ben.receive(b"", ANNA)
    ben.receive(Seal(KEY).close(offer + b" " * LARGEST_PACKET, ANNA), ANNA)
    for junk in (b"", b"\0", b"{}", b"[" * 10_000, b'{"kind":"file_offer"}'):
        ben.receive_sealed(junk, ANNA)
    assert ben.shown == ()
    ben.receive_sealed(offer, ANNA)
    ben.receive_sealed(file_packet(Piece(ID, 0, b"abc")), ANNA)
    assert ends(ben) == [("a", FileState.DELIVERED, None)]


async def test_nobody_there_more_than_ten_megabytes_and_a_fourth_are_refused_and_nothing_is_sent() -> None:
    anna = Room(ANNA, BEN)
    anna.status.state = CallState.WAITING
    assert anna.files.send("a", b"x", "") is FileProblem.NOT_IN_CALL
    anna.status.state = CallState.IN_CALL
    assert anna.files.send("a", bytes(LARGEST_FILE + 1), "") is FileProblem.TOO_LARGE
    assert [anna.files.send(str(each), b"x", "") for each in range(4)] == [None, None, None, FileProblem.TOO_MANY]
    assert list(anna.sent) == []


async def test_while_apart_nothing_is_sent_or_given_up_and_it_goes_on_when_they_are_back(
    running: tuple[Room, Room],
) -> None:
    anna, ben = running
    anna.files.send("a", bytes(2_000_000), "")
    await until(lambda: ben.shown and ben.shown[0].done > 100_000, "it is under way")
    anna.status.state, ben.status.state = CallState.RECONNECTING, CallState.PEER_RECONNECTING
    stood = ben.shown[0].done
    await until(lambda: _quiet(anna), "nothing is sent")
    assert [each.state for each in (*anna.shown, *ben.shown)] == [FileState.UNDERWAY] * 2
    for each in (anna, ben):
        each.status.state = CallState.IN_CALL
        each.restorations += 1
    begun = len(anna.sent)
    await until(lambda: anna.delivered, "it arrived")
    assert sum(map(len, anna.sent[begun:])) < 1.2 * (2_000_000 - stood) + 20_000


_counts: dict[int, int] = {}


def _quiet(room: Room) -> bool:
    before, _counts[id(room)] = _counts.get(id(room), -1), len(room.sent)
    return before == len(room.sent)


async def test_one_who_has_gone_ends_it_and_it_can_be_sent_again(running: tuple[Room, Room]) -> None:
    anna, ben = running
    anna.files.send("a", bytes(5_000_000), "the note")
    await until(lambda: ben.shown and ben.shown[0].done > 100_000, "it is under way")
    anna.status.state = ben.status.state = CallState.WAITING
    await until(lambda: ends(anna) == ends(ben) == [("a", FileState.FAILED, FileProblem.PEER_LEFT)], "it is said")
    assert anna.files.send_again(anna.shown[0].id) is FileProblem.NOT_IN_CALL
    anna.status.state = ben.status.state = CallState.IN_CALL
    assert anna.files.send_again(anna.shown[0].id) is None
    await until(lambda: anna.delivered, "it arrived")
    assert anna.delivered[0][1] == "the note"
    assert [each[1] for each in ends(ben)] == [FileState.FAILED, FileState.DELIVERED]


async def test_either_can_cancel_and_what_has_arrived_is_removed(running: tuple[Room, Room]) -> None:
    anna, ben = running
    own, theirs = (FileState.CANCELLED, FileProblem.CANCELLED), (FileState.CANCELLED, FileProblem.PEER_CANCELLED)
    for name, canceller, other in (("a", anna, ben), ("b", ben, anna)):
        anna.files.send(name, bytes(5_000_000), "")
        await until(lambda name=name: (found := named(ben, name)) and found.done > 100_000, "it is under way")  # type: ignore[misc]
        found = named(canceller, name)
        assert found is not None
        canceller.files.cancel(found.id)
        assert (name, *own) in ends(canceller)
        await until(lambda other=other, name=name: (name, *theirs) in ends(other), "the other is told")  # type: ignore[misc]
    for each in ben.shown:
        ben.files.cancel(each.id)
    assert ben.shown == ()


async def test_the_screen_is_not_drawn_again_for_each_piece(running: tuple[Room, Room]) -> None:
    anna, ben = running
    seen: list[CallSnapshot] = []
    ben.store.subscribe(seen.append)
    anna.files.send("a", bytes(3_000_000), "")
    await until(lambda: anna.delivered, "it arrived")
    assert len(anna.sent) > 200
    assert 2 <= len(seen) <= 60
    assert seen[-1].files[0].state is FileState.DELIVERED


async def test_a_call_without_files_is_hardly_woken(running: tuple[Room, Room]) -> None:
    anna, ben = running
    assert anna.files.check_every_s == IDLE_EVERY_S
    anna.files.send("a", bytes(100_000), "")
    assert anna.files.check_every_s == BUSY_EVERY_S
    await until(lambda: anna.delivered, "it arrived")
    await until(lambda: anna.files.check_every_s == ben.files.check_every_s == IDLE_EVERY_S, "both rest")
