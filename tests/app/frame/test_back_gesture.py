"""A phone's back gesture leads where a person expects: to the list, to the first tab, and only then out of the app."""

from functools import partial

import flet as ft
import pytest

from app.components.frame.navigation import place_behind
from app.routes import GUEST_TABS, PROFESSIONAL_TABS, USER_TABS
from tests.app.stage.harness import Harness
from tests.app.stage.whole_app import app_of, path, sign_in, two_accounts


@pytest.mark.parametrize(
    ("location", "behind"),
    [
        ("/find", None),
        ("/my-sessions/x", "/my-sessions"),
        ("/my-sessions", "/find"),
        ("/account", "/find"),
        ("/settings", "/find"),
        ("/no/such/place", "/find"),
    ],
)
def test_what_lies_behind_a_users_places(location: str, behind: str | None) -> None:
    assert place_behind(location, USER_TABS) == behind


def test_professionals_and_guests_end_at_their_first_tab_too() -> None:
    assert place_behind("/upcoming/x", PROFESSIONAL_TABS) == "/upcoming"
    assert place_behind("/profile", PROFESSIONAL_TABS) == "/upcoming"
    assert place_behind("/upcoming", PROFESSIONAL_TABS) is None
    assert place_behind("/find", GUEST_TABS) is None


def is_at(app: Harness, route: str) -> bool:
    return path(app) == route


def top(app: Harness) -> ft.View:
    return app.all(ft.View)[-1]


async def test_the_gesture_leads_from_a_session_to_the_list_to_finding_and_out() -> None:
    async with app_of(two_accounts(), route="/my-sessions/nowhere", web=False, platform=ft.PagePlatform.ANDROID) as app:
        await app.shows("Good to see you.")
        await sign_in(app, "grace@example.com")
        await app.shows("This session does not exist, or is not yours.")
        for there in ("/my-sessions", "/find"):
            assert top(app).can_pop is False
            await app.fire(top(app), "confirm_pop")
            await app.until(partial(is_at, app, there))
            assert ("confirm_pop", {"should_pop": False}) in app.connection.calls
        await app.until(lambda: top(app).can_pop)


async def test_a_page_above_a_tab_is_left_to_the_system_which_shows_the_tab_again() -> None:
    api = two_accounts()
    api.add_professional()
    async with app_of(api, route="/find", web=False, platform=ft.PagePlatform.IOS) as app:
        await app.shows("Ada Lovelace")
        await app.go("/professional/pro-1")
        await app.shows("Ten years of coaching.")
        assert top(app).can_pop
        await app.fire(app.page, "view_pop", {"route": top(app).route})
        await app.until(lambda: path(app) == "/find")


async def test_in_a_browser_back_is_the_browsers() -> None:
    async with app_of(two_accounts(), route="/my-sessions/nowhere", platform=ft.PagePlatform.ANDROID) as app:
        await app.shows("Good to see you.")
        await sign_in(app, "grace@example.com")
        await app.shows("This session does not exist, or is not yours.")
        assert top(app).can_pop
