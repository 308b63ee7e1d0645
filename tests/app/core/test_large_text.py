"""Text of 200 % on a phone: what stands beside each other elsewhere stands below each other."""

from collections.abc import AsyncIterator
from itertools import permutations
from typing import cast

import flet as ft
import pytest

from app.api.client import ApiClient
from app.api.models import DemoPerson
from app.settings import AppSettings
from app.wiring import App
from tests.app.stage.harness import Harness
from tests.app.stage.whole_app import PASSWORD, path, sign_in, two_accounts
from tests.fakes.account_api import FakeAccountApi

KEPT = {"rendezvous.text_size": "largest", "rendezvous.device_zone": "Europe/Berlin"}
PHONE, WIDE = 390, 1280


@pytest.fixture
def api() -> FakeAccountApi:
    api = two_accounts()
    api.add_professional("account-1")
    api.demo = (DemoPerson(role="user", name="Grace Hopper", email="grace@example.com", password=PASSWORD),)
    return api


@pytest.fixture
async def app(api: FakeAccountApi, request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    """At 200 %, as wide as the test's parameter says."""

    def main(page: ft.Page) -> None:
        page.render_views(App, AppSettings(api_url="http://backend.test"), lambda address: cast(ApiClient, api))

    replies = {"get": lambda given: KEPT.get(given["key"])}
    async with Harness(main, width=request.param, web=True, replies=replies) as running:
        await running.shows("Look around")
        yield running


def beside(app: Harness, one: str, other: str) -> bool:
    """Whether two words, or fields, stand beside each other in a row."""

    def names(control: object) -> set[str]:
        fields = {str(field.label) for field in app.walk(control) if isinstance(field, ft.TextField)}
        return {*app.texts(control), *fields}

    rows = [[names(each) for each in row.controls] for row in app.all(ft.Row)]
    return any(one in left and other in right for row in rows for left, right in permutations(row, 2))


on_both = pytest.mark.parametrize(("app", "stands_beside"), [(PHONE, False), (WIDE, True)], indirect=["app"])


@on_both
async def test_a_demo_persons_name_has_a_line_of_its_own_on_a_phone(app: Harness, stands_beside: bool) -> None:
    assert beside(app, "Grace Hopper", "Sign in as Grace") is stands_beside


@on_both
async def test_start_end_and_price_have_lines_of_their_own_on_a_phone(app: Harness, stands_beside: bool) -> None:
    await sign_in(app, "ada@example.com")
    await app.until(lambda: path(app) == "/upcoming")
    await app.go("/availability")
    await app.until(lambda: app.all(ft.TextField, label="Start"))
    assert beside(app, "Start", "Price") is stands_beside


@on_both
async def test_the_button_for_a_photo_has_the_cards_whole_width_on_a_phone(app: Harness, stands_beside: bool) -> None:
    await sign_in(app, "ada@example.com")
    await app.until(lambda: path(app) == "/upcoming")
    await app.go("/profile")
    await app.shows("Choose a photo")
    assert beside(app, "AL", "JPEG, PNG or WebP, up to 5 MB. It is saved right away.") is stands_beside


@on_both
async def test_the_rule_scrolls_with_the_times_on_a_phone_so_that_the_bar_leaves_room_for_them(
    app: Harness, stands_beside: bool
) -> None:
    await sign_in(app, "grace@example.com")
    await app.until(lambda: path(app) == "/find")
    await app.go("/professional/account-1")
    await app.until(lambda: any(app.all(ft.FilledButton)))
    parts = [[set(app.texts(each)) for each in column.controls] for column in app.all(ft.Column)]
    rule = next(text for text in app.texts() if "Free cancellation" in text)
    assert any({rule} in column and any("Book" in each for each in column) for column in parts) is stands_beside
