"""The month and the day's slots of SessionSettings: marks, days, delete with undo, zones."""

import datetime as dt

import flet as ft
import pytest

from app.errors import Offline
from app.screens.session_settings import SessionSettings
from app.state.availability.own_slots import slot_words
from tests.app.stage.session_stage import services_of, shown
from tests.app.stage.settings_stage import AT_14, TODAY, fill, professionals_api, settings
from tests.fakes.api import FakeApi

NIGHT_BEFORE = dt.datetime(2027, 10, 30, 9, tzinfo=dt.UTC)
"""The clocks of Berlin go back in the night to come."""


@pytest.fixture
def api() -> FakeApi:
    return professionals_api()


async def test_repeats_are_marked_on_the_weeks_that_follow(api: FakeApi) -> None:
    async with settings(api) as app:
        await fill(app, "14", "15")
        repeat = app.find(ft.Dropdown, label="Repeat weekly")
        app.session.apply_patch(repeat._i, {"value": "1"})
        await app.fire(repeat, "select", "1")
        await app.click("Add")
        await app.shows("Added 14:00–15:00, every week.")
        assert len(api.slots) == 2


async def test_the_101st_slot_of_a_day_is_seen_and_can_be_deleted(api: FakeApi) -> None:
    for number in range(120):
        api.add_slot(f"s{number}", AT_14 + dt.timedelta(minutes=5 * (number - 24)), minutes=5)
    async with settings(api) as app:
        await app.shows("120 times")
        await app.click("Delete 21:55–22:00")
        await app.shows("119 times")
        assert "s119" not in api.slots


async def test_of_two_equal_times_the_form_asks_which_one(api: FakeApi) -> None:
    api.now = NIGHT_BEFORE
    async with settings(api) as app:
        await app.click("Sunday 31 October, no slots")
        await fill(app, "2:30", "3")
        which = app.find(ft.Dropdown, label="This time occurs twice")
        assert [option.text for option in which.options or []] == ["02:30 CEST (first)", "02:30 CET (second)"]
        app.session.apply_patch(which._i, {"value": "second"})
        await app.fire(which, "select", "second")
        await app.click("Add")
        await app.shows("02:30 CET–03:00")
        assert api.calls[-1] == "create_slot 2027-10-31 02:30 03:00 4500 0 second"


async def test_a_time_that_comes_once_is_not_asked_about(api: FakeApi) -> None:
    async with settings(api) as app:
        await fill(app, "2:30", "3")
        assert not [each for each in app.all(ft.Dropdown) if "twice" in str(each.label)]


async def test_a_series_into_a_skipped_time_says_which_date_is_left_out(api: FakeApi) -> None:
    api.now = dt.datetime(2027, 3, 20, 9, tzinfo=dt.UTC)
    async with settings(api) as app:
        await app.click("Sunday 21 March, no slots")
        await fill(app, "2:30", "3:30")
        repeat = app.find(ft.Dropdown, label="Repeat weekly")
        app.session.apply_patch(repeat._i, {"value": "2"})
        await app.fire(repeat, "select", "2")
        await app.click("Add")
        await app.shows("Left out: 02:30 does not exist on 28 March 2027")
        assert len(api.slots) == 2


async def test_a_slot_over_midnight_names_the_next_day(api: FakeApi) -> None:
    async with settings(api) as app:
        await fill(app, "23", "1")
        await app.click("Add")
        await app.shows("Added 23:00–01:00 (next day).")
        assert api.calls[-1].startswith("create_slot 2026-11-24 23:00 01:00")


async def test_days_that_have_slots_are_marked(api: FakeApi) -> None:
    api.add_slot("a", AT_14 + dt.timedelta(days=2))
    async with settings(api) as app:
        await app.until(lambda: "Thursday 26 November, 1 slot" in app.labels())


async def test_another_day_shows_its_own_slots(api: FakeApi) -> None:
    api.add_slot("a", AT_14 + dt.timedelta(days=2), minutes=60)
    async with settings(api) as app:
        await app.until(lambda: "Thursday 26 November, 1 slot" in app.labels())
        await app.click("Thursday 26 November, 1 slot")
        await app.shows("14:00–15:00")
        assert "Thu 26 Nov" in app.texts()


async def test_a_day_already_seen_shows_at_once(api: FakeApi) -> None:
    api.add_slot("a", AT_14, minutes=60)
    async with settings(api) as app:
        await app.shows("14:00–15:00")
        await app.click("Thursday 26 November, no slots")
        await app.shows("No times on this day yet")
        api.hold("own_slots")
        await app.click("Tuesday 24 November, today, 1 slot")
        await app.shows("14:00–15:00")


async def test_a_deleted_slot_leaves_the_list_and_undo_brings_it_back(api: FakeApi) -> None:
    api.add_slot("a", AT_14, minutes=60)
    async with settings(api) as app:
        await app.shows("14:00–15:00")
        await app.click("Delete 14:00–15:00")
        await app.shows("No times on this day yet")
        undo = app.find(ft.SnackBarAction)
        await app.fire(undo, "click")
        await app.shows("1 h · $45.00")
        assert "a" in api.slots


@pytest.mark.parametrize(
    ("status", "reason"),
    [("booked", "booked, so it cannot be deleted"), ("held", "being booked, so it cannot be deleted")],
)
async def test_a_slot_that_is_taken_cannot_be_deleted_and_says_why(api: FakeApi, status: str, reason: str) -> None:
    api.add_slot("a", AT_14, minutes=60, status=status)
    async with settings(api) as app:
        await app.shows(reason)
        assert not app.is_enabled("Delete 14:00–15:00")


async def test_a_slot_booked_meanwhile_is_not_deleted_and_shows_as_booked(api: FakeApi) -> None:
    api.add_slot("a", AT_14, minutes=60)
    async with settings(api) as app:
        await app.shows("14:00–15:00")
        api.slots["a"]["status"] = "booked"
        await app.click("Delete 14:00–15:00")
        await app.shows("booked, so it cannot be deleted")


async def test_the_zone_is_named_when_the_viewers_clock_differs(api: FakeApi) -> None:
    async with settings(api, "America/New_York") as app:
        await app.shows("All times are in your time zone (Berlin).")


async def test_the_zone_is_not_named_when_it_is_the_viewers_own(api: FakeApi) -> None:
    async with settings(api) as app:
        assert not any("your own zone" in text for text in app.texts())


async def test_offline_before_anything_was_shown_offers_to_try_again(api: FakeApi) -> None:
    api.fail["own_slots"] = Offline()
    async with settings(api) as app:
        await app.shows("cannot be reached")
        del api.fail["own_slots"]
        await app.click("Try again")
        await app.shows("No times on this day yet")


async def test_on_a_narrow_page_the_slots_stand_below_the_form(api: FakeApi) -> None:
    api.add_slot("a", AT_14, minutes=60)
    async with settings(api, width=390) as app:
        await app.shows("14:00–15:00")
        texts = app.texts()
        assert texts.index("Add") < texts.index("14:00–15:00")


async def test_a_zone_that_this_machine_does_not_know_costs_no_screen(api: FakeApi) -> None:
    services = services_of(api, "professional")
    account = services.account.account
    assert account is not None
    services.account.account = account.model_copy(update={"time_zone": "Mars/Olympus"})
    api.add_slot("a", AT_14, minutes=60)
    async with shown(services, SessionSettings, width=1280) as app:
        await app.shows("14:00–15:00")
    (slot,) = (await api.own_slots(TODAY, TODAY)).items
    assert slot_words(slot.model_copy(update={"time_zone": "Mars/Olympus"})) == "13:00–14:00"
