"""A public page's times: what is fetched, what is there at once, how a day reads."""

import asyncio
import datetime as dt
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from app.api.models import FreeSlot
from app.errors import Offline
from app.state.bookings.microsite import MONTH_IS_OLD, Microsite, parts_of_day
from app.state.core.fetching import Phase
from tests.app.stage.session_stage import BERLIN, services_of
from tests.fakes.api import NOW, FakeApi
from tests.fakes.instants import wire_time

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONDON = ZoneInfo("Europe/London")
TOMORROW = dt.date(2026, 11, 25)


@pytest.fixture
def api() -> FakeApi:
    api = FakeApi()
    api.add_professional(next_free_at=wire_time(NOW + DAY))
    api.add_slot("morning", NOW + DAY)
    api.add_slot("evening", NOW + DAY + 9 * HOUR)
    api.add_slot("friday", NOW + 3 * DAY)
    api.add_slot("next-month", NOW + 10 * DAY)
    return api


@pytest.fixture
def microsite(api: FakeApi) -> Microsite:
    return Microsite(services_of(api, "user"), "pro-1")


def slot(hour: int, zone: ZoneInfo = BERLIN) -> FreeSlot:
    starts_at = dt.datetime(2026, 11, 25, hour, tzinfo=zone)
    return FreeSlot(id=str(hour), starts_at=starts_at, ends_at=starts_at + HOUR, price_minor=4500)


async def test_the_page_opens_on_the_first_free_day(microsite: Microsite) -> None:
    await microsite.load()
    assert microsite.day == TOMORROW
    assert [each.id for each in microsite.slots] == ["morning", "evening"]


async def test_a_month_is_asked_for_once(api: FakeApi, microsite: Microsite) -> None:
    await microsite.load()
    await microsite.show_month(dt.date(2026, 12, 1))
    assert api.calls.count("free_days 2026-11") == 1
    assert api.calls.count("free_days 2026-12") == 1


async def test_the_next_month_is_there_before_it_is_opened(microsite: Microsite) -> None:
    await microsite.load()
    assert microsite.marks[dt.date(2026, 12, 4)] == 1


async def test_another_free_day_shows_without_waiting(api: FakeApi, microsite: Microsite) -> None:
    await microsite.load()
    gate = api.hold("free_slots")
    choosing = asyncio.create_task(microsite.choose_day(dt.date(2026, 11, 27)))
    await api.until_called("free_slots", api.count("free_slots") + 1)
    assert microsite.day_phase is Phase.READY
    assert [each.id for each in microsite.slots] == ["friday"]
    gate.set()
    await choosing


async def test_a_time_taken_by_somebody_else_is_let_go_of(api: FakeApi, microsite: Microsite) -> None:
    await microsite.load()
    microsite.choose(microsite.slots[0])
    api.slots["morning"]["status"] = "booked"
    await microsite.refresh()
    assert microsite.chosen is None
    assert microsite.marks[TOMORROW] == 1


async def test_a_chosen_time_stays_chosen_over_a_refresh(microsite: Microsite) -> None:
    await microsite.load()
    microsite.choose(microsite.slots[0])
    await microsite.refresh()
    assert microsite.chosen is not None


async def test_times_that_have_begun_are_not_offered(api: FakeApi, microsite: Microsite) -> None:
    await microsite.load()
    api.now = NOW + DAY + HOUR
    assert [each.id for each in microsite.slots] == ["evening"]


async def test_an_answer_for_a_day_left_meanwhile_does_not_show(api: FakeApi, microsite: Microsite) -> None:
    await microsite.load()
    gate = api.hold("free_slots")
    slow = asyncio.create_task(microsite.choose_day(dt.date(2026, 12, 20)))
    await api.until_called("free_slots", api.count("free_slots") + 1)
    api.let("free_slots")
    await microsite.choose_day(TOMORROW)
    gate.set()
    await slow
    assert microsite.day == TOMORROW
    assert len(microsite.slots) == 2


async def test_a_professional_who_is_gone_is_said_so(api: FakeApi) -> None:
    microsite = Microsite(services_of(api, "user"), "nobody")
    await microsite.load()
    assert (microsite.phase, microsite.error) == (Phase.MISSING, "This professional is no longer on Rendezvous.")


async def test_offline_can_be_tried_again(api: FakeApi, microsite: Microsite) -> None:
    api.fail["professional"] = Offline()
    await microsite.load()
    assert str(microsite.phase) == "offline"
    del api.fail["professional"]
    await microsite.load()
    assert microsite.phase is Phase.READY


async def test_the_professionals_zone_is_named_only_where_clocks_differ(api: FakeApi) -> None:
    here = Microsite(services_of(api, "user", BERLIN), "pro-1")
    await here.load()
    assert here.zone_note == ""
    there = Microsite(services_of(api, "user", LONDON), "pro-1")
    await there.load()
    assert there.zone_note == "Times are in your time zone (London). Ada is in Berlin."
    there.choose(there.slots[0])
    assert there.zone_note == "10:00 for Ada (Berlin)"


async def test_a_day_is_a_day_of_the_viewers_zone(api: FakeApi) -> None:
    api.add_slot("late", dt.datetime(2026, 11, 25, 23, 30, tzinfo=dt.UTC))
    in_london = Microsite(services_of(api, "user", LONDON), "pro-1")
    await in_london.load()
    assert "late" in [each.id for each in in_london.slots]
    in_berlin = Microsite(services_of(api, "user", BERLIN), "pro-1")
    await in_berlin.load()
    assert "late" not in [each.id for each in in_berlin.slots]


def test_times_are_sorted_into_parts_of_the_viewers_day() -> None:
    parts = parts_of_day([slot(18), slot(9), slot(12), slot(16), slot(17)], BERLIN)
    assert [(each.name, [s.id for s in each.slots]) for each in parts] == [
        ("Morning", ["9"]),
        ("Afternoon", ["12", "16"]),
        ("Evening", ["17", "18"]),
    ]


def test_the_same_instant_is_morning_in_london_and_afternoon_in_berlin() -> None:
    assert parts_of_day([slot(12)], BERLIN)[0].name == "Afternoon"
    assert parts_of_day([slot(12)], LONDON)[0].name == "Morning"


async def test_nothing_free_at_all_is_known_from_the_months(api: FakeApi) -> None:
    api.slots.clear()
    api.people["pro-1"]["next_free_at"] = None
    microsite = Microsite(services_of(api, "user"), "pro-1")
    await microsite.load()
    assert microsite.has_no_times


async def test_a_month_that_was_seen_a_while_ago_is_asked_for_again_when_it_is_shown(
    api: FakeApi, microsite: Microsite
) -> None:
    await microsite.load()
    api.now += MONTH_IS_OLD
    api.add_slot("later", NOW + 12 * DAY)
    await microsite.show_month(dt.date(2026, 12, 1))
    assert microsite.marks[dt.date(2026, 12, 6)] == 1


async def test_a_time_that_comes_up_in_a_month_that_nobody_opened_is_noticed(api: FakeApi) -> None:
    api.slots.clear()
    api.people["pro-1"]["next_free_at"] = None
    microsite = Microsite(services_of(api, "user"), "pro-1")
    await microsite.load()
    asked = api.count("professional")
    api.people["pro-1"]["next_free_at"] = wire_time(NOW + 90 * DAY)
    await microsite.refresh()
    assert (microsite.has_no_times, api.count("professional")) == (False, asked + 1)


async def test_whoever_has_times_is_not_asked_for_again_with_each_refresh(api: FakeApi, microsite: Microsite) -> None:
    await microsite.load()
    asked = api.count("professional")
    await microsite.refresh()
    assert api.count("professional") == asked
