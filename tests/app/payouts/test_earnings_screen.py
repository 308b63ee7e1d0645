"""EarningsScreen over the fake backend: sums, bars, weeks, and every state that it can be in."""

import asyncio
import datetime as dt

import flet as ft
import pytest

from app.api.models import Earnings, EarningsWeek
from app.errors import Offline
from app.screens.earnings import EarningsScreen
from app.state.core.fetching import Phase
from app.state.payouts.earnings import OwnEarnings
from tests.app.stage.harness import Harness
from tests.app.stage.session_stage import services_of, shown
from tests.app.stage.settings_stage import professionals_api
from tests.fakes.api import FakeApi

THIS_WEEK = "This week, 23–29 Nov: 1 session · Upcoming $40.50"
LAST_WEEK = "Last week, 16–22 Nov: 3 sessions · Earned $121.50 · Refunded $40.50"


@pytest.fixture
def api() -> FakeApi:
    return professionals_api()


async def choose(app: Harness, weeks: int) -> None:
    ranges = app.find(ft.SegmentedButton)
    app.session.apply_patch(ranges._i, {"selected": [str(weeks)]})
    await app.fire(ranges, "change", None)


def nothing() -> Earnings:
    week = EarningsWeek(week=dt.date(2026, 11, 23), upcoming_minor=0, paid_minor=0, refunded_minor=0, sessions=0)
    return Earnings(
        time_zone="Europe/Berlin", upcoming_minor=0, paid_minor=0, refunded_minor=0, fees_minor=0, weeks=(week,)
    )


@pytest.mark.parametrize("width", [390, 1280])
async def test_the_sums_stand_there_in_words_of_money(api: FakeApi, width: float) -> None:
    async with shown(services_of(api, "professional"), EarningsScreen, width=width) as app:
        await app.shows("Week by week")
        assert {"$121.50", "$40.50", "$18.00"} <= set(app.texts())
        assert {"Earned: $121.50, after the fee", "Fees: $18.00, kept by Rendezvous"} <= set(app.labels())


@pytest.mark.parametrize("width", [390, 1280])
async def test_every_bar_and_every_week_is_said_to_a_screen_reader(api: FakeApi, width: float) -> None:
    async with shown(services_of(api, "professional"), EarningsScreen, width=width) as app:
        await app.shows("Week by week")
        for words in (THIS_WEEK, LAST_WEEK):
            assert app.labels().count(words) == 2  # the bar, and the row of the list


async def test_the_newest_week_stands_first_in_the_list(api: FakeApi) -> None:
    async with shown(services_of(api, "professional"), EarningsScreen) as app:
        await app.shows("Week by week")
        texts = app.texts()
        assert texts.index("This week, 23–29 Nov") < texts.index("Last week, 16–22 Nov")


async def test_the_zone_of_the_weeks_is_named(api: FakeApi) -> None:
    async with shown(services_of(api, "professional"), EarningsScreen) as app:
        await app.shows("Weeks begin on Monday, Berlin time.")


async def test_another_range_is_fetched_and_shown(api: FakeApi) -> None:
    async with shown(services_of(api, "professional"), EarningsScreen) as app:
        await app.shows("Week by week")
        await choose(app, 26)
        await app.until(lambda: "earnings 26" in api.calls)


async def test_a_range_seen_before_is_there_at_once(api: FakeApi) -> None:
    own = OwnEarnings(services_of(api, "professional"))
    await own.refresh()
    await own.choose(52)
    gate = api.hold("earnings")
    asked = api.count("earnings")
    again = asyncio.create_task(own.choose(12))
    await api.until_called("earnings", asked + 1)
    assert (own.phase, own.shown) == (Phase.READY, api.earned)
    gate.set()
    await again


async def test_a_failure_that_comes_late_is_not_told_of_the_range_chosen_since(api: FakeApi) -> None:
    own = OwnEarnings(services_of(api, "professional"))
    gate = api.hold("earnings")
    late = asyncio.create_task(own.refresh())
    await api.until_called("earnings")
    api.let("earnings")
    await own.choose(52)
    api.fail["earnings"] = Offline()
    gate.set()
    await late
    assert (own.phase, own.error) == (Phase.READY, "")


async def test_nothing_earned_says_what_will_stand_there_and_leads_to_the_hours(api: FakeApi) -> None:
    api.earned = nothing()
    async with shown(services_of(api, "professional"), EarningsScreen) as app:
        await app.shows("No earnings yet.")
        await app.click("Add hours")
        assert ("push_route", "/availability") in [(name, args.get("route")) for name, args in app.connection.calls]


async def test_who_cannot_be_paid_yet_has_one_thing_to_press(api: FakeApi) -> None:
    api.earned, api.payouts_state = nothing(), "none"
    async with shown(services_of(api, "professional"), EarningsScreen) as app:
        await app.shows("No earnings yet.")
        assert app.is_enabled("Set up payouts")
        assert "Add hours" not in app.texts()


async def test_waiting_for_the_first_answer_is_shown(api: FakeApi) -> None:
    gate = api.hold("earnings")
    async with shown(services_of(api, "professional"), EarningsScreen) as app:
        await app.until(lambda: "Loading" in app.labels())
        gate.set()
        await app.shows("Week by week")


async def test_offline_says_so_and_trying_again_helps(api: FakeApi) -> None:
    api.fail["earnings"] = Offline()
    async with shown(services_of(api, "professional"), EarningsScreen) as app:
        await app.shows("Rendezvous cannot be reached")
        del api.fail["earnings"]
        await app.click("Try again")
        await app.shows("Week by week")


async def test_sums_are_shown_also_while_nobody_knows_about_payouts(api: FakeApi) -> None:
    api.fail["payouts"] = Offline()
    async with shown(services_of(api, "professional"), EarningsScreen) as app:
        await app.shows("We couldn't check your payout status.")
        assert "$121.50" in app.texts()


async def test_what_was_shown_stays_when_the_next_poll_fails(api: FakeApi) -> None:
    async with shown(services_of(api, "professional"), EarningsScreen) as app:
        await app.shows("Week by week")
        api.fail["earnings"] = Offline()
        await app.key("F5")
        await app.shows("Shown as of 10:00.")
        assert "$121.50" in app.texts()
