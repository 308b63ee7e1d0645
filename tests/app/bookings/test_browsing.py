"""Searching professionals: what is asked, what is dropped, what is kept."""

import asyncio
from datetime import timedelta

import pytest

from app.errors import Offline
from app.screens.browse_professionals import BrowseProfessionals
from app.state.bookings.browsing import PAGE_SIZE, Browsing
from app.state.core.fetching import Phase
from app.state.core.services import Services
from tests.app.stage.session_stage import services_of, shown
from tests.fakes.api import NOW, FakeApi
from tests.fakes.instants import wire_time
from tests.waiting import until

HOUR = timedelta(hours=1)


@pytest.fixture
def api() -> FakeApi:
    api = FakeApi()
    free_at = wire_time(NOW + 5 * HOUR)
    api.add_professional("ada", name="Ada Lovelace", from_price="45.00", next_free_at=free_at)
    api.add_professional("bob", name="Bob Ross", headline="Painting", category="coaching", category_label="Coaching")
    return api


@pytest.fixture
def services(api: FakeApi) -> Services:
    return services_of(api, "user")


def quick(services: Services) -> Browsing:
    return Browsing(services, debounce_s=0)


async def test_typing_on_asks_only_for_the_last_text(api: FakeApi, services: Services) -> None:
    browsing = quick(services)
    await asyncio.gather(browsing.search("b"), browsing.search("bo"), browsing.search("bob"))
    assert [call for call in api.calls if call.startswith("professionals")] == ["professionals bob  "]


async def test_an_answer_to_an_older_text_is_dropped(api: FakeApi, services: Services) -> None:
    browsing = quick(services)
    gate = api.hold("professionals")
    older = asyncio.create_task(browsing.search("ada"))
    await api.until_called("professionals")
    api.let("professionals")
    await browsing.search("bob")
    gate.set()
    await older
    assert [each.name for each in browsing.items] == ["Bob Ross"]
    assert not browsing.searching


async def test_old_cards_stay_while_a_new_search_is_under_way(api: FakeApi, services: Services) -> None:
    browsing = quick(services)
    await browsing.refresh()
    gate = api.hold("professionals")
    search = asyncio.create_task(browsing.search("bob"))
    await api.until_called("professionals", 2)
    assert browsing.searching
    assert len(browsing.items) == 2
    gate.set()
    await search


async def test_a_failure_with_cards_on_the_screen_is_only_a_note(api: FakeApi, services: Services) -> None:
    browsing = quick(services)
    await browsing.refresh()
    api.fail["professionals"] = Offline()
    await browsing.refresh()
    assert browsing.phase is Phase.READY
    assert browsing.error


async def test_the_next_page_is_added_below(api: FakeApi, services: Services) -> None:
    for number in range(PAGE_SIZE):
        api.add_professional(f"p{number}")
    browsing = quick(services)
    await browsing.refresh()
    await browsing.load_more()
    assert len(browsing.items) == PAGE_SIZE + 2
    assert not browsing.more


async def test_a_poll_keeps_every_page_that_was_loaded_and_shows_no_sign_of_itself(
    api: FakeApi, services: Services
) -> None:
    for number in range(PAGE_SIZE):
        api.add_professional(f"p{number}")
    browsing = quick(services)
    await browsing.poll()
    await browsing.load_more()
    gate = api.hold("professionals")
    asked = len(api.calls)
    poll = asyncio.ensure_future(browsing.poll())
    await until(lambda: any(call.startswith("professionals") for call in api.calls[asked:]), "it is polled")
    assert not browsing.searching
    gate.set()
    await poll
    assert len(browsing.items) == PAGE_SIZE + 2


async def test_cards_say_the_next_free_time_in_the_viewers_zone(services: Services) -> None:
    browsing = quick(services)
    await browsing.refresh()
    words = [browsing.next_free_words(each) for each in browsing.items]
    assert words == ["Next free today 15:00", "No free times now"]


async def test_the_screen_shows_a_card_as_one_button_with_everything_in_its_name(services: Services) -> None:
    async with shown(services, BrowseProfessionals) as app:
        await app.shows("Ada Lovelace")
        assert app.is_enabled(
            "Ada Lovelace, Strength for busy people, Personal training, Next free today 15:00, from $45.00"
        )


async def test_typing_filters_the_cards(services: Services) -> None:
    async with shown(services, BrowseProfessionals) as app:
        await app.shows("Ada Lovelace")
        await app.type("paint", "Search by name or subject")
        await app.until(lambda: "Ada Lovelace" not in app.texts() and "Bob Ross" in app.texts())


async def test_nobody_found_offers_to_show_everybody(services: Services) -> None:
    async with shown(services, BrowseProfessionals) as app:
        await app.shows("Ada Lovelace")
        await app.type("xyz", "Search by name or subject")
        await app.shows("No one matches “xyz”.")
        await app.click("Show everyone")
        await app.shows("Ada Lovelace")
        assert app.field("Search by name or subject").value == ""


async def test_offline_says_so_and_trying_again_helps(api: FakeApi, services: Services) -> None:
    api.fail["professionals"] = Offline()
    async with shown(services, BrowseProfessionals) as app:
        await app.shows("Rendezvous cannot be reached")
        del api.fail["professionals"]
        await app.click("Try again")
        await app.shows("Ada Lovelace")


async def test_coming_back_finds_the_same_search(api: FakeApi, services: Services) -> None:
    async with shown(services, BrowseProfessionals) as app:
        await app.shows("Ada Lovelace")
        await app.type("paint", "Search by name or subject")
        await app.until(lambda: "Ada Lovelace" not in app.texts() and "Bob Ross" in app.texts())
    api.hold("professionals")
    async with shown(services, BrowseProfessionals) as app:
        await app.shows("Bob Ross")
        assert app.field("Search by name or subject").value == "paint"


async def test_coming_back_finds_the_same_place(services: Services) -> None:
    services.kept(Browsing, lambda: Browsing(services)).scroll.current = 340.0
    async with shown(services, BrowseProfessionals) as app:
        await app.until(lambda: ("scroll_to", 340.0) in [(n, a.get("offset")) for n, a in app.connection.calls])


async def test_the_next_paid_session_stands_on_top(api: FakeApi, services: Services) -> None:
    api.add_slot("s", NOW + HOUR, professional_id="ada")
    api.add_booking("b", "s")
    async with shown(services, BrowseProfessionals) as app:
        await app.shows("Starts in 1 h")
        assert not app.is_enabled("Start")


async def test_without_a_next_session_nothing_stands_on_top(services: Services) -> None:
    async with shown(services, BrowseProfessionals) as app:
        await app.shows("Ada Lovelace")
        assert "Next session" not in app.texts()
