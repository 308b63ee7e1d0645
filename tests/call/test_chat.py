"""The chat's protocol: over any loss, repetition and order of packets each message is there once, and in order."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from random import Random
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.call.chat.protocol import (
    CLOCKS_APART,
    IN_FLIGHT,
    MOST_OF_THEIRS,
    RESEND_AFTER_S,
    Conversation,
    Packet,
    acknowledgement_packet,
    message_packet,
    read_packet,
)
from app.call.chat.sealing import Seal
from app.call.contract.chat import LONGEST_MESSAGE, ChatMessage, clean_message

AT = datetime(2027, 3, 1, 10, tzinfo=UTC)
KEY = "k" * 43


def texts(conversation: Conversation) -> list[str]:
    return [each.text for each in conversation.messages]


@dataclass
class Network:
    """Two people with clocks that are apart, and packets between them that are lost, doubled and mixed up."""

    chance: Random
    loss: float
    ahead_ms: int = 0
    now_s: float = 0.0
    both: tuple[Conversation, Conversation] = field(default_factory=lambda: (Conversation(), Conversation()))
    under_way: tuple[list[bytes], list[bytes]] = field(default_factory=lambda: ([], []))
    cut: bool = False

    def write(self, who: int, text: str) -> None:
        self.both[who].write(str(uuid4()), text, self.clock(who))

    def clock(self, who: int) -> datetime:
        return AT + timedelta(seconds=self.now_s, milliseconds=self.ahead_ms * who)

    def step(self, seconds: float = 0.3) -> None:
        """Everybody sends what is due; some of what is under way arrives."""
        self.now_s += seconds
        for who in (0, 1):
            for packet in self.both[who].due(self.now_s):
                for _ in range(self.chance.choice((1, 1, 2))):
                    if not self.cut and self.chance.random() >= self.loss:
                        self.under_way[1 - who].append(packet)
            self.chance.shuffle(self.under_way[who])
            for _ in range(self.chance.randint(0, len(self.under_way[who]))):
                received = read_packet(self.under_way[who].pop())
                assert received is not None
                self.both[who].receive(received, self.clock(who))

    def until_delivered(self, steps: int = 3000) -> None:
        for _ in range(steps):
            if all(each.delivered for one in self.both for each in one.messages) and not any(self.under_way):
                return
            self.step()
        raise AssertionError("not delivered")


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32),
    loss=st.floats(0, 0.7),
    writers=st.lists(st.integers(0, 1), max_size=40),
    ahead_ms=st.integers(-5000, 5000),
)
def test_each_message_is_there_once_and_both_have_the_same_order(
    seed: int, loss: float, writers: list[int], ahead_ms: int
) -> None:
    network = Network(Random(seed), loss, ahead_ms)
    for number, who in enumerate(writers):
        network.write(who, f"{who} {number}")
        network.step(network.chance.choice((0.0, 0.1, 2.5)))
    network.until_delivered()
    first, second = (texts(one) for one in network.both)
    assert first == second
    assert sorted(first) == sorted(f"{who} {number}" for number, who in enumerate(writers))
    for who in (0, 1):
        own = [int(text.split()[1]) for text in first if text.startswith(f"{who} ")]
        assert own == sorted(own), "what one person wrote stands in the order in which they wrote it"


def test_two_hundred_messages_through_ten_seconds_without_a_network() -> None:
    network = Network(Random(1), 0.1)
    numbers = count()
    for at in range(200):
        network.cut = 50 <= at < 84  # of 0.3 s each
        network.write(at % 2, str(next(numbers)))
        network.step()
    network.until_delivered()
    assert texts(network.both[0]) == texts(network.both[1]) == [str(number) for number in range(200)]


def test_an_answer_stands_below_its_question_however_far_apart_the_clocks_are() -> None:
    network = Network(Random(1), 0.0, ahead_ms=-60_000)
    network.write(0, "question")
    network.until_delivered()
    network.write(1, "answer")
    network.until_delivered()
    assert texts(network.both[0]) == texts(network.both[1]) == ["question", "answer"]


def test_a_channel_that_stands_still_is_not_filled_with_repetitions() -> None:
    one = Conversation()
    for number in range(200):
        one.write(str(uuid4()), str(number), AT)
    sent = sum(len(one.due(second / 4)) for second in range(40))
    assert sent <= IN_FLIGHT * 4


def test_what_is_not_acknowledged_comes_again_later_and_later_and_at_once_when_they_are_back() -> None:
    one = Conversation()
    one.write(str(uuid4()), "hello", AT)
    tries = [second / 10 for second in range(250) if one.due(second / 10)]
    gaps = [round(later - earlier, 1) for earlier, later in pairwise(tries)]
    assert gaps[:3] == list(RESEND_AFTER_S)
    assert not one.due(25.0)
    one.peer_is_back()
    assert one.due(25.0)


def test_an_acknowledgement_marks_only_ones_own_and_comes_for_every_copy() -> None:
    one, theirs = Conversation(), ChatMessage(str(uuid4()), "hi", AT, mine=True)
    packet = read_packet(message_packet(theirs))
    assert packet is not None
    for _ in range(2):
        one.receive(packet, AT)
        assert [read_packet(each).acknowledged for each in one.due(0.0)] == [(theirs.id,)]  # type: ignore[union-attr]  # ours can be read
    assert texts(one) == ["hi"]
    mine = one.write(str(uuid4()), "hello", AT)
    one.receive(read_packet(acknowledgement_packet([mine.id, "unknown"])), AT)  # type: ignore[arg-type]  # as above
    assert [each.delivered for each in one.messages] == [True, True]
    assert one.due(100.0) == []


def test_what_is_kept_elsewhere_is_shown_once_and_what_is_ones_own_is_sent_again() -> None:
    one = Conversation()
    old = ChatMessage(str(uuid4()), "mine, from the phone", AT, mine=True)
    theirs = ChatMessage(str(uuid4()), "theirs", AT + timedelta(seconds=1), mine=False, delivered=True)
    one.take_kept([old, theirs])
    one.take_kept([old, theirs])
    assert texts(one) == ["mine, from the phone", "theirs"]
    assert one.due(0.0) == [message_packet(old)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"kind":"message"}',
        b'{"kind":"message","id":"x","text":"a","at_ms":0}',
        b'{"kind":"message","id":"%s","text":"","at_ms":0}' % str(UUID(int=1)).encode(),
        b'{"kind":"message","id":"%s","text":"a","at_ms":1e99}' % str(UUID(int=1)).encode(),
        b'{"kind":"message","id":"%s","text":"%s","at_ms":0}' % (str(UUID(int=1)).encode(), b"a" * 2001),
        b'{"kind":"ack","ids":5}',
        b'{"kind":"other"}',
        b"[" * 100_000,
    ],
)
def test_what_is_not_of_the_protocol_is_left_alone(data: bytes) -> None:
    assert read_packet(data) is None


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_packet_whatever_is_in_it_breaks_the_chat(data: bytes) -> None:
    packet = read_packet(data)
    if packet is not None:
        Conversation().receive(packet, AT)


@pytest.mark.parametrize("at_ms", [253_402_300_799_999, 253_402_300_000_000, -62_135_596_800_000, 0])
def test_a_message_of_any_year_leaves_room_for_an_answer_below_it(at_ms: int) -> None:
    one = Conversation()
    packet = read_packet(b'{"kind":"message","id":"%s","text":"a","at_ms":%d}' % (str(UUID(int=1)).encode(), at_ms))
    assert packet is not None
    one.receive(packet, AT)
    one.write(str(uuid4()), "b", AT)
    assert texts(one) == ["a", "b"]
    assert one.messages[-1].sent_at <= AT + 2 * CLOCKS_APART


def test_a_flood_is_not_kept_and_what_is_known_is_acknowledged_again() -> None:
    one = Conversation()
    for number in range(MOST_OF_THEIRS + 5):
        one.receive(Packet(ChatMessage(str(UUID(int=number)), "flood", AT, mine=False, delivered=True)), AT)
    assert len(one.messages) == MOST_OF_THEIRS
    one.write(str(uuid4()), "stop", AT)
    assert texts(one)[-1] == "stop"
    one.due(0.0)
    one.receive(Packet(ChatMessage(str(UUID(int=0)), "flood", AT, mine=False, delivered=True)), AT)
    assert read_packet(one.due(0.1)[0]) == Packet(acknowledged=(str(UUID(int=0)),))


@settings(deadline=None)
@given(st.text())
def test_what_is_sent_of_a_text_has_no_control_characters_and_is_not_too_long(text: str) -> None:
    cleaned = clean_message(text)
    assert cleaned == cleaned.strip() == clean_message(cleaned)
    assert len(cleaned) <= LONGEST_MESSAGE
    assert "\0" not in cleaned


def test_only_what_the_sender_sealed_with_the_sessions_key_opens() -> None:
    seal = Seal(KEY)
    sealed = seal.close(b"hello", "anna")
    assert b"hello" not in sealed
    assert seal.open(sealed, "anna") == b"hello"
    assert seal.close(b"hello", "anna") != sealed
    assert seal.open(sealed, "ben") is None, "nobody else can have sent it"
    assert Seal(KEY[:-1] + "x").open(sealed, "anna") is None
    assert seal.open(b"hello", "anna") is None
    assert seal.open(b"", "anna") is None
    for at in range(len(sealed)):
        assert seal.open(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], "anna") is None


def test_a_sealed_packet_of_the_longest_message_fits_into_one_data_message() -> None:
    longest = ChatMessage(str(uuid4()), "\N{GRINNING FACE}" * LONGEST_MESSAGE, AT, mine=True)
    assert len(Seal(KEY).close(message_packet(longest), "professional_" + str(uuid4()))) < 14_000
