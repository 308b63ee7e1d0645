"""The whole app from its first screen on: who sees what, where a path leads, how the backend's silence shows."""

import gc
from typing import cast

import flet as ft
import pytest

from app.api.client import ApiClient
from app.api.route import ProxyUnusable
from app.errors import NotSignedIn, Problem, Unavailable
from app.state.core.sign_in import AccountState, SignIn
from tests.app.stage.harness import Harness
from tests.app.stage.whole_app import app_of, open_settings, path, sign_in
from tests.fakes.account_api import FakeAccountApi


async def test_the_page_asked_for_is_shown_after_signing_in(api: FakeAccountApi) -> None:
    async with app_of(api, route="/settings") as app:
        await app.shows("Good to see you.")
        await sign_in(app, "ada@example.com")
        await app.shows("Appearance")
        assert path(app) == "/settings"


async def test_a_path_of_the_other_role_says_whose_it_is(app: Harness) -> None:
    await sign_in(app, "grace@example.com")
    await app.until(lambda: path(app) == "/find")
    await app.go("/availability")
    await app.shows("This page is not for your account")
    await app.go("/upcoming/some-session")
    await app.shows("This page is not for your account")


async def test_a_session_has_an_address_of_its_own_below_its_list(api: FakeAccountApi) -> None:
    async with app_of(api, route="/my-sessions/nowhere") as app:
        await app.shows("Good to see you.")
        await sign_in(app, "grace@example.com")
        await app.shows("This session does not exist, or is not yours.")
        await app.click("Back")
        await app.until(lambda: path(app) == "/my-sessions")


async def test_an_unknown_path_leads_back_to_the_start(app: Harness) -> None:
    await sign_in(app, "grace@example.com")
    await app.until(lambda: path(app) == "/find")
    await app.go("/no/such/place")
    await app.shows("Page not found")
    await app.click("Go to the home page")
    await app.until(lambda: path(app) == "/find")


async def test_a_wide_page_has_a_rail_and_a_narrow_one_a_bar(app: Harness) -> None:
    await sign_in(app, "ada@example.com")
    await app.until(lambda: path(app) == "/upcoming")
    assert app.all(ft.NavigationBar)
    assert not app.all(ft.NavigationRail)
    await app.resize(1280)
    assert app.all(ft.NavigationRail)
    assert not app.all(ft.NavigationBar)


async def test_a_screen_lives_on_when_the_width_changes(app: Harness) -> None:
    await open_settings(app)
    await app.type("Ada King", label="Name")
    for width in (1280, 390, 1280):
        await app.resize(width)
        gc.collect()
    assert app.field("Name").value == "Ada King"
    await app.click("Save")
    await app.until(lambda: not app.is_enabled("Save"))


async def test_the_width_after_a_reload_is_the_new_one(app: Harness) -> None:
    await sign_in(app, "ada@example.com")
    await app.until(lambda: path(app) == "/upcoming")
    app.session.apply_page_patch({"width": 1280})
    await app.session.dispatch_connect_event()
    await app.settle()
    assert app.all(ft.NavigationRail)


async def test_silence_of_the_backend_stands_above_every_screen_until_it_answers(
    app: Harness, api: FakeAccountApi
) -> None:
    await sign_in(app, "ada@example.com")
    await app.until(lambda: path(app) == "/upcoming")
    api.offline = True
    await app.go("/settings")
    await app.type("Ada King", label="Name")
    await app.click("Save")
    await app.shows("What you see may be out of date.")
    api.offline = False
    await app.click("Try again")
    await app.until(lambda: not any("may be old" in text for text in app.texts()))


async def test_a_sign_in_that_ended_elsewhere_leads_to_signing_in(app: Harness, api: FakeAccountApi) -> None:
    await open_settings(app)
    api.end_sign_ins()
    await app.type("Ada King", label="Name")
    await app.click("Save")
    await app.shows("Good to see you.")


async def test_two_tabs_of_one_process_do_not_share_a_sign_in(api: FakeAccountApi) -> None:
    other_api = FakeAccountApi()
    async with app_of(api) as one:
        await one.shows("Good to see you.")
        await sign_in(one, "ada@example.com")
        await one.until(lambda: path(one) == "/upcoming")
        async with app_of(other_api, route="/settings") as other:
            await other.shows("Good to see you.")


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (ProxyUnusable("The proxy is of a kind that Rendezvous does not support."), "does not support"),
        (Unavailable("Rendezvous is being updated."), "being updated"),
        (Problem("TooManyAttempts", 429, "Too many attempts."), "Too many"),
        (RuntimeError("a library broke"), "could not start here (RuntimeError)"),
    ],
)
async def test_a_session_that_cannot_begin_says_why_and_can_be_tried_again(
    api: FakeAccountApi, monkeypatch: pytest.MonkeyPatch, failure: Exception, words: str
) -> None:
    broken = [failure]

    async def resume(_sign_in: SignIn) -> None:
        if broken:
            raise broken[0]

    monkeypatch.setattr(SignIn, "resume", resume)
    async with app_of(api) as running:
        await running.shows(words)
        broken.clear()
        await running.click("Try again")
        await running.shows("Good to see you.")
        running.faults.clear()


class MemorySignIn:
    """A store that has kept one sign-in."""

    def __init__(self) -> None:
        self.token: str | None = "kept"

    async def load(self, base_url: str) -> str | None:
        return self.token

    async def save(self, base_url: str, token: str) -> None:
        self.token = token

    async def clear(self, base_url: str) -> None:
        self.token = None


@pytest.mark.parametrize("status", [429, 403, 404, 500, 302])
async def test_a_kept_sign_in_outlives_every_answer_but_that_it_has_ended(api: FakeAccountApi, status: int) -> None:
    store = MemorySignIn()
    api.fail["me"] = Problem("Whatever", status, "Not now.")
    with pytest.raises(Problem):
        await SignIn(cast(ApiClient, api), AccountState(), store).resume()
    assert store.token == "kept"
    api.fail["me"] = NotSignedIn()
    await SignIn(cast(ApiClient, api), AccountState(), store).resume()
    assert await store.load(api.base_url) is None
