"""UpcomingSessions and UpcomingUserSessions on a page, over the fake backend."""

import asyncio
from datetime import timedelta

import flet as ft
import pytest

from app.errors import Offline, Problem
from app.screens.upcoming_sessions import UpcomingSessions
from app.screens.upcoming_user_sessions import UpcomingUserSessions
from app.state.bookings.session_lists import PAYING_POLL_S
from tests.app.stage.booking_stage import book, book_hold
from tests.app.stage.harness import Harness
from tests.app.stage.session_stage import choose_tab, services_of, shown, ticking
from tests.fakes.api import NOW, FakeApi

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def api() -> FakeApi:
    api = FakeApi()
    api.add_professional()
    return api


async def test_start_opens_exactly_at_the_join_window(api: FakeApi) -> None:
    book(api, 15 * MINUTE + SECOND)
    now = ticking(NOW + 0.4 * SECOND)
    async with shown(services_of(api, "user", now=now), UpcomingUserSessions) as app:
        await app.shows("Starts in")
        opens_at = NOW + SECOND
        while now() < opens_at:
            enabled, at = app.is_enabled("Start"), now()
            assert not enabled or at >= opens_at
            await asyncio.sleep(0.02)
        await app.until(lambda: app.is_enabled("Start"))


async def test_before_the_window_the_reason_stands_at_start(api: FakeApi) -> None:
    book(api, 2 * HOUR)
    async with shown(services_of(api, "professional"), UpcomingSessions) as app:
        await app.shows("You can start at 11:45.")
        assert not app.is_enabled("Start")


async def test_start_leads_to_the_session(api: FakeApi) -> None:
    session = book(api, 5 * MINUTE)
    async with shown(services_of(api, "professional"), UpcomingSessions) as app:
        await app.shows("Starts in 5 min")
        await app.click("Start")
        assert ("push_route", f"/session/{session}") in [
            (name, args.get("route")) for name, args in app.connection.calls
        ]


async def test_a_professional_meets_the_user_and_a_user_the_professional(api: FakeApi) -> None:
    book(api, HOUR)
    async with shown(services_of(api, "professional"), UpcomingSessions) as app:
        await app.shows("Grace Hopper")
    async with shown(services_of(api, "user"), UpcomingUserSessions) as app:
        await app.shows("Ada Lovelace")


async def test_sessions_stand_under_their_days_with_status_and_payment(api: FakeApi) -> None:
    book(api, HOUR)
    book(api, 26 * HOUR)
    async with shown(services_of(api, "user"), UpcomingUserSessions) as app:
        await app.shows("Tomorrow")
        texts = app.texts()
        assert texts.index("Tomorrow") < texts.index("12:00–12:45 · 45 min · $45.00")
        assert {"Confirmed", "Paid"} <= set(texts)


async def test_someone_who_waits_in_the_open_room_is_named(api: FakeApi) -> None:
    session = book(api, 5 * MINUTE)
    api.present[session] = ("user",)
    async with shown(services_of(api, "professional"), UpcomingSessions) as app:
        await app.shows("Grace Hopper is waiting")


async def test_an_empty_list_leads_the_professional_to_their_hours(api: FakeApi) -> None:
    async with shown(services_of(api, "professional"), UpcomingSessions) as app:
        await app.shows("No bookings yet")
        await app.click("Add hours")
        assert "/availability" in [args.get("route") for _, args in app.connection.calls]


async def test_an_empty_list_leads_the_user_to_find_someone(api: FakeApi) -> None:
    async with shown(services_of(api, "user"), UpcomingUserSessions) as app:
        await app.shows("Nothing booked yet")
        await app.click("Find someone")
        assert "/find" in [args.get("route") for _, args in app.connection.calls]


async def test_offline_at_first_says_so_and_a_retry_brings_the_list(api: FakeApi) -> None:
    book(api, HOUR)
    api.fail["my_bookings"] = Offline()
    async with shown(services_of(api, "user"), UpcomingUserSessions) as app:
        await app.shows("cannot be reached")
        del api.fail["my_bookings"]
        await app.click("Try again")
        await app.shows("Ada Lovelace")


async def test_an_error_says_what_happened(api: FakeApi) -> None:
    api.fail["my_bookings"] = Problem("ServiceUnavailable", 503, "The service is busy. Try again in a minute.")
    async with shown(services_of(api, "user"), UpcomingUserSessions) as app:
        await app.shows("The service is busy.")


async def test_offline_later_keeps_the_list_with_a_note(api: FakeApi) -> None:
    book(api, HOUR)
    async with shown(services_of(api, "user"), UpcomingUserSessions) as app:
        await app.shows("Ada Lovelace")
        api.fail["my_bookings"] = Offline()
        await app.click("Refresh")
        await app.shows("Shown as of 10:00.")
        assert "Ada Lovelace" in app.texts()


async def test_f5_brings_what_is_new(api: FakeApi) -> None:
    async with shown(services_of(api, "professional"), UpcomingSessions) as app:
        await app.shows("No bookings yet")
        book(api, HOUR)
        await app.key("F5")
        await app.shows("Grace Hopper")


async def test_the_past_tab_shows_what_is_over_and_nothing_that_comes(api: FakeApi) -> None:
    book(api, -26 * HOUR, status="completed")
    book(api, HOUR)
    async with shown(services_of(api, "user"), UpcomingUserSessions) as app:
        await app.shows("Starts in")
        await choose_tab(app, "past")
        await app.shows("Completed")
        assert not any("Starts in" in text for text in app.texts())


async def test_going_back_to_upcoming_shows_the_coming_sessions_again(api: FakeApi) -> None:
    book(api, -26 * HOUR, status="completed")
    book(api, HOUR)
    async with shown(services_of(api, "user"), UpcomingUserSessions) as app:
        await choose_tab(app, "past")
        await app.shows("Completed")
        await choose_tab(app, "upcoming")
        await app.shows("Starts in 1 h")


async def test_a_hold_counts_down_with_pay_and_back_out(api: FakeApi) -> None:
    book_hold(api)
    async with shown(services_of(api, "user"), UpcomingUserSessions) as app:
        await app.shows("Held for you for 10:00")
        api.now += timedelta(seconds=48)
        await app.shows("Held for you for 9:12")
        assert app.is_enabled("Pay $45.00")
        assert app.is_enabled("Back out")


def fronts(app: Harness) -> int:
    """How often the window was brought before the others, such as the browser with the payment page."""
    return [name for name, _ in app.connection.calls].count("to_front")


async def test_pay_opens_the_payment_page_and_shows_the_payment_when_it_is_there(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.state.bookings.session_lists.PAYING_POLL_S", PAYING_POLL_S / 100)
    held = book_hold(api)
    async with shown(services_of(api, "user"), UpcomingUserSessions) as app:
        await app.shows("Held for you")
        await app.click("Pay $45.00")
        await app.shows("Open the payment page again")
        assert any("http://pay.test" in str(args) for _, args in app.connection.calls)
        assert fronts(app) == 0
        api.pay(held)
        await app.shows("Next session")
        await app.until(lambda: fronts(app))
        for tab in ("past", "upcoming"):
            await choose_tab(app, tab)
        await app.settle(20)
        assert fronts(app) == 1


async def test_in_a_browser_pay_is_a_link_that_nothing_blocks(api: FakeApi) -> None:
    book_hold(api)
    async with shown(services_of(api, "user"), UpcomingUserSessions, web=True) as app:
        await app.shows("Held for you")
        pay = app.button("Pay $45.00")
        assert isinstance(pay, ft.FilledButton)
        assert isinstance(pay.action, ft.OpenUrl)
        assert pay.action.url == "http://pay.test"


async def test_backing_out_asks_first_and_then_gives_the_time_back(api: FakeApi) -> None:
    book_hold(api)
    async with shown(services_of(api, "user"), UpcomingUserSessions) as app:
        await app.shows("Held for you")
        pressed = asyncio.create_task(app.click("Back out"))
        await app.shows("Release this time?")
        dialog = app.find(ft.BottomSheet)
        await app.fire(next(each for each in app.walk(dialog) if isinstance(each, ft.FilledButton)), "click")
        await pressed
        await app.shows("Nothing booked yet")


async def test_a_screen_that_is_left_stops_asking(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.state.bookings.session_lists.IDLE_POLL_S", 0.03)
    services = services_of(api, "user")
    async with shown(services, lambda: Leavable(UpcomingUserSessions)) as app:
        await app.until(lambda: api.count("my_bookings") > 3)
        await app.click("Leave")
        await app.settle()
        asked = api.count("my_bookings")
        await app.settle(20)
        assert api.count("my_bookings") == asked


async def test_a_hidden_app_stops_asking_and_polls_at_once_when_it_is_back(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.state.bookings.session_lists.IDLE_POLL_S", 0.03)
    async with shown(services_of(api, "user"), UpcomingUserSessions) as app:
        await app.until(lambda: api.count("my_bookings") > 3)
        await app.session.dispatch_event(app.page._i, "app_lifecycle_state_change", {"state": "hide"})
        await app.settle(10)
        asked = api.count("my_bookings")
        await app.settle(20)
        assert api.count("my_bookings") == asked
        await app.session.dispatch_event(app.page._i, "app_lifecycle_state_change", {"state": "show"})
        await app.until(lambda: api.count("my_bookings") > asked)


async def test_a_new_booking_shows_by_itself(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.state.bookings.session_lists.IDLE_POLL_S", 0.03)
    async with shown(services_of(api, "professional"), UpcomingSessions) as app:
        await app.shows("No bookings yet")
        book(api, HOUR)
        await app.shows("Grace Hopper")


@pytest.mark.parametrize("width", [390, 1280])
async def test_the_list_stands_on_narrow_and_wide_pages(api: FakeApi, width: float) -> None:
    book(api, HOUR)
    book(api, 2 * HOUR)
    async with shown(services_of(api, "user"), UpcomingUserSessions, width=width) as app:
        await app.shows("Starts in 1 h")
        await app.shows("12:00–12:45")


@ft.component
def Leavable(screen: object) -> ft.Control:
    """A screen and a way out of it."""
    left, leave = ft.use_state(False)
    controls: list[ft.Control] = [ft.Button("Leave", on_click=lambda e: leave(True))]
    if not left:
        controls.append(ft.Container(screen()))  # type: ignore[operator]  # any of the screens
    return ft.Column(controls)
