"""The protocol of files, two ends of it over a channel that loses."""

import hashlib
import random

import pytest

from app.call.chat.file_packets import LARGEST_PIECE, Offer
from app.call.chat.file_receiving import FileReceiving
from app.call.chat.file_sending import STALLED_AFTER_S, FileSending
from app.call.contract.files import FILES_AT_ONCE, LARGEST_FILE, FileProblem, FileState
from tests.call.file_pair import ID, OTHER, Pair, ended


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
