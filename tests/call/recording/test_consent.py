"""The consent to a recording: whatever is lost, late or hostile, nothing may be written without a yes that stands."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from app.call.recording.consent import (
    LATEST_MS,
    REPEAT_AFTER_S,
    STALE_AFTER_S,
    Permission,
    RecordingConsent,
    RecordingPacket,
    read_recording_packet,
    recording_packet,
)

FIRST, SECOND, THEIRS = (f"0000000{number}-0000-4000-8000-000000000000" for number in (1, 2, 3))
AHEAD_MS = 3_600_000
"""The clock of the other's device."""


@dataclass
class Sides:
    """Who asks, and who answers. Packets of either are lost on demand."""

    asker: RecordingConsent = field(default_factory=RecordingConsent)
    other: RecordingConsent = field(default_factory=RecordingConsent)
    now_s: float = 100.0

    def pass_time(self, seconds: float = 0.0, *, lost: bool = False, unanswered: bool = False) -> None:
        self.now_s += seconds
        ways = ((self.asker, self.other, 0, lost), (self.other, self.asker, AHEAD_MS, lost or unanswered))
        for one, another, ahead_ms, is_lost in ways:
            said = one.due(self.now_s, round(1000 * self.now_s) + ahead_ms)
            if said is not None and not is_lost:
                read = read_recording_packet(said)
                assert read is not None
                another.receive(read, self.now_s)

    def permission(self) -> Permission:
        return self.asker.permission(self.now_s)


def agreed() -> Sides:
    sides = Sides()
    sides.asker.ask(FIRST)
    sides.pass_time()
    sides.other.answer(FIRST, True)
    sides.pass_time(0.1)
    assert sides.permission() is Permission.GIVEN
    return sides


def test_nothing_may_be_written_before_the_question_nor_before_the_answer() -> None:
    sides = Sides()
    assert sides.permission() is Permission.DENIED
    sides.asker.ask(FIRST)
    for _ in range(5):
        sides.pass_time(1)
    assert sides.permission() is Permission.OPEN
    assert (sides.other.their_ask, sides.other.agreed) == (FIRST, None)


def test_a_yes_is_enough_and_both_know_what_is_written() -> None:
    sides = agreed()
    sides.asker.set_writing(True)
    sides.pass_time(0.1)
    assert sides.other.they_write
    sides.asker.stop()
    sides.pass_time(0.1)
    assert (sides.other.they_write, sides.other.their_ask) == (False, None)


def test_a_no_is_final_for_this_question_and_the_next_one_is_open_again() -> None:
    sides = Sides()
    sides.asker.ask(FIRST)
    sides.pass_time()
    sides.other.answer(FIRST, False)
    sides.pass_time(0.1)
    assert sides.permission() is Permission.DENIED
    sides.other.answer(FIRST, True)
    sides.pass_time(2)
    assert sides.permission() is Permission.DENIED, "they changed their mind: it has to be asked again"
    sides.asker.ask(SECOND)
    assert sides.permission() is Permission.OPEN
    sides.pass_time()
    assert sides.other.agreed is None, "the answer was to the first question"
    sides.other.answer(SECOND, True)
    sides.pass_time(0.1)
    assert sides.permission() is Permission.GIVEN


def test_a_yes_is_taken_back_also_when_the_first_word_of_it_is_lost() -> None:
    sides = agreed()
    sides.other.answer(FIRST, False)
    sides.pass_time(0.1, lost=True)
    assert sides.permission() is Permission.GIVEN
    sides.pass_time(REPEAT_AFTER_S)
    assert sides.permission() is Permission.DENIED


def test_a_lost_question_is_asked_again_and_so_is_a_lost_answer() -> None:
    sides = Sides()
    sides.asker.ask(FIRST)
    sides.pass_time(lost=True)
    sides.pass_time(REPEAT_AFTER_S)
    sides.other.answer(FIRST, True)
    sides.pass_time(0.1, lost=True)
    assert sides.permission() is Permission.OPEN
    sides.pass_time(REPEAT_AFTER_S)
    assert sides.permission() is Permission.GIVEN


def test_one_lost_repetition_interrupts_nothing_and_silence_does() -> None:
    sides = agreed()
    for _ in range(int(STALE_AFTER_S)):
        sides.pass_time(0.99, lost=True)
    assert sides.permission() is Permission.GIVEN
    sides.pass_time(0.99, lost=True)
    assert sides.permission() is Permission.STALE
    sides.pass_time(1)
    assert sides.permission() is Permission.GIVEN, "they are heard to say it still"


def test_after_a_new_connection_the_yes_counts_once_it_is_repeated() -> None:
    sides = agreed()
    sides.asker.peer_is_back()
    sides.other.peer_is_back()
    assert sides.permission() is Permission.STALE
    sides.pass_time(0.1)
    assert sides.permission() is Permission.GIVEN


def test_a_page_that_was_loaded_again_has_to_say_yes_again() -> None:
    sides = agreed()
    sides.other = RecordingConsent()
    sides.pass_time(1)
    sides.pass_time(0.1)
    sides.other.peer_is_back()
    sides.pass_time(0.1)
    assert (sides.permission(), sides.other.their_ask, sides.other.agreed) == (Permission.STALE, FIRST, None)
    sides.other.answer(FIRST, True)
    sides.pass_time(0.1)
    assert sides.permission() is Permission.GIVEN


def test_what_was_asked_and_answered_is_over_when_they_go() -> None:
    sides = agreed()
    sides.asker.peer_is_gone()
    sides.other.peer_is_gone()
    assert sides.permission() is Permission.STALE
    assert (sides.other.their_ask, sides.other.agreed) == (None, None)


def test_a_no_outlasts_their_leaving() -> None:
    sides = agreed()
    sides.other.answer(FIRST, False)
    sides.pass_time(0.1)
    sides.asker.peer_is_gone()
    sides.asker.receive(RecordingPacket(LATEST_MS, answer_to=FIRST, agreed=True), sides.now_s)
    assert sides.permission() is Permission.DENIED


def test_both_may_ask_at_once_and_each_answers_for_themselves() -> None:
    sides = agreed()
    sides.other.ask(THEIRS)
    sides.pass_time(0.1)
    assert sides.asker.their_ask == THEIRS
    assert sides.other.permission(sides.now_s) is Permission.OPEN
    sides.asker.answer(THEIRS, False)
    sides.pass_time(0.1)
    assert sides.other.permission(sides.now_s) is Permission.DENIED
    assert sides.permission() is Permission.GIVEN


def test_nothing_is_said_before_there_is_something_to_say() -> None:
    assert RecordingConsent().due(1000.0, 1) is None
    quiet = RecordingConsent()
    quiet.peer_is_back()
    assert quiet.due(1000.0, 1) is None


_IDS = st.sampled_from([FIRST, SECOND, THEIRS, None])
_PACKETS = st.builds(RecordingPacket, st.integers(0, 40), _IDS, st.booleans(), _IDS, st.booleans())
_STEPS = st.one_of(
    st.tuples(st.just("hear"), _PACKETS),
    st.tuples(st.just("wait"), st.floats(0.0, 5.0)),
    st.tuples(st.just("ask"), st.sampled_from([FIRST, SECOND])),
    st.tuples(st.sampled_from(["stop", "back", "gone"]), st.none()),
    st.tuples(st.just("yes"), st.integers(0, 40)),
)


@dataclass
class Word:
    """The newest word of the other on the question that is asked, as the rule has it."""

    asked: str | None = None
    newest_ms: int = -1
    agreed: bool | None = None
    no: bool = False
    heard_s: float = -1.0

    def hear(self, packet: RecordingPacket, now_s: float) -> None:
        if packet.sent_at_ms <= self.newest_ms:
            return
        self.newest_ms = packet.sent_at_ms
        answers = self.asked is not None and packet.answer_to == self.asked
        self.agreed = packet.agreed if answers else None
        self.no = self.no or (answers and not packet.agreed)
        self.heard_s = now_s if answers and packet.agreed else self.heard_s


@given(st.lists(_STEPS, max_size=40))
def test_whatever_comes_in_whatever_order_a_yes_to_this_question_is_newer_than_any_no_and_fresh(
    steps: list[tuple[str, Any]],
) -> None:
    consent, word, now_s = RecordingConsent(), Word(), 10.0
    asked_before: set[str] = set()
    for what, with_what in steps:
        if what == "hear" or what == "yes":
            packet = with_what if what == "hear" else RecordingPacket(with_what, None, False, word.asked, True)
            consent.receive(packet, now_s)
            word.hear(packet, now_s)
        elif what == "wait":
            now_s += with_what
        elif what == "ask" and with_what not in asked_before:  # a UUID is asked once
            asked_before.add(with_what)
            consent.ask(with_what)
            word.asked, word.agreed, word.no, word.heard_s = with_what, None, False, -1.0
        elif what == "stop":
            consent.stop()
            word.asked = None
        elif what == "back":
            consent.peer_is_back()
            word.heard_s = -1.0
        elif what == "gone":
            consent.peer_is_gone()
            word.agreed = None
        if consent.permission(now_s) is Permission.GIVEN:
            event("given")
            assert word.asked is not None
            assert word.agreed is True
            assert not word.no
            assert word.heard_s >= 0
            assert now_s - word.heard_s <= STALE_AFTER_S


@given(_PACKETS)
def test_what_is_sent_is_read(packet: RecordingPacket) -> None:
    assert read_recording_packet(recording_packet(packet)) == packet


GOOD: dict[str, Any] = {
    "kind": "recording",
    "at_ms": 1,
    "ask": FIRST,
    "writing": True,
    "answer_to": THEIRS,
    "agreed": True,
}
NO_TRUTHS: list[Any] = [None, 0, 1, "true", [], {}]
NO_IDS: list[Any] = [1, True, "", "x", FIRST.upper() + "x", FIRST + "\n", "A" + FIRST[1:], [FIRST], {}]
HOSTILE: list[Any] = [
    None,
    [],
    "recording",
    7,
    *(GOOD | {"kind": kind} for kind in ("timer", None, ["recording"])),
    *(GOOD | {"at_ms": value} for value in (-1, 1.5, True, "1", None, [1], 10**30, float("nan"), float("inf"))),
    *(GOOD | {name: value} for name in ("writing", "agreed") for value in NO_TRUTHS),
    *(GOOD | {name: value} for name in ("ask", "answer_to") for value in NO_IDS),
    *({name: value for name, value in GOOD.items() if name != left_out} for left_out in GOOD),
]


@pytest.mark.parametrize("said", HOSTILE, ids=str)
def test_a_hostile_packet_is_refused(said: Any) -> None:
    assert read_recording_packet(json.dumps(GOOD).encode()) is not None
    assert read_recording_packet(json.dumps(said).encode()) is None


@given(st.binary(max_size=2000))
def test_garbage_is_left_alone(data: bytes) -> None:
    assert read_recording_packet(data) is None


NO_PACKETS = [b"[" * 100_000, b"1" * 10_000, b'{"kind":"recording"', b'{"kind":"recording","at_ms":1e400}']


@pytest.mark.parametrize("data", NO_PACKETS, ids=lambda data: str(data[:12]))
def test_garbage_of_any_size_is_left_alone(data: bytes) -> None:
    assert read_recording_packet(data) is None
