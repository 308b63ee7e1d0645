"""The month and the day's slots of SessionSettings: marks, days, delete with undo, zones."""

import datetime as dt

import flet as ft
import pytest

from app.errors import Offline
from tests.app.settings_stage import AT_14, fill, professionals_api, settings
from tests.fakes.api import FakeApi


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
        await app.shows("All times are Berlin time, your own zone.")


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
