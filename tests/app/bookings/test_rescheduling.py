"""The view model of moving a session to another time."""

from datetime import timedelta

import pytest

from app.errors import Offline, Problem
from app.state.bookings.rescheduling import Rescheduling
from tests.app.stage.booking_stage import book
from tests.app.stage.session_stage import services_of
from tests.fakes.api import NOW, FakeApi
from tests.fakes.instants import wire_time

HOUR = timedelta(hours=1)
MOVED_TO = NOW + 30 * HOUR


@pytest.fixture
def api() -> FakeApi:
    """Booked tomorrow 10:00 in Berlin for $45.00; free: tomorrow 16:00 for as much, tomorrow 17:00 for more."""
    api = FakeApi()
    api.add_professional(next_free_at=wire_time(MOVED_TO))
    book(api, 24 * HOUR)
    api.add_slot("same", MOVED_TO)
    api.add_slot("dearer", MOVED_TO + HOUR, price="60.00")
    return api


async def opened(api: FakeApi) -> Rescheduling:
    moving = Rescheduling(services_of(api, "user"), api.booking("booking-1"))
    await moving.poll()
    return moving


async def test_only_times_of_the_price_that_is_paid_are_offered(api: FakeApi) -> None:
    moving = await opened(api)
    assert [each.id for each in moving.times.slots] == ["same"]
    assert moving.times.day is not None
    assert moving.times.marks[moving.times.day] == 1


async def test_a_day_on_which_everything_costs_more_has_no_mark_once_it_is_known(api: FakeApi) -> None:
    api.add_slot("later", NOW + 54 * HOUR, price="60.00")
    moving = await opened(api)
    other_day = (NOW + 54 * HOUR).date()
    await moving.times.choose_day(other_day)
    assert moving.times.has_other_prices
    assert other_day not in moving.times.marks
    await moving.times.refresh()
    assert other_day not in moving.times.marks


async def test_nothing_is_moved_before_a_time_is_chosen(api: FakeApi) -> None:
    moving = await opened(api)
    assert (moving.why_not, await moving.move()) == ("Choose a time first.", None)
    assert api.count("reschedule") == 0


async def test_old_and_new_time_are_said_and_then_it_moves_with_its_payment(api: FakeApi) -> None:
    moving = await opened(api)
    moving.times.choose(moving.times.slots[0])
    assert (moving.old_words, moving.new_words) == ("Tomorrow 10:00–10:45", "Tomorrow 16:00–16:45")
    assert moving.button_words == "Move to tomorrow 16:00"
    assert "$45.00" in moving.kept_words
    moved = await moving.move()
    assert moved is not None
    assert (moved.starts_at, moved.moved_from, moved.payment_status) == (MOVED_TO, NOW + 24 * HOUR, "paid")


async def test_a_time_that_was_just_taken_offers_those_of_the_same_price(api: FakeApi) -> None:
    api.add_slot("free", MOVED_TO + 3 * HOUR)
    moving = await opened(api)
    moving.times.choose(moving.times.slots[0])
    api.slots["same"]["status"] = "booked"
    assert await moving.move() is None
    assert moving.error is not None
    assert [moving.offer_words(each) for each in moving.error.next_free] == ["Tomorrow 19:00"]
    assert [each.id for each in moving.times.slots] == ["free"]
    await moving.take(moving.error.next_free[0])
    assert moving.new_words == "Tomorrow 19:00–19:45"
    assert await moving.move() is not None
    assert not moving.error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("OverlappingSession", "You have another session at this time."),
        ("DifferentPrice", "Other price."),
        ("NotReschedulable", "Too late."),
    ],
)
async def test_a_refusal_says_why_and_keeps_the_old_time(api: FakeApi, error: str, words: str) -> None:
    moving = await opened(api)
    moving.times.choose(moving.times.slots[0])
    details = {"DifferentPrice": "Other price.", "NotReschedulable": "Too late."}
    api.fail["reschedule"] = Problem(error, 409, details.get(error, "No."))
    assert await moving.move() is None
    assert moving.error is not None
    assert moving.error.text.startswith(words)


async def test_out_of_reach_can_be_pressed_again(api: FakeApi) -> None:
    moving = await opened(api)
    moving.times.choose(moving.times.slots[0])
    api.fail["reschedule"] = Offline()
    assert await moving.move() is None
    assert moving.error is not None
    assert "It is safe to try again." in moving.error.text
    del api.fail["reschedule"]
    assert await moving.move() is not None


async def test_the_last_moment_is_said_and_holds(api: FakeApi) -> None:
    moving = await opened(api)
    moving.times.choose(moving.times.slots[0])
    assert moving.until_words == "You can move it until tomorrow 08:00."
    api.now = NOW + 22 * HOUR + timedelta(seconds=1)
    assert moving.why_not == "It is too late to move this session."
    assert await moving.move() is None


async def test_moving_late_says_that_a_full_refund_does_not_come_back(api: FakeApi) -> None:
    api.now = NOW + 13 * HOUR
    moving = await opened(api)
    assert "you get at most half back" in moving.until_words
