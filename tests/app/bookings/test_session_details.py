"""A session's details on both lists, at every width."""

import asyncio
from datetime import timedelta

import flet as ft
import pytest

from app.api.models import QualityReport, SessionQuality
from app.components.bookings.calendar_file import SAVED
from app.errors import Offline
from app.state.core.picked_files import NO_DIALOG
from tests.app.stage.booking_stage import book
from tests.app.stage.details_stage import HOUR, WIDTHS, api_with_a_session, sessions_of
from tests.app.stage.fake_connection import UNANSWERED
from tests.app.stage.session_stage import choose_tab
from tests.fakes.api import NOW, FakeApi
from tests.fakes.changing import policy_of
from tests.fakes.instants import wire_time


@pytest.fixture
def api() -> FakeApi:
    return api_with_a_session()


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
        await app.shows("If you cancel, Grace Hopper gets a full refund.")


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
    monkeypatch.setattr("app.state.bookings.session_detail.POLL_S", 0.03)
    async with sessions_of(api, "user", "booking-1") as app:
        await app.shows("If it is cancelled")
        api.account_id = "pro-1"
        await api.cancel("booking-1", 4500)
        await app.shows("Ada Lovelace cancelled. $45.00 is on its way back to you.")
        assert "Cancel session" not in app.texts()


async def test_start_stays_while_the_room_is_open_after_the_end(api: FakeApi) -> None:
    just_over = book(api, -HOUR * 5 / 6)
    async with sessions_of(api, "user", just_over) as app:
        await app.until(lambda: len([each for each in app.texts() if each == "Start"]) == 1)
        assert app.is_enabled("Start")
        assert not {"Cancel session", "Book again with Ada Lovelace"} & set(app.texts())


@pytest.mark.parametrize(
    ("absent", "words"),
    [
        ("user", "You missed this session."),
        ("professional", "Ada Lovelace missed this session, or most of it: you get a full refund."),
        ("both", "Neither of you showed up."),
        ("unclear", "Our servers could not tell who was there."),
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


@pytest.mark.parametrize(
    ("answer", "said"),
    [("/home/grace/session.ics", SAVED), (None, ""), (RuntimeError("org.freedesktop.portal.Desktop"), NO_DIALOG)],
)
async def test_what_came_of_saving_the_calendar_file_is_said(api: FakeApi, answer: object, said: str) -> None:
    async with sessions_of(api, "user", "booking-1", replies={"save_file": answer}) as app:
        await app.shows("Add to calendar")
        await app.click("Add to calendar")
        saving = next(args for name, args in app.connection.calls if name == "save_file")
        assert (saving["dialog_title"], saving["src_bytes"][:15]) == ("Save the calendar file", b"BEGIN:VCALENDAR")
        await app.settle()
        assert [each.content for each in app.all(ft.SnackBar)] == ([said] if said else [])


async def test_a_page_that_is_loaded_again_has_no_dialog_any_more_and_can_ask_again(api: FakeApi) -> None:
    async with sessions_of(api, "user", "booking-1", replies={"save_file": UNANSWERED}) as app:
        await app.shows("Add to calendar")
        saving = await app.begin("Add to calendar")
        assert not app.is_enabled("Add to calendar")
        await app.disconnect()
        await app.reconnect()
        await asyncio.wait_for(saving, 2)
        assert app.is_enabled("Add to calendar")
        assert not app.all(ft.SnackBar)


async def test_a_moved_session_updates_its_event_and_a_cancelled_one_takes_it_out(api: FakeApi) -> None:
    api.bookings["booking-1"]["moved_from"] = wire_time(NOW + HOUR)
    async with sessions_of(api, "user", "booking-1") as app:
        await app.shows("Update calendar")
    api.bookings["booking-1"] |= {"status": "cancelled", "cancelled_at": wire_time(NOW), "cancelled_by": "user"}
    async with sessions_of(api, "user", "booking-1") as app:
        await app.shows("Remove from calendar")
        await app.click("Remove from calendar")
        assert [args for name, args in app.connection.calls if name == "save_file"]


async def test_a_hold_that_was_given_back_has_nothing_to_take_out(api: FakeApi) -> None:
    api.bookings["booking-1"] |= {"status": "cancelled", "cancelled_at": None}
    async with sessions_of(api, "user", "booking-1") as app:
        await app.shows("Book again with Ada Lovelace")
        assert "Remove from calendar" not in app.texts()


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
    monkeypatch.setattr("app.state.bookings.session_detail.POLL_S", 0.03)
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
        await app.shows("The connection dropped once.")
        await app.shows("For Ada Lovelace: good")


async def test_a_session_to_come_has_no_call_to_tell_of(api: FakeApi) -> None:
    session_id = next(iter(api.bookings))
    async with sessions_of(api, "user", session_id, width=390) as app:
        await app.shows("If it is cancelled")
        assert f"session_quality {session_id}" not in api.calls
