"""A session is moved and cancelled from its details, by either person, at every width."""

import flet as ft
import pytest

from app.errors import Problem
from tests.app.stage.booking_stage import book
from tests.app.stage.details_stage import HOUR, WIDTHS, api_with_a_session, sessions_of
from tests.app.stage.session_stage import choose_tab
from tests.fakes.api import NOW, FakeApi


@pytest.fixture
def api() -> FakeApi:
    return api_with_a_session()


@pytest.mark.parametrize("width", WIDTHS)
async def test_cancelling_shows_first_what_comes_back_and_then_where_it_is(
    api: FakeApi, width: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.state.bookings.session_detail.REFUND_POLL_S", 0.03)
    async with sessions_of(api, "user", "booking-1", width=width) as app:
        await app.shows("Cancel session")
        await app.click("Cancel session")
        await app.shows("You get a full refund of $45.00.")
        assert "This applies until today 22:00. After that, you get less back." in app.texts()
        assert api.count("cancel") == 0
        await app.click("Cancel and get $45.00 back")
        await app.shows("You cancelled. $45.00 is on its way back to you.")
        api.settle_refund("booking-1")
        await app.shows("You cancelled. $45.00 went back to you today 10:00.")
        await app.click("Close" if width >= 1000 else "Back")
        await choose_tab(app, "past")
        await app.shows("You cancelled. $45.00 went back to you today 10:00.")
        assert "Refunded" in app.texts()


async def test_keeping_the_session_cancels_nothing(api: FakeApi) -> None:
    async with sessions_of(api, "user", "booking-1") as app:
        await app.shows("Cancel session")
        await app.click("Cancel session")
        await app.shows("Cancel and get $45.00 back")
        await app.click("Keep the session")
        await app.shows("If it is cancelled")
        assert api.count("cancel") == 0


async def test_escape_goes_one_step_back_and_then_to_the_list(api: FakeApi) -> None:
    async with sessions_of(api, "user", "booking-1") as app:
        await app.shows("Cancel session")
        await app.click("Cancel session")
        await app.shows("Cancel this session?")
        assert "Ada Lovelace, tomorrow 10:00–10:45" in app.texts()
        await app.key("Escape")
        await app.shows("If it is cancelled")
        await app.key("Escape")
        await app.shows("Next session")


async def test_a_refund_that_changed_is_shown_and_asked_again(api: FakeApi) -> None:
    async with sessions_of(api, "user", "booking-1") as app:
        await app.shows("Cancel session")
        await app.click("Cancel session")
        await app.shows("Cancel and get $45.00 back")
        api.now += 13 * HOUR
        await app.click("Cancel and get $45.00 back")
        await app.shows("The refund has changed.")
        assert "You get $22.50 back (half)." in app.texts()
        await app.click("Cancel and get $22.50 back")
        await app.shows("You cancelled. $22.50 is on its way back to you.")


async def test_cancelling_in_flight_cannot_be_pressed_twice(api: FakeApi) -> None:
    async with sessions_of(api, "user", "booking-1") as app:
        await app.shows("Cancel session")
        await app.click("Cancel session")
        await app.shows("Cancel and get $45.00 back")
        gate = api.hold("cancel")
        pressed = await app.begin("Cancel and get $45.00 back")
        assert not app.is_enabled("Cancel and get $45.00 back")
        assert not app.is_enabled("Keep the session")
        gate.set()
        await pressed
        await app.shows("You cancelled.")


async def test_a_session_that_the_other_one_cancels_meanwhile_is_not_asked_about_any_more(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.state.bookings.session_detail.POLL_S", 0.03)
    async with sessions_of(api, "user", "booking-1") as app:
        await app.shows("Cancel session")
        await app.click("Cancel session")
        await app.shows("Cancel and get $45.00 back")
        api.account_id = "pro-1"
        await api.cancel("booking-1", 4500)
        await app.shows("Ada Lovelace cancelled. $45.00 is on its way back to you.")
        assert "Cancel this session?" not in app.texts()


async def test_a_cancellation_that_is_refused_says_why(api: FakeApi) -> None:
    api.fail["cancellation"] = Problem("NotCancellable", 409, "This session is cancelled already.")
    async with sessions_of(api, "user", "booking-1") as app:
        await app.shows("Cancel session")
        await app.click("Cancel session")
        await app.shows("This session is cancelled already.")


async def test_a_professional_cancels_with_everything_back_and_the_time_withdrawn(api: FakeApi) -> None:
    async with sessions_of(api, "professional", "booking-1", width=1280) as app:
        await app.shows("Cancel session")
        assert "Move to another time" not in app.texts()
        await app.click("Cancel session")
        await app.shows("Grace Hopper gets a full refund of $45.00.")
        assert "The time is taken off your page: nobody else can book it." in app.texts()
        await app.click("Cancel and refund $45.00")
        await app.shows("You cancelled. $45.00 is on its way back to Grace Hopper.")
        await app.shows("No bookings yet")


async def test_a_session_that_has_begun_says_why_it_cannot_be_cancelled(api: FakeApi) -> None:
    begun = book(api, -HOUR / 4)
    async with sessions_of(api, "user", begun) as app:
        await app.shows("It has already started, so it can no longer be cancelled.")
        assert not app.is_enabled("Move to another time")
        assert "It is too late to move this session." in app.texts()


@pytest.mark.parametrize("width", WIDTHS)
async def test_moving_shows_both_times_before_and_where_it_was_after(api: FakeApi, width: float) -> None:
    async with sessions_of(api, "user", "booking-1", width=width) as app:
        await app.shows("Move to another time")
        await app.click("Move to another time")
        await app.shows("Choose a time first.")
        assert "You can move it until tomorrow 08:00." in app.texts()
        assert not app.is_enabled("Move")
        await app.click("16:00 to 16:45, $45.00")
        assert {"Now", "10:00–10:45", "New", "16:00–16:45"} <= set(app.texts())
        assert "From Tomorrow 10:00–10:45 to Tomorrow 16:00–16:45" in app.labels()
        await app.click("Move to tomorrow 16:00")
        await app.shows("Moved from tomorrow 10:00")
        assert "Tomorrow 16:00–16:45" in app.texts()
        await app.click("Close" if width >= 1000 else "Back")
        await app.shows("Moved from tomorrow 10:00")
    async with sessions_of(api, "professional") as app:
        await app.shows("Moved from tomorrow 10:00")


async def test_a_taken_time_offers_the_next_free_one(api: FakeApi) -> None:
    api.add_slot("later", NOW + 33 * HOUR)
    async with sessions_of(api, "user", "booking-1") as app:
        await app.shows("Move to another time")
        await app.click("Move to another time")
        await app.shows("16:00")
        await app.click("16:00 to 16:45, $45.00")
        api.slots["free"]["status"] = "booked"
        await app.click("Move to tomorrow 16:00")
        await app.shows("This time was just booked by someone else. Free instead:")
        await app.click("Tomorrow 19:00")
        await app.click("Move to tomorrow 19:00")
        await app.shows("Tomorrow 19:00–19:45")


@pytest.mark.parametrize(
    ("size", "height", "together"), [("normal", 844, False), ("largest", 844, True), ("normal", 500, True)]
)
async def test_where_large_letters_or_a_low_window_leave_no_room_everything_scrolls(
    api: FakeApi, size: str, height: float, together: bool
) -> None:
    async with sessions_of(api, "user", "booking-1", height=height, text_size=size) as app:
        await app.shows("Move to another time")
        await app.click("Move to another time")
        await app.shows("16:00")
        await app.click("16:00 to 16:45, $45.00")
        scrolled = [each for each in app.all(ft.Column) if each.scroll and "16:00" in app.texts(each)]
        assert ("Keep the old time" in app.texts(scrolled[-1])) is together
        assert app.is_enabled("Move to tomorrow 16:00")


async def test_moving_in_flight_cannot_be_pressed_twice(api: FakeApi) -> None:
    async with sessions_of(api, "user", "booking-1") as app:
        await app.shows("Move to another time")
        await app.click("Move to another time")
        await app.shows("16:00")
        await app.click("16:00 to 16:45, $45.00")
        gate = api.hold("reschedule")
        pressed = await app.begin("Move to tomorrow 16:00")
        assert not app.is_enabled("Move to tomorrow 16:00")
        gate.set()
        await pressed
        await app.shows("Moved from tomorrow 10:00")


async def test_without_any_other_free_time_the_page_says_so_and_leads_nowhere_else(api: FakeApi) -> None:
    api.slots.pop("free")
    api.people["pro-1"]["next_free_at"] = None
    async with sessions_of(api, "user", "booking-1") as app:
        await app.shows("Move to another time")
        await app.click("Move to another time")
        await app.shows("Ada Lovelace has no free times right now.")
        assert "Find someone else" not in app.texts()
