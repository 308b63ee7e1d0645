"""Files from and to a peer who sends what no honest one would."""

import json
from typing import Any

import pytest

from app.call.chat import file_packets
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
from app.call.contract.files import FILES_AT_ONCE, LARGEST_FILE, ROOM_FOR_FILES, FileProblem, FileState
from tests.call.file_pair import AT, ID, ended

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
