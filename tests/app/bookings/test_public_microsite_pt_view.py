"""PublicMicrositePTView on a page, over the fake backend."""

import asyncio
from datetime import timedelta
from typing import Any

import flet as ft
import pytest

from app.errors import Offline, Problem
from app.screens.public_microsite_pt_view import ProfessionalPage
from app.state.core.services import Services
from tests.app.stage.harness import Harness
from tests.app.stage.session_stage import services_of, shown
from tests.fakes.api import HOLD, NOW, FakeApi
from tests.fakes.instants import wire_time

HOUR = timedelta(hours=1)
FIRST, SECOND = "14:00 to 14:45, $45.00", "15:00 to 15:45, $60.00"


@pytest.fixture
def api() -> FakeApi:
    api = FakeApi()
    api.add_professional(from_price="45.00", next_free_at=wire_time(NOW + 4 * HOUR))
    api.add_slot("first", NOW + 4 * HOUR)
    api.add_slot("second", NOW + 5 * HOUR, price="60.00")
    return api


@pytest.fixture
def services(api: FakeApi) -> Services:
    return services_of(api, "user")


def page(services: Services, **page_settings: Any) -> Any:
    return shown(services, lambda: ProfessionalPage("pro-1"), **page_settings)


def went_to(app: Harness) -> list[object]:
    return [args.get("route") for name, args in app.connection.calls if name == "push_route"]


async def hold_first(app: Harness) -> None:
    await app.shows("14:00")
    await app.click(FIRST)
    await app.click("Book 14:00, $45.00")
    await app.shows("Held for you")


async def test_who_it_is_and_the_first_free_day_are_there(services: Services) -> None:
    async with page(services) as app:
        await app.shows("14:00")
        assert {"Ada Lovelace", "Strength for busy people", "Today, 24 November", "Afternoon"} <= set(app.texts())
        assert "Tuesday 24 November, today, 2 free, selected" in app.labels()


async def test_book_is_off_with_its_reason_until_a_time_is_chosen(services: Services) -> None:
    async with page(services) as app:
        await app.shows("Choose a time first.")
        assert not app.is_enabled("Book")
        await app.click(SECOND)
        assert app.is_enabled("Book 15:00, $60.00")


@pytest.mark.parametrize("width", [390, 900, 1280])
async def test_booking_shows_the_hold_with_pay_and_back_out_at_every_width(services: Services, width: float) -> None:
    async with page(services, width=width) as app:
        await hold_first(app)
        assert "Held for you for 10:00" in app.texts()
        assert app.is_enabled("Pay $45.00")
        assert app.is_enabled("Back out")
        assert "Book" not in app.texts()


async def test_in_a_browser_the_press_itself_opens_the_payment_page(services: Services) -> None:
    async with page(services, web=True) as app:
        await hold_first(app)
        pay = app.button("Pay $45.00")
        assert isinstance(pay, ft.FilledButton)
        assert isinstance(pay.action, ft.OpenUrl)
        assert pay.action.url.endswith("/sandbox/checkout/booking-1")
        await app.click("Pay $45.00")
        await app.shows("Waiting for your payment")


async def test_on_a_desktop_pay_opens_the_payment_page(services: Services) -> None:
    async with page(services) as app:
        await hold_first(app)
        await app.click("Pay $45.00")
        assert "launch_url" in [name for name, _ in app.connection.calls]


async def test_the_page_changes_by_itself_once_it_is_paid(
    api: FakeApi, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.screens.public_microsite_pt_view.POLL_S", 0.02)
    async with page(services) as app:
        await hold_first(app)
        api.pay("booking-1")
        await app.shows("Booked and paid")
        await app.shows("Press Start there from today 13:45.")
        await app.click("Go to my sessions")
        assert "/my-sessions" in went_to(app)


@pytest.mark.parametrize(("web", "opened", "fronts"), [(False, True, 1), (True, True, 0), (False, False, 0)])
async def test_a_window_comes_to_the_front_once_it_is_paid_in_the_browser(
    api: FakeApi, services: Services, monkeypatch: pytest.MonkeyPatch, web: bool, opened: bool, fronts: int
) -> None:
    monkeypatch.setattr("app.screens.public_microsite_pt_view.POLL_S", 0.02)
    async with page(services, web=web) as app:
        await hold_first(app)
        if opened:
            await app.click("Pay $45.00")
        api.pay("booking-1")
        await app.shows("Booked and paid")
        await app.settle(50)
        assert [name for name, _ in app.connection.calls].count("to_front") == fronts


async def test_polling_the_hold_ends_with_the_screen(
    api: FakeApi, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.screens.public_microsite_pt_view.POLL_S", 0.01)
    async with page(services) as app:
        await hold_first(app)
        await api.until_called("session", 2)
        app.page.render(lambda: ft.Text("elsewhere"))
        await app.shows("elsewhere")
        before = api.count("session")
        await app.settle(20)
        assert api.count("session") == before


async def test_the_session_can_be_put_into_a_calendar(api: FakeApi, services: Services) -> None:
    async with page(services) as app:
        await hold_first(app)
        api.pay("booking-1")
        await app.click("Back out")  # answered by the session, since it is paid
        await app.shows("Booked and paid")
        await app.click("Add to calendar")
        saved = [args for name, args in app.connection.calls if name == "save_file"]
        assert saved[0]["file_name"] == "session-2026-11-24-1400.ics"
        assert saved[0]["dialog_title"] == "Save the calendar file"
        assert saved[0]["src_bytes"].startswith(b"BEGIN:VCALENDAR")


async def test_backing_out_brings_the_times_back(services: Services) -> None:
    async with page(services) as app:
        await hold_first(app)
        await app.click("Back out")
        await app.shows("Afternoon")
        assert app.is_enabled(FIRST)


async def test_a_hold_left_open_is_there_on_coming_back(services: Services) -> None:
    async with page(services) as app:
        await hold_first(app)
    async with page(services) as app:
        await app.shows("Held for you")


async def test_a_time_booked_by_somebody_else_offers_the_next_one(api: FakeApi, services: Services) -> None:
    async with page(services) as app:
        await app.shows("14:00")
        await app.click(FIRST)
        api.slots["first"]["status"] = "booked"
        await app.click("Book 14:00, $45.00")
        await app.shows("This time was just booked. 15:00 is free.")
        await app.click("15:00")
        assert app.is_enabled("Book 15:00, $60.00")


async def test_a_limit_is_the_reason_of_the_button_until_it_is_over(api: FakeApi, services: Services) -> None:
    why = "You have let several times go without paying. You can hold the next one in 2 minutes."
    api.fail["book"] = Problem("TooManyAttempts", 429, why, retry_after_s=120)
    async with page(services) as app:
        await app.shows("14:00")
        await app.click(FIRST)
        await app.click("Book 14:00, $45.00")
        await app.shows(why)
        await app.shows("You can book again in 2 min.")
        assert not app.is_enabled("Book 14:00, $45.00")
        del api.fail["book"]
        api.now += timedelta(seconds=121)
        await app.until(lambda: app.is_enabled("Book 14:00, $45.00"))
        await app.click("Book 14:00, $45.00")
        await app.shows("Held for you")


async def test_too_many_holds_leads_to_my_sessions(api: FakeApi, services: Services) -> None:
    api.fail["book"] = Problem("TooManyHolds", 409, "no")
    async with page(services) as app:
        await app.shows("14:00")
        await app.click(FIRST)
        await app.click("Book 14:00, $45.00")
        await app.shows("You are already holding two other times.")
        await app.click("Go to my sessions")
        assert "/my-sessions" in went_to(app)


async def test_a_hold_that_ran_out_says_so_and_shows_the_times_again(api: FakeApi, services: Services) -> None:
    async with page(services) as app:
        await hold_first(app)
        api.bookings["booking-1"] |= {"status": "expired", "hold_expires_at": None, "checkout_url": None}
        api.slots["first"]["status"] = "free"
        api.now = NOW + HOLD
        await app.shows("Your hold ran out before you paid.")
        assert app.is_enabled(FIRST)


async def test_book_shows_that_it_waits_and_takes_no_second_press(api: FakeApi, services: Services) -> None:
    async with page(services) as app:
        await app.shows("14:00")
        await app.click(FIRST)
        gate = api.hold("book")
        pressing = asyncio.create_task(app.click("Book 14:00, $45.00"))
        await app.until(lambda: not app.is_enabled("Book 14:00, $45.00"))
        gate.set()
        await pressing
        await app.shows("Held for you")


async def test_offline_says_so_and_trying_again_helps(api: FakeApi, services: Services) -> None:
    api.fail["professional"] = Offline()
    async with page(services) as app:
        await app.shows("Rendezvous cannot be reached")
        del api.fail["professional"]
        await app.click("Try again")
        await app.shows("14:00")


async def test_a_professional_who_is_gone_leads_back_to_the_search(services: Services) -> None:
    async with shown(services, lambda: ProfessionalPage("nobody")) as app:
        await app.shows("This professional is no longer on Rendezvous.")
        await app.click("Find someone else")
        assert "/find" in went_to(app)


async def test_a_day_without_times_offers_the_next_one_that_has_some(api: FakeApi, services: Services) -> None:
    api.add_slot("friday", NOW + 76 * HOUR)
    async with page(services) as app:
        await app.shows("14:00")
        await app.click("Thursday 26 November, nothing free")
        await app.shows("No free times on this day.")
        await app.click("Next free day: Friday 27 November")
        await app.shows("Friday, 27 November")


async def test_a_professional_sees_the_own_page_without_booking(api: FakeApi) -> None:
    async with page(services_of(api, "professional")) as app:
        await app.shows("This is how people see your page.")
        await app.click(FIRST)
        assert not app.is_enabled("Book 14:00, $45.00")


async def test_a_professional_without_times_is_not_led_to_somebody_else(api: FakeApi) -> None:
    api.slots.clear()
    api.people["pro-1"]["next_free_at"] = None
    async with page(services_of(api, "professional")) as app:
        await app.shows("Ada Lovelace has no free times right now.")
        assert "Find someone else" not in app.texts()


async def test_what_is_always_given_back_stands_with_the_professional(services: Services) -> None:
    async with page(services) as app:
        await app.shows("Full refund if Ada Lovelace cancels or doesn't show up")


async def test_the_policy_stands_above_book_and_its_deadline_above_pay(services: Services) -> None:
    async with page(services) as app:
        await app.shows("Free cancellation until 12 h before the start, half the price back until 2 h before")
        await app.click(FIRST)
        await app.click("Book 14:00, $45.00")
        await app.shows("Half refund, $22.50, until today 12:00.")
