"""The shared timer on the call's screen: set by the professional, seen by both, and five minutes are left by itself."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from app.api.models import Role
from app.call.contract.call_state import CallState
from app.call.contract.timer import SharedTimer
from app.state.call.timer import read_timer, timer_text
from app.state.call.words import timer_words
from app.state.call.words.timer_words import (
    EXPLAINED,
    FIVE_LEFT,
    FIVE_LEFT_OF_SESSION,
    IS_UP,
    STOP,
    UNTIL_THE_END,
    left_s,
    time_notice,
    timer_announcement,
    timer_label,
)
from tests.app.stage.call_stage import Call, joined
from tests.app.stage.call_world import SESSION
from tests.fakes.api import NOW

MINUTE = timedelta(minutes=1)
UNTIL_END = "Until the planned end, 10:40"
"""The session is from 9:55 to 10:40 in Berlin; it is 10:00."""


@asynccontextmanager
async def in_call(role: Role, width: float = 1280) -> AsyncIterator[Call]:
    async with joined(role, width=width) as call:
        call.engine.timer_now = call.world.services.now
        call.engine.become(CallState.WAITING)
        call.engine.let_other_in("Other", since=NOW)
        yield call


def test_the_words_of_the_page_that_the_test_goes_by() -> None:
    assert UNTIL_END.startswith(UNTIL_THE_END)


@pytest.mark.parametrize("width", [390, 1280])
async def test_the_professional_starts_it_until_the_planned_end_and_stops_it(width: float) -> None:
    async with in_call("professional", width) as call:
        await call.app.click(timer_words.OPEN)
        await call.app.shows(EXPLAINED)
        await call.app.click(UNTIL_END)
        assert ("timer", 40 * MINUTE) in call.engine.calls
        await call.app.until(lambda: f"{timer_label(40 * 60)}. {timer_words.OPEN}" in call.app.labels())
        await call.app.click(STOP)
        assert ("timer", None) in call.engine.calls
        await call.app.shows(UNTIL_END)


async def test_another_length_is_one_press() -> None:
    async with in_call("professional") as call:
        await call.app.key("T")
        await call.app.shows(EXPLAINED)
        await call.app.click("15 min")
        assert ("timer", 15 * MINUTE) in call.engine.calls


async def test_the_user_sees_it_and_has_no_button_for_it() -> None:
    async with in_call("user") as call:
        call.engine.become(CallState.IN_CALL, timer=SharedTimer(10 * MINUTE, NOW + 10 * MINUTE))
        await call.app.until(lambda: timer_label(600) in call.app.labels())
        assert timer_words.OPEN not in call.app.labels()
        await call.app.key("T")
        await call.app.settle()
        assert EXPLAINED not in call.app.texts()
        call.world.pass_time(minutes=11)
        await call.app.shows(IS_UP)


async def test_five_minutes_left_comes_by_itself() -> None:
    async with in_call("user") as call:
        call.engine.become(CallState.IN_CALL, timer=SharedTimer(10 * MINUTE, NOW + 10 * MINUTE))
        await call.app.until(lambda: timer_label(600) in call.app.labels())
        assert FIVE_LEFT not in call.app.texts()
        call.world.pass_time(minutes=5, seconds=1)
        await call.app.shows(FIVE_LEFT)
        call.world.pass_time(seconds=31)
        await call.app.until(lambda: FIVE_LEFT not in call.app.texts())


async def test_and_of_the_session_without_a_timer() -> None:
    async with in_call("user") as call:
        call.world.pass_time(minutes=35, seconds=1)
        await call.app.shows(FIVE_LEFT_OF_SESSION)


async def test_it_is_kept_on_the_device_and_given_to_the_next_engine_before_it_joins() -> None:
    async with in_call("professional") as call:
        timer = SharedTimer(10 * MINUTE, NOW + 10 * MINUTE)
        call.engine.become(CallState.IN_CALL, timer=timer)
        unsaved = call.world.services.unsaved
        await call.app.until(lambda: unsaved.text("timer:pro-1"))
        assert read_timer(unsaved.text("timer:pro-1"), SESSION) == timer
        await call.app.click("End call")
        await call.app.shows("Rejoin")
        assert unsaved.text("timer:pro-1"), "leaving stops no timer"
        await call.app.click("Rejoin")
        await call.app.until(lambda: ("kept timer", timer) in call.engine.calls)
        names = [name for name, *_ in call.engine.calls]
        assert names.index("kept timer") < names.index("join")
        call.engine.become(CallState.IN_CALL, timer=None)
        await call.app.until(lambda: not unsaved.text("timer:pro-1"))


@pytest.mark.parametrize(
    "kept", ["", "[]", "7", "x", json.dumps(["other", 1, 1]), json.dumps([SESSION, "x", 1]), f'["{SESSION}", 1, 1e99]']
)
def test_what_is_kept_of_another_session_or_is_nothing_of_ours_is_no_timer(kept: str) -> None:
    assert read_timer(kept, SESSION) is None


def test_what_is_kept_is_read_again() -> None:
    timer = SharedTimer(10 * MINUTE, NOW)
    assert read_timer(timer_text(timer, SESSION), SESSION) == timer


def _timer(length_minutes: float, left_minutes: float) -> SharedTimer:
    return SharedTimer(length_minutes * MINUTE, NOW + left_minutes * MINUTE)


@pytest.mark.parametrize(
    ("timer", "session_ends_at", "words"),
    [
        (None, None, ""),
        (_timer(10, 5), None, FIVE_LEFT),
        (_timer(10, 4.6), None, FIVE_LEFT),
        (_timer(10, 4.5), None, ""),
        (_timer(10, 5.1), None, ""),
        (_timer(5, 5), None, ""),
        (None, NOW + 5 * MINUTE, FIVE_LEFT_OF_SESSION),
        (None, NOW + 4.4 * MINUTE, ""),
        (_timer(10, 5), NOW + 5 * MINUTE, FIVE_LEFT),
        (_timer(30, 4.4), NOW + 5 * MINUTE, ""),  # the timer has just said so
        (_timer(30, 20), NOW + 5 * MINUTE, FIVE_LEFT_OF_SESSION),
        (_timer(10, -20), NOW + 5 * MINUTE, FIVE_LEFT_OF_SESSION),
    ],
)
def test_what_is_said_of_the_time(timer: SharedTimer | None, session_ends_at: datetime | None, words: str) -> None:
    assert time_notice(timer, session_ends_at, NOW) == words


@pytest.mark.parametrize(("left", "seconds"), [(600.0, 600), (599.2, 600), (0.1, 1), (0.0, 0), (-5.0, 0)])
def test_what_is_left_is_rounded_up_and_never_less_than_nothing(left: float, seconds: int) -> None:
    assert left_s(SharedTimer(10 * MINUTE, NOW + timedelta(seconds=left)), NOW) == seconds


def test_a_screen_reader_hears_of_a_start_and_a_stop_and_not_of_a_correction() -> None:
    one = _timer(10, 10)
    assert timer_announcement(None, one) == "A timer has started: 10 min."
    assert timer_announcement(one, None) == "The timer was stopped."
    assert timer_announcement(one, _timer(10, 9.9)) == ""
    assert timer_announcement(one, _timer(15, 15)) == "A timer has started: 15 min."
    assert timer_announcement(None, None) == ""
