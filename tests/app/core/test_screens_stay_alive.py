"""A screen in its frame lives on when the layout around it changes."""

from datetime import timedelta

import flet as ft
import pytest

from app.routes import SignedInRoutes
from app.state.core.services import SERVICES, Services
from tests.app.stage.harness import Harness
from tests.app.stage.session_stage import services_of
from tests.fakes.api import NOW, FakeApi

WIDE, NARROW = 1280, 390


@pytest.fixture
def api() -> FakeApi:
    api = FakeApi()
    api.add_professional()
    api.add_slot("first", NOW + timedelta(hours=4))
    return api


@pytest.fixture
def services(api: FakeApi) -> Services:
    return services_of(api, "user")


def at(services: Services, route: str) -> Harness:
    def main(page: ft.Page) -> None:
        page.render_views(lambda: SERVICES(services, lambda: SignedInRoutes(False)))

    return Harness(main, route=route, width=WIDE)


async def test_a_chosen_time_and_its_button_outlive_turning_the_device(services: Services) -> None:
    async with at(services, "/professional/pro-1") as app:
        await app.shows("14:00")
        await app.click("14:00 to 14:45, $45.00")
        for width in (NARROW, WIDE, NARROW):
            await app.resize(width)
            await app.until(lambda: app.is_enabled("Book 14:00, $45.00"))
        await app.click("Book 14:00, $45.00")
        await app.shows("Held for you")


async def test_losing_and_finding_the_backend_keeps_the_page(services: Services) -> None:
    async with at(services, "/professional/pro-1") as app:
        await app.shows("14:00")
        for offline in (True, False):
            services.connectivity.offline = offline
            await app.settle()
            await app.shows("14:00")
            assert ("Rendezvous cannot be reached. What you see may be out of date." in app.texts()) == offline


async def test_the_frame_follows_every_change_of_width(services: Services) -> None:
    async with at(services, "/find") as app:
        for width in (NARROW, WIDE, NARROW, WIDE):
            await app.resize(width)
            await app.settle()
            assert bool(app.all(ft.NavigationRail)) == (width == WIDE)


async def test_going_back_from_a_page_finds_the_search_as_it_was(services: Services) -> None:
    async with at(services, "/find") as app:
        await app.shows("Ada Lovelace")
        await app.type("ada", "Search by name or subject")
        await app.click("Ada Lovelace, Strength for busy people, Personal training, Next free today 14:00")
        await app.shows("Today, 24 November")
        await app.click("Back")
        await app.until(lambda: app.page.route == "/find")
        assert app.field("Search by name or subject").value == "ada"
