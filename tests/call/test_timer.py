"""The shared timer: the professional's side alone says how it stands, over any loss, clock and hostile packet."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.call.chat.flood_gate import FloodGate
from app.call.chat.timer import (
    LATEST_MS,
    PACKETS_A_SECOND,
    PACKETS_AT_ONCE,
    REPEAT_AFTER_S,
    SAME_WITHIN,
    TimerKeeper,
    TimerPacket,
    read_timer_packet,
    timer_packet,
)
from app.call.contract.timer import LONGEST_TIMER, SharedTimer, leads

AT = datetime(2027, 3, 1, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
AHEAD = timedelta(hours=3)


@dataclass
class Sides:
    """The professional and the user, whose clock is hours ahead."""

    professional: TimerKeeper = field(default_factory=lambda: TimerKeeper(leads=True))
    user: TimerKeeper = field(default_factory=lambda: TimerKeeper(leads=False))
    now_s: float = 0.0

    @property
    def now(self) -> datetime:
        return AT + timedelta(seconds=self.now_s)

    def pass_time(self, seconds: float = 1.0, *, lost: bool = False, delay_s: float = 0.0) -> None:
        self.now_s += seconds
        packet = self.professional.due(self.now_s, self.now)
        if packet is not None and not lost:
            read = read_timer_packet(packet)
            assert read is not None
            self.user.receive(read, self.now + AHEAD + timedelta(seconds=delay_s))

    @property
    def left(self) -> tuple[timedelta | None, timedelta | None]:
        ours, theirs = self.professional.timer, self.user.timer
        return (
            None if ours is None else ours.ends_at - self.now,
            None if theirs is None else theirs.ends_at - self.now - AHEAD,
        )


def test_both_count_the_same_whatever_their_clocks_say() -> None:
    sides = Sides()
    sides.professional.start(10 * MINUTE, sides.now)
    sides.pass_time(0)
    assert sides.left == (10 * MINUTE, 10 * MINUTE)
    sides.pass_time(60)
    assert sides.left == (9 * MINUTE, 9 * MINUTE)


def test_a_lost_packet_is_said_again_and_a_stop_too() -> None:
    sides = Sides()
    sides.professional.start(10 * MINUTE, sides.now)
    sides.pass_time(1, lost=True)
    sides.pass_time(1)
    assert sides.user.timer is None
    sides.pass_time(REPEAT_AFTER_S)
    assert sides.left[0] == sides.left[1]
    sides.professional.stop()
    sides.pass_time(1, lost=True)
    sides.pass_time(REPEAT_AFTER_S)
    assert sides.left == (None, None)


def test_who_comes_later_or_again_is_told_at_once() -> None:
    sides = Sides()
    sides.professional.start(10 * MINUTE, sides.now)
    sides.pass_time(1)
    sides.user = TimerKeeper(leads=False)
    sides.professional.peer_is_back()
    sides.pass_time(0.1)
    assert sides.left[0] == sides.left[1]


def test_a_professional_who_comes_back_goes_on_with_what_was_kept() -> None:
    sides = Sides()
    sides.professional.start(10 * MINUTE, sides.now)
    sides.pass_time(1)
    kept = sides.professional.timer
    assert kept is not None
    sides.professional = TimerKeeper(leads=True)
    sides.professional.take_kept(kept, sides.now)
    sides.professional.peer_is_back()
    sides.pass_time(60)
    assert sides.left == (9 * MINUTE - timedelta(seconds=1),) * 2


def test_a_user_who_kept_a_timer_that_was_stopped_meanwhile_is_told_so() -> None:
    sides = Sides()
    sides.user.take_kept(SharedTimer(10 * MINUTE, AT + AHEAD + 5 * MINUTE), AT + AHEAD)
    assert sides.user.timer is not None
    sides.professional.peer_is_back()
    sides.pass_time(0.1)
    assert sides.user.timer is None
    assert sides.professional.due(sides.now_s + 60, sides.now) is None, "of nothing nothing is said again"


@pytest.mark.parametrize(
    "kept",
    [
        SharedTimer(10 * MINUTE, AT - 2 * timedelta(hours=1)),  # long over
        SharedTimer(10 * MINUTE, AT + 11 * MINUTE),  # more is left than there was
        SharedTimer(LONGEST_TIMER + MINUTE, AT + MINUTE),
        SharedTimer(timedelta(0), AT),
    ],
)
def test_what_cannot_be_is_not_taken_up(kept: SharedTimer) -> None:
    keeper = TimerKeeper(leads=True)
    keeper.take_kept(kept, AT)
    assert keeper.timer is None


def test_what_was_said_in_this_call_counts_more_than_what_was_kept() -> None:
    sides = Sides()
    sides.professional.start(10 * MINUTE, sides.now)
    sides.professional.stop()
    sides.pass_time(0)
    for keeper, now in ((sides.professional, AT), (sides.user, AT + AHEAD)):
        keeper.take_kept(SharedTimer(5 * MINUTE, now + MINUTE), now)
        assert keeper.timer is None


def test_no_packet_changes_the_professionals_timer_and_no_press_the_users() -> None:
    professional, user = TimerKeeper(leads=True), TimerKeeper(leads=False)
    professional.start(10 * MINUTE, AT)
    professional.receive(TimerPacket(LATEST_MS, 60_000, 60_000), AT)
    professional.receive(TimerPacket(LATEST_MS, 0, None), AT)
    assert professional.timer == SharedTimer(10 * MINUTE, AT + 10 * MINUTE)
    user.start(10 * MINUTE, AT)
    user.stop()
    assert (user.timer, user.due(0, AT)) == (None, None)


def test_an_older_packet_and_the_same_again_change_nothing() -> None:
    user = TimerKeeper(leads=False)
    user.receive(TimerPacket(2000, 600_000, 600_000), AT)
    for old in (TimerPacket(2000, 600_000, 1000), TimerPacket(1000, 0, None)):
        user.receive(old, AT + MINUTE)
    assert user.timer == SharedTimer(10 * MINUTE, AT + 10 * MINUTE)


def test_the_networks_unevenness_draws_nothing_again() -> None:
    user = TimerKeeper(leads=False)
    user.receive(TimerPacket(1, 600_000, 600_000), AT)
    first = user.timer
    user.receive(TimerPacket(2, 600_000, 595_000), AT + timedelta(seconds=5) + SAME_WITHIN)
    assert user.timer is first
    user.receive(TimerPacket(3, 600_000, 580_000), AT + timedelta(seconds=10))
    assert user.timer is not None
    assert user.timer.ends_at == AT + timedelta(seconds=590)


def test_a_timer_is_never_shorter_or_longer_than_may_be_and_stays_at_zero() -> None:
    for asked, given_length in ((timedelta(0), MINUTE), (timedelta(days=3), LONGEST_TIMER)):
        keeper = TimerKeeper(leads=True)
        keeper.start(asked, AT)
        assert keeper.timer is not None
        assert keeper.timer.length == given_length
        packet = keeper.due(0, AT + timedelta(days=9))
        assert packet is not None
        assert read_timer_packet(packet) == TimerPacket(
            round((AT + timedelta(days=9)).timestamp() * 1000), given_length // timedelta(milliseconds=1), 0
        )


GOOD: dict[str, Any] = {"kind": "timer", "at_ms": 1, "length_ms": 600_000, "left_ms": 600_000}
NO_NUMBERS: list[Any] = [-1, 1.5, True, "600000", [1], {}, 10**30, float("nan"), float("inf")]
HOSTILE: list[Any] = [
    None,
    [],
    "timer",
    7,
    *(GOOD | {"kind": kind} for kind in ("message", None, ["timer"])),
    *(GOOD | {name: value} for name in ("at_ms", "length_ms", "left_ms") for value in NO_NUMBERS),
    GOOD | {"at_ms": None},
    GOOD | {"length_ms": None},
    GOOD | {"length_ms": 59_999, "left_ms": 1},
    GOOD | {"length_ms": 12 * 3_600_000 + 1, "left_ms": 1},
    GOOD | {"left_ms": 600_001},
    *({name: value for name, value in GOOD.items() if name != left_out} for left_out in GOOD),
]
"""The call page refuses the same (tests/callpage/test_timer_and_notes.py)."""


@pytest.mark.parametrize("said", HOSTILE, ids=str)
def test_a_hostile_packet_is_refused(said: Any) -> None:
    assert read_timer_packet(json.dumps(said).encode()) is None


NO_PACKETS = [b"", b"\xff\xfe", b"[" * 100_000, b"1" * 10_000, b'{"kind":"timer"', b'{"kind":"timer","at_ms":1e400}']


@pytest.mark.parametrize("data", NO_PACKETS)
def test_what_is_no_packet_at_all_is_refused(data: bytes) -> None:
    assert read_timer_packet(data) is None


@given(st.integers(0, LATEST_MS), st.integers(60_000, 12 * 3_600_000), st.data())
def test_what_is_sent_is_read(at_ms: int, length_ms: int, data: st.DataObject) -> None:
    packet = TimerPacket(at_ms, length_ms, data.draw(st.integers(0, length_ms)))
    assert read_timer_packet(timer_packet(packet)) == packet
    none = TimerPacket(at_ms, 0, None)
    assert read_timer_packet(timer_packet(none)) == none


def floods() -> Iterator[float]:
    yield from (number / 1000 for number in range(10_000))


def test_of_a_flood_only_so_much_is_looked_at_and_afterwards_all_again() -> None:
    gate = FloodGate(PACKETS_AT_ONCE, PACKETS_A_SECOND)
    let_through = sum(gate.lets_through(now_s) for now_s in floods())
    assert PACKETS_AT_ONCE <= let_through <= PACKETS_AT_ONCE + 55
    assert gate.lets_through(20.0)


@pytest.mark.parametrize(
    ("identity", "is_theirs"),
    [
        ("professional_1", True),
        ("user_1", False),
        ("professionals_1", False),
        ("", False),
        ("user_professional_1", False),
    ],
)
def test_the_professional_is_known_by_the_identity(identity: str, is_theirs: bool) -> None:
    assert leads(identity) is is_theirs
