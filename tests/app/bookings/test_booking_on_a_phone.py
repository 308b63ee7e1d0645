"""A professional's page on a phone: what stays in reach of a thumb, and paying inside the app."""

from datetime import timedelta

import flet as ft
import pytest

from app.state.core.services import Services
from tests.app.bookings.test_public_microsite_pt_view import hold_first, page
from tests.app.stage.session_stage import services_of
from tests.fakes.api import NOW, FakeApi
from tests.fakes.instants import wire_time


@pytest.fixture
def api() -> FakeApi:
    api = FakeApi()
    api.add_professional(from_price="45.00", next_free_at=wire_time(NOW + timedelta(hours=4)))
    api.add_slot("first", NOW + timedelta(hours=4))
    return api


@pytest.fixture
def services(api: FakeApi) -> Services:
    return services_of(api, "user")


@pytest.mark.parametrize(("width", "in_bar"), [(360, False), (390, False), (900, True), (1280, True)])
async def test_on_a_phone_the_rules_scroll_and_leave_the_bar_to_its_button(
    services: Services, width: float, in_bar: bool
) -> None:
    async with page(services, width=width) as app:
        await app.shows("Choose a time first.")
        columns = [[set(app.texts(each)) for each in column.controls] for column in app.all(ft.Column)]
        rule = next(text for text in app.texts() if "Free cancellation" in text)
        assert any({rule} in column and {"Book", "Choose a time first."} in column for column in columns) is in_bar


@pytest.mark.parametrize("platform", [ft.PagePlatform.ANDROID, ft.PagePlatform.IOS])
async def test_a_phone_pays_inside_the_app_and_comes_back_by_itself(
    api: FakeApi, services: Services, monkeypatch: pytest.MonkeyPatch, platform: ft.PagePlatform
) -> None:
    monkeypatch.setattr("app.screens.public_microsite_pt_view.POLL_S", 0.02)
    async with page(services, platform=platform, width=390) as app:
        await hold_first(app)
        await app.click("Pay $45.00")
        (opened,) = [args for name, args in app.connection.calls if name == "launch_url"]
        assert opened["mode"] == ft.LaunchMode.IN_APP_BROWSER_VIEW
        api.pay("booking-1")
        await app.shows("Booked and paid")
        await app.settle(50)
        assert [name for name, _ in app.connection.calls].count("close_in_app_web_view") == 1
