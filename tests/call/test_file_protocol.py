"""The protocol of files, two ends of it over a channel that loses, and ends that send what no honest one would."""

import hashlib
import itertools
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from app.call.chat import file_packets
from app.call.chat.file_pace import LATEST, MOST_A_SECOND, SMALLEST_WINDOW, Pace
from app.call.chat.file_packets import (
    LARGEST_PACKET,
    LARGEST_PIECE,
    Have,
    Offer,
    Piece,
    Refuse,
    Stop,
    file_packet,
    read_file_packet,
)
from app.call.chat.file_receiving import MOST_OF_THEIRS, FileReceiving
from app.call.chat.file_sending import STALLED_AFTER_S, FileSending
from app.call.contract.files import FILES_AT_ONCE, LARGEST_FILE, ROOM_FOR_FILES, FileProblem, FileState, FileTransfer

AT = datetime(2027, 3, 1, 10, tzinfo=UTC)
STEP_S = 0.02
ID, OTHER = "1b4e28ba-2fa1-41d2-883f-0016d3cca427", "9b4e28ba-2fa1-41d2-883f-0016d3cca427"
GOOD_OFFER: dict[str, Any] = {"kind": "file_offer", "id": ID, "name": "plan.pdf", "size": 3}
HOSTILE: list[Any] = [
    {**GOOD_OFFER, "size": -1},
    {**GOOD_OFFER, "size": 1.5},
    {**GOOD_OFFER, "size": True},
    {**GOOD_OFFER, "size": "3"},
    {**GOOD_OFFER, "size": None},
    {**GOOD_OFFER, "size": 2**32},
    {**GOOD_OFFER, "size": 10**400},
    {**GOOD_OFFER, "name": None},
    {**GOOD_OFFER, "name": ["a"]},
    {**GOOD_OFFER, "name": "x" * 1001},
    {**GOOD_OFFER, "id": ID.upper()},
    {**GOOD_OFFER, "id": "../../etc"},
    {**GOOD_OFFER, "id": 5},
    {**GOOD_OFFER, "kind": "message"},
    {"kind": "file_offer", "id": ID},
    {"kind": "file_have", "id": ID},
    {"kind": "file_have", "id": ID, "done": -1},
    {"kind": "file_have", "id": ID, "done": "all"},
    {"kind": "file_refuse", "id": ID},
    {"kind": "file_stop", "id": ID, "why": 3},
    {"id": ID},
    [],
    None,
    7,
    "file_offer",
]
NO_PACKETS = [b"", b"{", b"\0", b"\0" * 21, b"\xff\xfe", b"[" * 5000, b"\0" + b"x" * (20 + LARGEST_PIECE + 1)]


@dataclass
class Pair:
    """A sender and a receiver; `lost` says which packets do not arrive. `after_s` is the way one way."""

    after_s: float = 0.01
    lost: Callable[[], bool] = lambda: False
    a: FileSending = field(default_factory=FileSending)
    b: FileReceiving = field(default_factory=FileReceiving)
    now_s: float = 100.0
    on_way: list[tuple[float, Any]] = field(default_factory=list)
    packets: int = 0
    completed: list[FileTransfer] = field(default_factory=list)

    def send(self, content: bytes, file_id: str = ID, name: str = "plan.pdf") -> FileProblem | None:
        return self.a.offer(file_id, name, content, AT)

    def step(self) -> None:
        self.now_s += STEP_S
        for packet in itertools.chain(self.a.due(self.now_s), self.b.due(self.now_s)):
            self.packets += 1
            if not self.lost():
                self.on_way.append((self.now_s + self.after_s, read_file_packet(file_packet(packet))))
        arrived = [each for at_s, each in self.on_way if at_s <= self.now_s]
        self.on_way = [each for each in self.on_way if each[0] > self.now_s]
        for packet in arrived:
            self.arrives(packet)

    def arrives(self, packet: Any) -> None:
        match packet:
            case Piece():
                self.b.on_piece(packet)
            case Offer():
                self.b.on_offer(packet, AT)
            case Stop():
                self.b.on_stop(packet)
            case Refuse():
                self.a.on_refuse(packet)
            case Have():
                if (done := self.a.on_have(packet, self.now_s)) is not None:
                    self.completed.append(done)

    def until(self, done: Callable[[], bool], limit_s: float) -> None:
        end_s = self.now_s + limit_s
        while not done():
            assert self.now_s < end_s, (self.a.shown, self.b.shown)
            self.step()

    @property
    def sent(self) -> FileTransfer:
        return self.a.shown[0]

    @property
    def received(self) -> FileTransfer:
        return self.b.shown[0]

    def is_over(self) -> bool:
        return self.sent.state is not FileState.UNDERWAY and self.received.state is not FileState.UNDERWAY


def ended(transfer: FileTransfer) -> tuple[FileState, FileProblem | None]:
    return transfer.state, transfer.problem


@pytest.mark.parametrize("size", [0, 1, LARGEST_PIECE, LARGEST_PIECE + 1, LARGEST_FILE])
def test_a_file_arrives_whole(size: int) -> None:
    pair, content = Pair(), random.Random(size).randbytes(size)
    assert pair.send(content) is None
    pair.until(pair.is_over, 20)
    assert (ended(pair.sent), ended(pair.received)) == ((FileState.DELIVERED, None), (FileState.DELIVERED, None))
    got = pair.b.content_of(ID)
    assert got is not None
    assert hashlib.sha256(got).digest() == hashlib.sha256(content).digest()
    assert [each.id for each in pair.completed] == [ID]
    assert not pair.a.is_busy
    pair.step()
    assert not pair.b.is_busy


def test_a_file_over_the_limit_is_refused_before_anything_is_sent() -> None:
    pair = Pair()
    assert pair.send(bytes(LARGEST_FILE + 1)) is FileProblem.TOO_LARGE
    pair.step()
    assert (pair.packets, pair.a.shown) == (0, ())


def test_a_few_go_at_once_and_one_more_is_refused() -> None:
    pair, ids = Pair(), [f"{each}{ID[1:]}" for each in range(FILES_AT_ONCE + 1)]
    said = [pair.send(bytes(100_000), each) for each in ids]
    assert said == [None] * FILES_AT_ONCE + [FileProblem.TOO_MANY]
    pair.until(lambda: len(pair.completed) == FILES_AT_ONCE, 20)
    assert pair.send(b"x", ids[-1]) is None


def test_of_a_channel_that_loses_a_tenth_the_file_still_arrives_equal() -> None:
    chance, content = random.Random(5), random.Random(6).randbytes(300_000)
    pair = Pair(lost=lambda: chance.random() < 0.1)
    pair.send(content)
    pair.until(pair.is_over, 900)
    assert pair.b.content_of(ID) == content


def test_after_a_black_hole_it_goes_on_from_what_had_arrived() -> None:
    dead, content = [False], random.Random(7).randbytes(2_000_000)
    pair = Pair(lost=lambda: dead[0])
    pair.send(content)
    pair.until(lambda: pair.received.done > 500_000 if pair.b.shown else False, 20)
    dead[0] = True
    pair.on_way.clear()
    for _ in range(20):
        pair.step()
    dead[0] = False
    pair.now_s += 10  # nobody asked meanwhile: the two were apart
    before, pair.packets = pair.received.done, 0
    pair.a.peer_is_back()
    pair.b.peer_is_back()
    pair.until(pair.is_over, 20)
    assert pair.b.content_of(ID) == content
    assert before >= 500_000
    assert pair.packets < 2 * (2_000_000 - before) // 5_000, "what had arrived is not sent again"


def test_who_is_back_gets_the_offer_again_at_once() -> None:
    pair = Pair()
    pair.send(bytes(500_000))
    pair.until(lambda: pair.sent.done > 100_000, 20)
    pair.a.peer_is_back()
    assert isinstance(next(iter(pair.a.due(pair.now_s))), Offer)


def test_a_receiver_that_forgot_everything_gets_it_from_the_beginning() -> None:
    pair, content = Pair(), bytes(500_000)
    pair.send(content)
    pair.until(lambda: pair.sent.done > 100_000, 20)
    pair.b = FileReceiving()
    pair.a.peer_is_back()
    pair.until(lambda: bool(pair.b.shown) and pair.is_over(), 20)
    assert pair.b.content_of(ID) == content


def test_a_sender_that_forgot_everything_is_said_to_the_receiver() -> None:
    pair = Pair()
    pair.send(bytes(5_000_000))
    pair.until(lambda: bool(pair.b.shown) and pair.received.done > 100_000, 20)
    pair.a = FileSending()
    pair.b.peer_is_back()
    pair.until(lambda: pair.received.state is not FileState.UNDERWAY, 5)
    assert ended(pair.received) == (FileState.FAILED, FileProblem.LOST)
    assert pair.b.content_of(ID) is None


def test_each_side_can_cancel_and_the_other_is_told() -> None:
    by_sender, by_receiver = Pair(), Pair()
    for pair in (by_sender, by_receiver):
        pair.send(bytes(5_000_000))
        pair.until(lambda pair=pair: bool(pair.b.shown) and pair.received.done > 100_000, 20)  # type: ignore[misc]
    by_sender.a.cancel(ID)
    by_receiver.b.cancel(ID)
    for pair in (by_sender, by_receiver):
        pair.until(pair.is_over, 5)
    own, other = (FileState.CANCELLED, FileProblem.CANCELLED), (FileState.CANCELLED, FileProblem.PEER_CANCELLED)
    assert (ended(by_sender.sent), ended(by_sender.received)) == (own, other)
    assert (ended(by_receiver.sent), ended(by_receiver.received)) == (other, own)


def test_a_cancel_that_got_lost_is_said_again_when_the_other_goes_on() -> None:
    dead = [False]
    pair = Pair(lost=lambda: dead[0])
    pair.send(bytes(5_000_000))
    pair.until(lambda: bool(pair.b.shown) and pair.received.done > 100_000, 20)
    dead[0] = True
    pair.b.cancel(ID)
    pair.step()
    dead[0] = False
    pair.until(pair.is_over, 10)
    assert ended(pair.sent) == (FileState.CANCELLED, FileProblem.PEER_CANCELLED)


def test_what_gets_no_answer_fails_on_both_sides_and_can_be_sent_again() -> None:
    dead, content = [False], random.Random(8).randbytes(400_000)
    pair = Pair(lost=lambda: dead[0])
    pair.send(content)
    pair.until(lambda: bool(pair.b.shown) and pair.received.done > 50_000, 20)
    dead[0] = True
    pair.until(pair.is_over, STALLED_AFTER_S + 5)
    assert ended(pair.sent) == ended(pair.received) == (FileState.FAILED, FileProblem.STALLED)
    assert pair.sent.may_send_again
    dead[0] = False
    kept = pair.a.content_of(ID)
    assert kept == ("plan.pdf", content)
    assert pair.send(kept[1], OTHER) is None
    pair.until(lambda: pair.b.content_of(OTHER) is not None, 20)
    assert pair.b.content_of(OTHER) == content


def test_what_one_side_alone_gave_up_is_over_on_the_other_too() -> None:
    by_sender, by_receiver = Pair(), Pair()
    for pair in (by_sender, by_receiver):
        pair.send(bytes(5_000_000))
        pair.until(lambda pair=pair: bool(pair.b.shown) and pair.received.done > 100_000, 20)  # type: ignore[misc]
    by_sender.a.peer_left()
    by_receiver.b.peer_left()
    for pair in (by_sender, by_receiver):
        pair.a.peer_is_back()
        pair.b.peer_is_back()
        pair.until(pair.is_over, 5)
        assert pair.sent.may_send_again
    assert ended(by_sender.received) == ended(by_receiver.sent) == (FileState.FAILED, FileProblem.STALLED)


def test_one_who_leaves_ends_what_is_under_way() -> None:
    pair = Pair()
    pair.send(bytes(5_000_000))
    pair.until(lambda: bool(pair.b.shown) and pair.received.done > 100_000, 20)
    pair.a.peer_left()
    pair.b.peer_left()
    assert ended(pair.sent) == ended(pair.received) == (FileState.FAILED, FileProblem.PEER_LEFT)


# -- what no honest side sends


@pytest.mark.parametrize("said", HOSTILE, ids=repr)
def test_a_hostile_packet_is_no_packet(said: Any) -> None:
    assert read_file_packet(json.dumps(said).encode()) is None


@pytest.mark.parametrize("data", NO_PACKETS, ids=lambda each: repr(each[:8]))
def test_what_is_no_packet_is_left_alone(data: bytes) -> None:
    assert read_file_packet(data) is None


def test_a_name_of_half_a_letter_is_still_a_name() -> None:
    read = read_file_packet(b'{"kind":"file_offer","id":"' + ID.encode() + b'","name":"\\ud800.txt","size":1}')
    assert read == Offer(ID, "?.txt", 1)


@pytest.mark.parametrize(
    "packet",
    [Offer(ID, "训练.pdf", 3), Piece(ID, 7, b"\0\xff"), Have(ID, 5), Refuse(ID, "full"), Stop(ID, "cancelled")],
)
def test_each_packet_is_read_as_it_was_written_and_fits(packet: file_packets.FilePacket) -> None:
    assert read_file_packet(file_packet(packet)) == packet
    assert len(file_packet(Piece(ID, 7, bytes(LARGEST_PIECE)))) + 12 + 16 <= LARGEST_PACKET


def taken(*packets: Offer | Piece | Stop) -> FileReceiving:
    b = FileReceiving()
    for packet in packets:
        match packet:
            case Offer():
                b.on_offer(packet, AT)
            case Piece():
                b.on_piece(packet)
            case Stop():
                b.on_stop(packet)
    return b


def test_more_than_was_announced_is_dropped_and_said() -> None:
    b = taken(Offer(ID, "a", 5), Piece(ID, 0, b"abc"), Piece(ID, 3, b"def"))
    assert ended(b.shown[0]) == (FileState.FAILED, FileProblem.BROKEN)
    assert b.content_of(ID) is None
    assert list(b.due(0)) == [Refuse(ID, "broken")]


def test_after_the_end_nothing_more_is_taken() -> None:
    b = taken(Offer(ID, "a", 3), Piece(ID, 0, b"abc"), Piece(ID, 3, b"def"), Piece(ID, 0, b"xyz"), Offer(ID, "b", 9))
    assert b.content_of(ID) == b"abc"
    assert b.shown[0].name == "a"


def test_pieces_that_come_twice_or_out_of_order_change_nothing() -> None:
    pieces = [
        Piece(ID, 3, b"def"),
        Piece(ID, 0, b"abc"),
        Piece(ID, 0, b"xyz"),
        Piece(ID, 1, b"b"),
        Piece(ID, 3, b"def"),
    ]
    b = taken(Offer(ID, "a", 6), *pieces)
    assert b.content_of(ID) == b"abcdef"


def test_a_piece_of_an_unknown_file_takes_no_room_and_gets_no_answer() -> None:
    b = taken(*(Piece(str(ID[:-4] + f"{each:04x}"), 0, b"x") for each in range(5000)))
    assert (b.shown, list(b.due(0))) == ((), [])


def test_another_size_for_the_same_file_ends_it() -> None:
    b = taken(Offer(ID, "a", 6), Piece(ID, 0, b"abc"), Offer(ID, "a", 7))
    assert ended(b.shown[0]) == (FileState.FAILED, FileProblem.BROKEN)


def test_a_file_that_never_ends_is_given_up() -> None:
    b = taken(Offer(ID, "a", 1_000_000), Piece(ID, 0, b"abc"))
    for each in range(int(STALLED_AFTER_S) + 2):
        list(b.due(float(each)))
        b.on_piece(Piece(ID, 9, b"out of order"))
    assert ended(b.shown[0]) == (FileState.FAILED, FileProblem.STALLED)
    assert b._files[ID].content == b""


def test_too_large_too_many_and_too_much_are_refused() -> None:
    b = taken(Offer(ID, "a", LARGEST_FILE + 1))
    assert ended(b.shown[0]) == (FileState.FAILED, FileProblem.TOO_LARGE)
    ids = [f"{each}{ID[1:]}" for each in "23456789a"]
    b = taken(*(Offer(each, "a", 10) for each in ids))
    assert len(b.shown) == FILES_AT_ONCE
    assert [each.why for each in b.due(0) if isinstance(each, Refuse)] == ["too_many"] * (len(ids) - FILES_AT_ONCE)
    b = FileReceiving()
    for each in ids:
        b.on_offer(Offer(each, "a", LARGEST_FILE), AT)
        if b.shown[-1].problem is None:
            file = b._files[each]
            file.content, file.shown = bytearray(1), file.shown
            b._advance(file)
            file.content = bytearray(LARGEST_FILE)
            b._advance(file)
    assert sum(each.state is FileState.DELIVERED for each in b.shown) == ROOM_FOR_FILES // LARGEST_FILE
    assert ended(b.shown[-1]) == (FileState.FAILED, FileProblem.FULL)
    b.cancel(ids[0])
    b.on_offer(Offer(ID, "b", LARGEST_FILE), AT)
    assert ended(b.shown[-1]) == (FileState.UNDERWAY, None), "what is removed makes room"
    b.on_offer(Offer(ids[0], "a", LARGEST_FILE), AT)
    assert ids[0] not in [each.id for each in b.shown], "what was removed does not come back"


def test_a_flood_of_offers_takes_bounded_room() -> None:
    b = FileReceiving()
    for each in range(10_000):
        b.on_offer(Offer(ID[:-4] + f"{each:04x}", "a", LARGEST_FILE + 1), AT)
    assert len(b.shown) == MOST_OF_THEIRS
    assert len(list(b.due(0))) <= 50


def test_acknowledgements_that_cannot_be_change_nothing() -> None:
    a = FileSending()
    a.offer(ID, "a", bytes(1000), AT)
    list(a.due(0.0))
    assert a.on_have(Have(ID, 1000), 0.1) is None, "of what was not sent"
    assert a.shown[0].state is FileState.UNDERWAY
    for each in range(10_000):
        a.on_have(Have(ID[:-4] + f"{each:04x}", 0), 0.1)
        a.on_refuse(Refuse(ID[:-4] + f"{each:04x}", "full"))
    assert len([each for each in a.due(0.2) if isinstance(each, Stop)]) <= 50


def test_a_reason_that_nobody_knows_is_broken() -> None:
    a = FileSending()
    a.offer(ID, "a", b"x", AT)
    a.on_refuse(Refuse(ID, "<b>"))
    assert ended(a.shown[0]) == (FileState.FAILED, FileProblem.BROKEN)
    b = taken(Offer(ID, "a", 6), Stop(ID, "<b>"))
    assert ended(b.shown[0]) == (FileState.FAILED, FileProblem.LOST)


# -- the pace


def test_a_queue_of_its_own_making_makes_it_slower_down_to_small_pieces() -> None:
    pace = Pace()
    pace.acknowledged(5000, 0.02, 0)
    wide = pace.window
    for each in range(10):
        pace.acknowledged(1000, 0.5, each)
    assert pace.window == SMALLEST_WINDOW < wide
    assert not pace.may_send(int(SMALLEST_WINDOW), 100)
    assert pace.may_send(0, 100)
    for each in range(200):
        pace.acknowledged(pace.piece_bytes, 0.03, 100 + each)
    assert pace.piece_bytes > 5000


def test_it_is_halved_at_most_and_once_a_round_trip() -> None:
    pace = Pace()
    for each in range(30):
        pace.acknowledged(20_000, 0.02, each)
    for _ in range(LATEST - 1):
        pace.acknowledged(20_000, 2.0, 30)
    wide = pace.window
    for _ in range(20):
        pace.acknowledged(20_000, 2.0, 30)
    assert pace.window == wide / 2


def test_one_late_acknowledgement_is_no_queue() -> None:
    pace = Pace()
    for each in range(50):
        pace.acknowledged(5000, 0.5 if each % 4 == 3 else 0.02, each)
    assert pace.window > 50_000


def test_a_delay_that_stays_when_next_to_nothing_is_under_way_is_not_of_its_making() -> None:
    """A machine that is busy with something else, or a path that has become longer."""
    pace = Pace()
    for each in range(20):
        pace.acknowledged(5000, 0.02, each)
    for each in range(200):
        pace.acknowledged(5000, 0.4, 20 + each)
    assert pace.window > 50_000


def test_however_good_the_path_so_much_a_second_and_no_more() -> None:
    pair = Pair(after_s=0.0)
    pair.send(bytes(LARGEST_FILE))
    began_s = pair.now_s
    pair.until(pair.is_over, 60)
    assert LARGEST_FILE / (pair.now_s - began_s) <= MOST_A_SECOND * 1.05


def test_on_a_narrow_path_the_queue_stays_short() -> None:
    """30 kB a second, a bottleneck that serves one packet after the other; the queue is what a voice packet waits."""
    a, b, free_s, waits = FileSending(), FileReceiving(), 0.0, []
    a.offer(ID, "a", bytes(400_000), AT)
    ways: list[tuple[float, Any]] = []
    for tick in range(1500):
        now_s = tick * STEP_S
        for packet in a.due(now_s):
            free_s = max(free_s, now_s) + len(file_packet(packet)) / 30_000
            ways.append((free_s + 0.02, packet))
            waits.append(free_s - now_s)
        ways.extend((now_s + 0.02, packet) for packet in b.due(now_s))
        for packet in [each for at_s, each in ways if at_s <= now_s]:
            if isinstance(packet, Have):
                a.on_have(packet, now_s)
            elif isinstance(packet, Offer):
                b.on_offer(packet, AT)
            elif isinstance(packet, Piece):
                b.on_piece(packet)
        ways = [each for each in ways if each[0] > now_s]
    assert sorted(waits)[len(waits) * 95 // 100] < 0.25
    assert b.shown[0].done > 300_000, "and it is still used"
