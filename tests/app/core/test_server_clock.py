"""The server's clock as its answers tell it: slow answers do not move it, a clock that was set does."""

import datetime as dt
import random

import pytest

from app.api.server_clock import GRAIN, REMEMBERED, ServerClock

START = dt.datetime(2027, 3, 1, 9, tzinfo=dt.UTC)
AHEAD = dt.timedelta(seconds=7)


def ms(milliseconds: float) -> dt.timedelta:
    return dt.timedelta(milliseconds=milliseconds)


def answer(clock: ServerClock, at: dt.datetime, there_ms: float, back_ms: float, ahead: dt.timedelta = AHEAD) -> None:
    """A request sent at `at` by this machine's clock: its header is written when it has come there."""
    clock.note(at + ms(there_ms) + ahead, at, at + ms(there_ms + back_ms))


def test_an_answer_tells_the_clock_by_half_of_its_way() -> None:
    clock = ServerClock()
    answer(clock, START, 20, 20)
    assert clock.ahead == AHEAD


@pytest.mark.parametrize(("there_ms", "back_ms"), [(10, 2000), (2000, 10)])
def test_a_slow_answer_does_not_move_a_clock_that_is_known_better(there_ms: float, back_ms: float) -> None:
    clock = ServerClock()
    answer(clock, START, 20, 20)
    answer(clock, START + ms(5000), there_ms, back_ms)
    assert clock.ahead == AHEAD
    answer(clock, START + ms(10000), 21, 21)
    assert clock.ahead == AHEAD


def test_the_estimate_is_never_off_by_more_than_half_of_the_shortest_way() -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    chance, clock, at, shortest, slow = random.Random(seed), ServerClock(), START, dt.timedelta.max, 0
    for _ in range(200):
        there_ms, back_ms = chance.expovariate(1 / 80), chance.expovariate(1 / 200)
        answer(clock, at, there_ms, back_ms)
        shortest, slow = min(shortest, ms(there_ms + back_ms)), slow + (there_ms + back_ms > 500)
        assert abs(clock.ahead - AHEAD) <= shortest / 2 + ms(0.01)
        at += ms(1000)
    assert slow > 3, "too few slow answers to say anything"


def test_a_machine_whose_clock_was_set_believes_the_new_answers() -> None:
    clock = ServerClock()
    answer(clock, START, 5, 5)
    answer(clock, START + ms(1000), 300, 300, ahead=dt.timedelta(minutes=-2))
    assert abs(clock.ahead + dt.timedelta(minutes=2)) <= ms(1)


def test_a_clock_that_is_set_back_while_an_answer_is_on_its_way_says_nothing() -> None:
    clock = ServerClock()
    answer(clock, START, 5, 5)
    clock.note(START, START + ms(60000), START)
    assert clock.ahead == AHEAD
    answer(clock, START, 50, 50, ahead=AHEAD + ms(60000))
    assert clock.ahead == AHEAD + ms(60000)


def test_what_is_long_ago_no_longer_counts() -> None:
    """Clocks drift: an old answer, however quick, says less and less."""
    clock = ServerClock()
    answer(clock, START, 5, 5)
    answer(clock, START + REMEMBERED + ms(1), 100, 100, ahead=AHEAD + GRAIN)
    assert clock.ahead == AHEAD + GRAIN
