"""When Start is on, and the words around it."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.state.bookings.start_window import hold_left_s, is_ahead, start_window
from tests.app.stage.sample_bookings import NOON, booking, hold

BERLIN = ZoneInfo("Europe/Berlin")
OPENS = NOON - timedelta(minutes=15)
CLOSES = NOON + timedelta(minutes=75)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("now", "can_start"),
    [(OPENS - TICK, False), (OPENS, True), (NOON, True), (CLOSES - TICK, True), (CLOSES, False)],
)
def test_start_opens_exactly_at_the_join_window(now: datetime, can_start: bool) -> None:
    assert start_window(booking(), now, BERLIN).can_start is can_start


@pytest.mark.parametrize(
    ("now", "words"), [(12, "Starts in 12 min"), (90, "Starts in 1 h 30 min"), (0.5, "Starts in 30 s")]
)
def test_the_countdown_says_how_long_until_the_start(now: float, words: str) -> None:
    assert start_window(booking(), NOON - timedelta(minutes=now), BERLIN).countdown == words


def test_before_the_window_the_reason_names_when_start_opens_in_the_viewers_zone() -> None:
    assert start_window(booking(), NOON - timedelta(hours=2), BERLIN).reason == "You can start at 12:45."


def test_start_that_opens_on_another_day_names_the_day() -> None:
    assert start_window(booking(), NOON - timedelta(days=3), BERLIN).reason == "You can start Tue 24 Nov at 12:45."
    assert start_window(booking(), NOON - timedelta(days=1), BERLIN).reason == "You can start tomorrow at 12:45."


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "cancelled"}, "This session was cancelled."),
        ({"status": "no_show"}, "This session is over."),
        ({"status": "held", "payment_status": "pending"}, "You can start once it is paid."),
        ({"payment_status": "failed"}, "You can start once it is paid."),
        ({"payment_status": "refunded"}, "You can start once it is paid."),
        ({"dispute": "open"}, "Payment disputed with the bank: this session cannot be joined."),
        ({"dispute": "lost"}, "Payment disputed with the bank: this session cannot be joined."),
    ],
)
def test_a_session_that_cannot_start_says_why(changes: dict[str, Any], reason: str) -> None:
    window = start_window(booking(**changes), NOON, BERLIN)
    assert (window.can_start, window.reason) == (False, reason)


@pytest.mark.parametrize("changes", [{"payment_status": "partially_refunded"}, {"dispute": "won"}])
def test_what_was_given_back_in_part_and_a_dispute_that_is_over_close_nothing(changes: dict[str, Any]) -> None:
    assert start_window(booking(**changes), NOON, BERLIN).can_start
    assert is_ahead(booking(**changes), NOON)


def test_a_completed_session_can_be_started_until_its_room_closes() -> None:
    it = booking(status="completed")
    assert start_window(it, it.join_closes_at - timedelta(seconds=1), BERLIN).can_start
    window = start_window(it, it.join_closes_at, BERLIN)
    assert (window.can_start, window.reason) == (False, "This session is over.")


def test_a_session_that_began_says_since_when() -> None:
    assert start_window(booking(), NOON + timedelta(minutes=7, seconds=5), BERLIN).countdown == "Started 7 min ago"


def test_after_its_time_the_room_says_when_it_closes() -> None:
    window = start_window(booking(), NOON + timedelta(minutes=65), BERLIN)
    assert window.countdown == "Time is up. The room closes in 10 min"


@given(st.floats(-6 * 3600, 2 * 3600))
def test_words_and_button_hold_until_the_moment_they_are_said_to_change(offset_s: float) -> None:
    now = NOON + timedelta(seconds=offset_s)
    window = start_window(booking(), now, BERLIN)
    if window.changes_in_s is None:
        assert window == start_window(booking(), now + timedelta(days=1), BERLIN)
    else:
        assert 0 < window.changes_in_s <= 60
        before = start_window(booking(), now + timedelta(seconds=window.changes_in_s) * 0.9, BERLIN)
        assert before.can_start is window.can_start


@pytest.mark.parametrize("status", ["held", "cancelled", "expired", "completed"])
def test_only_a_confirmed_session_lies_ahead(status: str) -> None:
    assert not is_ahead(booking(status=status), NOON)


def test_a_hold_counts_down_to_nothing_and_not_below() -> None:
    held = hold(now=NOON)
    assert [hold_left_s(held, NOON + timedelta(minutes=at)) for at in (0, 9, 11)] == [600.0, 60.0, 0.0]


def test_a_confirmed_session_has_no_hold_left() -> None:
    assert hold_left_s(booking(), NOON) is None
