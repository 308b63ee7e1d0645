"""A session's details on both lists: looked at, moved, cancelled, at every width."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import flet as ft
import pytest

from app.api.models import QualityReport, SessionQuality
from app.errors import Offline, Problem
from app.screens.upcoming_sessions import UpcomingSessions
from app.screens.upcoming_user_sessions import UpcomingUserSessions
from tests.app.harness import Harness
from tests.app.session_stage import services_of, shown
from tests.app.test_session_screens import choose_tab
from tests.app.test_upcoming import book
from tests.fakes.api import NOW, FakeApi
from tests.fakes.changing import policy_of
from tests.fakes.instants import wire_time

HOUR = timedelta(hours=1)
WIDTHS = [390, 900, 1280]


@pytest.fixture
def api() -> FakeApi:
    """Grace has a session with Ada tomorrow at 10:00 in Berlin; tomorrow at 16:00 is free at the same price."""
    api = FakeApi()
    api.add_professional(next_free_at=wire_time(NOW + 30 * HOUR))
    book(api, 24 * HOUR)
    api.add_slot("free", NOW + 30 * HOUR)
    return api


@asynccontextmanager
async def sessions_of(
    api: FakeApi, role: str, session_id: str = "", text_size: str = "normal", **page: Any
) -> AsyncIterator[Harness]:
    """That person's list under its real path, with a session's details open."""
    path, screen = ("upcoming", UpcomingSessions) if role == "professional" else ("my-sessions", UpcomingUserSessions)

    @ft.component
    def Routes() -> ft.Control:
        return ft.Router([ft.Route(path=f"{path}/:session_id?", component=screen)])

    route = f"/{path}/{session_id}".rstrip("/")
    services = services_of(api, role)
    services.preferences.text_size = text_size
    async with shown(services, Routes, route=route, **page) as app:
        yield app


@pytest.mark.parametrize("width", WIDTHS)
async def test_a_row_leads_to_its_details_and_back(api: FakeApi, width: float) -> None:
    book(api, 48 * HOUR)
    async with sessions_of(api, "user", width=width) as app:
        await app.shows("Thu 26 Nov")
        await app.click("Ada Lovelace, 10:00 to 10:45, 45 min, $45.00, Confirmed, Paid, details")
        await app.shows("If it is cancelled")
        assert app.page.route == "/my-sessions/booking-2"
        assert "Thu 26 Nov 10:00–10:45" in app.texts()
        await app.click("Close" if width >= 1000 else "Back")
        await app.until(lambda: "If it is cancelled" not in app.texts())
        assert app.page.route == "/my-sessions"


async def test_the_next_session_has_its_details_too(api: FakeApi) -> None:
    async with sessions_of(api, "professional") as app:
        await app.shows("Next session")
        await app.click("Details")
        await app.shows("If you cancel, Grace Hopper gets everything back.")


async def test_the_list_stays_beside_the_details_on_a_wide_page_alone(api: FakeApi) -> None:
    async with sessions_of(api, "user", "booking-1", width=1280) as app:
        await app.shows("If it is cancelled")
        assert "My sessions" in app.texts()
        await app.resize(600)
        await app.until(lambda: "My sessions" not in app.texts())
        assert "If it is cancelled" in app.texts()


async def test_details_say_who_when_price_status_and_policy(api: FakeApi) -> None:
    async with sessions_of(api, "user", "booking-1") as app:
        await app.shows("If it is cancelled")
        texts = app.texts()
        assert {"Ada Lovelace", "Tomorrow 10:00–10:45", "45 min · $45.00", "Confirmed", "Paid"} <= set(texts)
        assert "Free cancellation until today 22:00." in texts
        assert "Possible until tomorrow 08:00." in texts


async def test_a_session_that_is_not_there_is_said(api: FakeApi) -> None:
    async with sessions_of(api, "user", "nowhere") as app:
        await app.shows("This session does not exist, or is not yours.")


async def test_details_that_cannot_be_had_can_be_tried_again(api: FakeApi) -> None:
    api.fail["session"] = api.fail["my_bookings"] = Offline()
    async with sessions_of(api, "user", "booking-1") as app:
        await app.shows("cannot be reached")
        api.fail.clear()
        await app.click("Try again")
        await app.shows("If it is cancelled")


async def test_details_follow_what_the_other_one_does(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.state.session_detail.LOOK_S", 0.03)
    async with sessions_of(api, "user", "booking-1") as app:
        await app.shows("If it is cancelled")
        api.account_id = "pro-1"
        await api.cancel("booking-1", 4500)
        await app.shows("Ada Lovelace cancelled. $45.00 is on its way back to you.")
        assert "Cancel session" not in app.texts()


@pytest.mark.parametrize("width", WIDTHS)
async def test_cancelling_shows_first_what_comes_back_and_then_where_it_is(
    api: FakeApi, width: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.state.session_detail.REFUND_LOOK_S", 0.03)
    async with sessions_of(api, "user", "booking-1", width=width) as app:
        await app.shows("Cancel session")
        await app.click("Cancel session")
        await app.shows("You get everything back, $45.00.")
        assert "That holds until today 22:00; after that less comes back." in app.texts()
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
        await app.shows("What comes back has changed.")
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
    monkeypatch.setattr("app.state.session_detail.LOOK_S", 0.03)
    async with sessions_of(api, "user", "booking-1") as app:
        await app.shows("Cancel session")
        await app.click("Cancel session")
        await app.shows("Cancel and get $45.00 back")
        api.account_id = "pro-1"
        await api.cancel("booking-1", 4500)
        await app.shows("Ada Lovelace cancelled. $45.00 is on its way back to you.")
        assert "Cancel this session?" not in app.texts()


async def test_start_stays_while_the_room_is_open_after_the_end(api: FakeApi) -> None:
    just_over = book(api, -HOUR * 5 / 6)
    async with sessions_of(api, "user", just_over) as app:
        await app.until(lambda: len([each for each in app.texts() if each == "Start"]) == 1)
        assert app.is_enabled("Start")
        assert not {"Cancel session", "Book again with Ada Lovelace"} & set(app.texts())


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
        await app.shows("Grace Hopper gets everything back, $45.00.")
        assert "The time is withdrawn: nobody else can book it." in app.texts()
        await app.click("Cancel and refund $45.00")
        await app.shows("You cancelled. $45.00 is on its way back to Grace Hopper.")
        await app.shows("Nobody has booked yet")


async def test_a_session_that_has_begun_says_why_it_cannot_be_cancelled(api: FakeApi) -> None:
    begun = book(api, -HOUR / 4)
    async with sessions_of(api, "user", begun) as app:
        await app.shows("It has begun, so it can no longer be cancelled.")
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
        await app.shows("Ada Lovelace has no free times at the moment.")
        assert "Find someone else" not in app.texts()


@pytest.mark.parametrize(
    ("absent", "words"),
    [
        ("user", "You did not come."),
        ("professional", "Ada Lovelace did not come: everything is refunded."),
        ("both", "Nobody came. Nothing is refunded."),
        ("unclear", "Nobody could see who was there: nothing was decided."),
    ],
)
async def test_who_did_not_come_stands_in_the_past(api: FakeApi, absent: str, words: str) -> None:
    book(api, -26 * HOUR, status="no_show", absent=absent)
    async with sessions_of(api, "user") as app:
        await choose_tab(app, "past")
        await app.shows(words)


async def test_a_session_goes_into_a_calendar(api: FakeApi) -> None:
    async with sessions_of(api, "user", "booking-1") as app:
        await app.shows("Add to calendar")
        await app.click("Add to calendar")
        saved = [args for name, args in app.connection.calls if name == "save_file"]
        assert saved[0]["file_name"] == "session-2026-11-25-1000.ics"


async def test_after_a_session_the_way_leads_to_booking_again(api: FakeApi) -> None:
    over = book(api, -26 * HOUR, status="completed")
    async with sessions_of(api, "user", over) as app:
        await app.shows("Book again with Ada Lovelace")
        assert not {"Add to calendar", "Cancel session", "Start"} & set(app.texts())
        await app.click("Book again with Ada Lovelace")
        assert "/professional/pro-1" in [args.get("route") for _, args in app.connection.calls]


async def test_a_calendar_that_cannot_be_had_is_said(api: FakeApi) -> None:
    api.fail["calendar_file"] = Offline()
    async with sessions_of(api, "user", "booking-1") as app:
        await app.shows("Add to calendar")
        await app.click("Add to calendar")
        await app.shows("cannot be reached")


async def test_the_professionals_own_clock_is_named_to_a_user_elsewhere(api: FakeApi) -> None:
    api.bookings["booking-1"]["time_zone"] = "Europe/London"
    async with sessions_of(api, "user", "booking-1") as app:
        await app.shows("09:00 for Ada (London)")


async def test_details_that_are_left_stop_asking(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.state.session_detail.LOOK_S", 0.03)
    async with sessions_of(api, "user", "booking-1") as app:
        await app.until(lambda: api.count("session") > 3)
        await app.click("Back")
        await app.settle()
        asked = api.count("session")
        await app.settle(20)
        assert api.count("session") == asked


async def test_another_session_is_another_page_of_details(api: FakeApi) -> None:
    other = book(api, 48 * HOUR, policy=policy_of(NOW + 48 * HOUR, 0, 0))
    async with sessions_of(api, "user", "booking-1", width=1280) as app:
        await app.shows("Free cancellation until today 22:00.")
        await app.go(f"/my-sessions/{other}")
        await app.shows("Free cancellation until Thu 26 Nov 10:00.")
        assert "Free cancellation until today 22:00." not in app.texts()


async def test_a_held_time_says_before_paying_what_cancelling_gives_back(api: FakeApi) -> None:
    end = wire_time(NOW + timedelta(minutes=10))
    fields = {"status": "held", "payment_status": "pending", "hold_expires_at": end, "checkout_url": "http://pay.test"}
    book(api, 48 * HOUR, **fields)
    async with sessions_of(api, "user") as app:
        await app.shows("Free cancellation until tomorrow 22:00.")


async def test_how_the_call_ran_stands_with_a_session_that_is_past(api: FakeApi) -> None:
    api.now = NOW + 26 * HOUR
    session_id = next(iter(api.bookings))
    report = QualityReport(measured_s=2400, own_rating="fair", interruptions=1)
    api.quality[session_id] = SessionQuality(
        user=report, professional=QualityReport(measured_s=2400, own_rating="good")
    )
    async with sessions_of(api, "user", session_id, width=390) as app:
        await app.shows("How the call ran")
        await app.shows("For you: fair")
        await app.shows("The connection broke off once.")
        await app.shows("For Ada Lovelace: good")


async def test_a_session_to_come_has_no_call_to_tell_of(api: FakeApi) -> None:
    session_id = next(iter(api.bookings))
    async with sessions_of(api, "user", session_id, width=390) as app:
        await app.shows("If it is cancelled")
        assert f"session_quality {session_id}" not in api.calls
