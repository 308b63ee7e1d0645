"""Getting paid: the way to the provider's page and back, and what waits for it."""

import asyncio
from datetime import timedelta
from typing import Any

import flet as ft
import pytest

from app.errors import Offline, Problem
from app.screens.earnings import EarningsScreen
from app.screens.upcoming_sessions import UpcomingSessions
from app.state.payouts import payout_setup
from app.state.payouts.payout_setup import PayoutSetup
from tests.app.stage.booking_stage import book
from tests.app.stage.harness import Harness
from tests.app.stage.session_stage import services_of, shown
from tests.app.stage.settings_stage import fill, professionals_api, settings
from tests.fakes.api import FakeApi

HOUR = timedelta(hours=1)
FIRST = "First, set up payouts"
PAGE = "http://backend.test/sandbox/onboarding/pro-1"


@pytest.fixture
def api() -> FakeApi:
    """Ada has just signed up: nobody can pay her."""
    api = professionals_api()
    api.payouts_state = "none"
    return api


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payout_setup, "OPENED_POLL_S", 0.02)
    monkeypatch.setattr(payout_setup, "UNREADY_POLL_S", 0.05)


def launched(app: Harness) -> list[Any]:
    return [args["url"] for name, args in app.connection.calls if name == "launch_url"]


async def test_who_cannot_be_paid_is_told_first_and_cannot_publish(api: FakeApi) -> None:
    async with settings(api) as app:
        await app.shows(FIRST)
        await app.shows("Set up your payouts first.")
        assert app.texts().index(FIRST) < app.texts().index("Add a time on Tue 24 Nov")
        assert not app.is_enabled("Add")


async def test_the_fee_is_known_before_anything_is_set_up(api: FakeApi) -> None:
    async with settings(api) as app:
        await app.shows("Rendezvous keeps 10 percent of each price")


async def test_setting_up_opens_the_providers_page_and_its_end_is_noticed(api: FakeApi) -> None:
    async with settings(api) as app:
        await app.shows(FIRST)
        await fill(app, "14", "15")
        await app.click("Set up payouts")
        await app.shows("Finish on the page that opened")
        assert launched(app) == [PAGE]
        api.payouts_state = "ready"
        await app.shows("All set: you can be paid.")
        assert (app.is_enabled("Add"), app.field("Start").value, app.field("Price").value) == (True, "14", "45")
        await app.click("Add")
        await app.shows("Added 14:00–15:00.")
        assert not any("All set" in text for text in app.texts())


async def test_the_page_can_be_opened_again_by_a_link_that_nothing_blocks(api: FakeApi) -> None:
    async with shown(services_of(api, "professional"), EarningsScreen, web=True) as app:
        await app.shows(FIRST)
        await app.click("Set up payouts")
        await app.shows("Finish on the page that opened")
        again = app.button("Open the page again")
        assert isinstance(again, ft.FilledButton)
        assert isinstance(again.action, ft.OpenUrl)
        assert again.action.url == PAGE


async def test_each_link_is_used_once(api: FakeApi) -> None:
    async with settings(api) as app:
        await app.shows(FIRST)
        await app.click("Set up payouts")
        await app.until(lambda: api.count("set_up_payouts") == 2)
        await app.shows("Open the page again")
        await app.click("Open the page again")
        await app.until(lambda: api.count("set_up_payouts") == 3)


async def test_a_link_that_grew_old_is_fetched_again(api: FakeApi) -> None:
    payouts = PayoutSetup.of(services_of(api, "professional"))
    await payouts.refresh()
    await payouts.set_up()
    await payouts.poll()
    assert api.count("set_up_payouts") == 1
    api.now += timedelta(minutes=3)
    await payouts.poll()
    assert api.count("set_up_payouts") == 2


@pytest.mark.parametrize(
    ("state", "headline"), [("pending", "Nearly there"), ("restricted", "Your payouts are on hold")]
)
async def test_what_the_provider_still_wants_is_said(api: FakeApi, state: str, headline: str) -> None:
    api.payouts_state = state
    async with settings(api) as app:
        await app.shows(headline)
        assert any("needs more information" in text for text in app.texts())
        assert not app.is_enabled("Add")


async def test_a_refusal_by_the_backend_is_shown_the_same_way_and_nothing_typed_is_lost(api: FakeApi) -> None:
    api.payouts_state = "ready"
    async with settings(api) as app:
        await app.shows("No times on this day yet")
        api.payouts_state = "restricted"  # the provider took it back a moment ago
        api.fail["create_slot"] = Problem("NotOnboarded", 409, "Set up your payouts.")
        await fill(app, "14", "15")
        await app.click("Add")
        await app.shows("Your payouts are on hold")
        await app.shows("Not added yet. Finish setting up your payouts first. What you typed stays here.")
        assert [app.field(label).value for label in ("Start", "End", "Price")] == ["14:00", "15:00", "45.00"]


async def test_enter_in_the_last_field_sends_nothing_while_nobody_can_be_paid(api: FakeApi) -> None:
    async with settings(api) as app:
        await app.shows(FIRST)
        await fill(app, "14", "15")
        await app.submit("Price")
        await app.shows("Not added yet. Set up your payouts first. What you typed stays here.")
        assert api.count("create_slot") == 0


async def test_the_note_goes_once_payouts_are_set_up(api: FakeApi) -> None:
    async with settings(api) as app:
        await app.shows(FIRST)
        await fill(app, "14", "15")
        await app.submit("Price")
        await app.shows("Not added yet.")
        api.payouts_state = "ready"
        await app.shows("All set")
        assert not any("Not added yet" in text for text in app.texts())


async def test_who_can_be_paid_sees_nothing_of_it_beside_the_hours(api: FakeApi) -> None:
    api.payouts_state = "ready"
    async with settings(api) as app:
        await app.until(lambda: api.count("payouts") == 1)
        await app.shows("No times on this day yet")
        assert app.is_enabled("Add")
        assert not any("paid" in text for text in app.texts())


async def test_while_nobody_knows_the_backend_judges(api: FakeApi) -> None:
    api.fail["payouts"] = Offline()
    async with settings(api) as app:
        await app.shows("No times on this day yet")
        assert app.is_enabled("Add")


async def test_a_provider_out_of_reach_is_said_and_can_be_tried_again(api: FakeApi) -> None:
    async with settings(api) as app:
        await app.shows(FIRST)
        api.fail["set_up_payouts"] = Offline("Rendezvous is not available at the moment. Try again shortly.")
        await app.click("Set up payouts")
        await app.shows("not available at the moment")
        looks = api.count("payouts")
        await app.until(lambda: api.count("payouts") > looks + 1)
        await app.shows("not available at the moment")
        assert app.is_enabled("Set up payouts")
        assert not launched(app)


async def test_pressing_twice_asks_once(api: FakeApi) -> None:
    payouts = PayoutSetup.of(services_of(api, "professional"))
    await payouts.refresh()
    gate = api.hold("set_up_payouts")
    first = asyncio.create_task(payouts.set_up())
    await api.until_called("set_up_payouts")
    second = await payouts.set_up()
    gate.set()
    assert (await first, second) == (PAGE, None)


async def test_a_new_professionals_first_screen_leads_there(api: FakeApi) -> None:
    async with shown(services_of(api, "professional"), UpcomingSessions) as app:
        await app.shows("set up payouts, then add your hours")
        await app.click("Set up payouts")
        assert ("push_route", "/earnings") in [(name, args.get("route")) for name, args in app.connection.calls]


async def test_the_first_screen_leads_to_the_hours_once_payouts_are_set_up(api: FakeApi) -> None:
    async with shown(services_of(api, "professional"), UpcomingSessions) as app:
        await app.shows("set up payouts")
        api.payouts_state = "ready"
        await app.shows("Publish the hours you offer")
        assert app.is_enabled("Add hours")


async def test_payouts_on_hold_stand_above_the_sessions(api: FakeApi) -> None:
    book(api, HOUR)
    api.payouts_state = "restricted"
    async with shown(services_of(api, "professional"), UpcomingSessions) as app:
        await app.shows("Until then, no one can book your hours.")
        await app.shows("Grace Hopper")
        await app.click("See what is needed")
        assert ("push_route", "/earnings") in [(name, args.get("route")) for name, args in app.connection.calls]


async def test_the_providers_page_of_payouts_is_one_press_away(api: FakeApi) -> None:
    api.payouts_state = "ready"
    async with shown(services_of(api, "professional"), EarningsScreen) as app:
        await app.shows("You can be paid")
        assert api.count("set_up_payouts") == 0  # a link is made when it is asked for
        await app.click("See your payouts")
        await app.until(lambda: launched(app) == ["http://backend.test/sandbox/payouts/pro-1"])
        assert api.count("set_up_payouts") == 1
        await app.shows("See your payouts")


async def test_in_a_browser_the_page_of_payouts_opens_with_a_second_press(api: FakeApi) -> None:
    api.payouts_state = "ready"
    async with shown(services_of(api, "professional"), EarningsScreen, web=True) as app:
        await app.shows("You can be paid")
        await app.click("See your payouts")
        await app.shows("Open your payouts")
        link = app.button("Open your payouts")
        assert isinstance(link, ft.OutlinedButton)
        assert isinstance(link.action, ft.OpenUrl)
        assert link.action.url == "http://backend.test/sandbox/payouts/pro-1"


async def test_too_many_links_are_refused_with_the_time_to_wait(api: FakeApi) -> None:
    api.payouts_state = "ready"
    api.fail["set_up_payouts"] = Problem("TooManyAttempts", 429, "Too many attempts. Try again in 4 minutes.")
    async with shown(services_of(api, "professional"), EarningsScreen) as app:
        await app.shows("You can be paid")
        await app.click("See your payouts")
        await app.shows("Too many attempts. Try again in 4 minutes.")
        assert launched(app) == []


async def test_what_was_set_up_in_one_session_is_not_another_persons(api: FakeApi) -> None:
    services = services_of(api, "professional")
    assert PayoutSetup.of(services) is PayoutSetup.of(services)
    assert PayoutSetup.of(services) is not PayoutSetup.of(services_of(api, "professional"))
