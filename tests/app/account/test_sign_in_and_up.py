"""Signing in and up: what is missing or refused is said at its field, demo people, another server."""

import asyncio
from typing import cast

import flet as ft
import pytest

from app.api.client import ApiClient
from app.api.models import DemoPerson
from app.state.account.auth_forms import SERVER_IS_FIXED, SignInForm
from app.state.core.kept.device import UTC
from app.state.core.services import Services
from app.state.core.sign_in import AccountState
from tests.app.core.test_large_text import beside
from tests.app.stage.harness import Harness
from tests.app.stage.whole_app import PASSWORD, app_of, path, sign_in, two_accounts
from tests.fakes.account_api import FakeAccountApi
from tests.fakes.api import NOW


async def test_a_user_who_signs_in_comes_to_finding(app: Harness) -> None:
    await sign_in(app, "grace@example.com")
    await app.until(lambda: path(app) == "/find")


async def test_a_professional_who_signs_in_comes_to_upcoming(app: Harness) -> None:
    await sign_in(app, "ada@example.com")
    await app.until(lambda: path(app) == "/upcoming")


async def test_enter_moves_to_the_password_and_then_signs_in(app: Harness) -> None:
    await app.type("grace@example.com", label="E-mail")
    await app.submit("E-mail")
    assert [name for name, _ in app.connection.calls].count("focus") == 1
    await app.type(PASSWORD, label="Password")
    await app.submit("Password")
    await app.until(lambda: path(app) == "/find")


async def test_a_missing_address_is_said_at_its_field(app: Harness) -> None:
    await app.click("Sign in")
    assert app.field("E-mail").error == "Enter an e-mail address such as name@example.com."


async def test_a_wrong_password_is_said_in_words(app: Harness) -> None:
    await sign_in(app, "grace@example.com", "nonsense")
    await app.shows("E-mail or password is wrong.")


async def test_what_was_typed_stays_when_the_width_changes(app: Harness) -> None:
    await app.type("grace@example.com", label="E-mail")
    await app.resize(1280)
    await app.resize(390)
    assert app.field("E-mail").value == "grace@example.com"


async def test_what_was_typed_stays_after_a_refusal(app: Harness) -> None:
    await sign_in(app, "grace@example.com", "nonsense")
    assert app.field("E-mail").value == "grace@example.com"


async def test_sign_in_without_a_backend_says_so_and_can_be_tried_again(api: FakeAccountApi) -> None:
    api.offline = True
    async with app_of(api) as app:
        await app.shows("Rendezvous cannot be reached.")
        api.offline = False
        await app.click("Try again")
        await app.until(lambda: not any("cannot be reached" in text for text in app.texts()))


async def test_no_demo_people_stand_there_outside_a_demo(app: Harness) -> None:
    assert "Look around" not in app.texts()


async def test_a_demo_person_is_signed_in_with_one_click(api: FakeAccountApi) -> None:
    api.demo = (DemoPerson(role="user", name="Grace Hopper", email="grace@example.com", password=PASSWORD),)
    async with app_of(api) as app:
        await app.shows("Look around")
        await app.click("Sign in as Grace")
        await app.until(lambda: path(app) == "/find")


async def test_a_demo_whose_call_server_is_being_built_says_how_far_it_is_until_it_is_there(
    api: FakeAccountApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.state.account.auth_forms.PREPARING_POLL_S", 0.03)
    api.demo = (DemoPerson(role="user", name="Grace Hopper", email="grace@example.com", password=PASSWORD),)
    api.calls_preparing = "compiled 230 of about 800 packages"
    async with app_of(api) as app:
        await app.shows("compiled 230 of about 800 packages. You can look around meanwhile.")
        api.calls_preparing = ""
        await app.until(lambda: not any("being set up" in text for text in app.texts()))


@pytest.fixture
def no_keychain(monkeypatch: pytest.MonkeyPatch) -> None:
    """A window's sign-in store, with nothing in it."""
    monkeypatch.setattr("keyring.get_password", lambda service, name: None)


async def test_another_server_can_be_named(api: FakeAccountApi, no_keychain: None) -> None:
    async with app_of(api, web=False) as app:
        await app.shows("Good to see you.")
        await app.click("Server: backend.test")
        await app.type("https://elsewhere.test", label="Server address")
        await app.click("Use this server")
        assert api.base_url == "https://elsewhere.test"
        await app.shows("Server: elsewhere.test")


async def test_an_address_that_is_no_server_is_said_at_its_field(api: FakeAccountApi, no_keychain: None) -> None:
    async with app_of(api, web=False) as app:
        await app.shows("Good to see you.")
        await app.click("Server: backend.test")
        await app.type("elsewhere", label="Server address")
        await app.click("Use this server")
        assert "Enter an address" in str(app.field("Server address").error)
        assert api.base_url == "http://backend.test"


async def test_in_a_browser_the_server_is_not_the_visitors_to_choose(app: Harness, api: FakeAccountApi) -> None:
    """Requests leave from the page's own server there: whoever named one could look round behind it."""
    assert not [text for text in app.texts() if "backend.test" in text]
    services = Services(cast(ApiClient, api), AccountState(), lambda: NOW, UTC, can_change_server=False)
    assert await SignInForm(services).use_server("http://127.0.0.1:18999/admin") == SERVER_IS_FIXED
    assert api.base_url == "http://backend.test"


async def test_signing_up_sends_role_and_the_devices_zone(app: Harness, api: FakeAccountApi) -> None:
    await app.click("Create an account")
    await app.fire(app.find(ft.RadioGroup), "change", "professional")
    group = app.find(ft.RadioGroup)
    app.session.apply_patch(group._i, {"value": "professional"})
    await app.fire(group, "change", "professional")
    await app.type("Nora Berg", label="Name")
    await app.type("nora@example.com", label="E-mail")
    await app.type("long enough", label="Password")
    await app.click("Create account")
    await app.until(lambda: path(app) == "/upcoming")
    assert (await api.me()).time_zone == "America/New_York"


async def test_an_address_that_is_taken_is_said_at_its_field(app: Harness) -> None:
    await app.click("Create an account")
    await app.type("Ada Too", label="Name")
    await app.type("ada@example.com", label="E-mail")
    await app.type("long enough", label="Password")
    await app.click("Create account")
    assert app.field("E-mail").error == "There is an account with this e-mail already."


async def test_a_short_password_is_said_before_anything_is_sent(app: Harness, api: FakeAccountApi) -> None:
    await app.click("Create an account")
    await app.type("short", label="Password")
    await app.click("Create account")
    assert app.field("Password").error == "Use at least 8 characters."
    assert api.count("sign_up") == 0


@pytest.mark.parametrize("then", ["Enter", "the button"])
async def test_a_sign_in_is_sent_once_however_often_it_is_asked_for(
    app: Harness, api: FakeAccountApi, then: str
) -> None:
    """Each attempt counts against the limit of attempts."""
    await app.type("grace@example.com", label="E-mail")
    await app.type(PASSWORD, label="Password")
    gate = api.hold("sign_in")
    field, button = app.field("Password"), app.button("Sign in")
    again = (field, "submit") if then == "Enter" else (button, "click")
    presses = [
        asyncio.ensure_future(app.session.dispatch_event(control._i, event, ""))
        for control, event in ((field, "submit"), again)
    ]
    await app.settle()
    assert not app.is_enabled("Sign in")
    gate.set()
    await asyncio.gather(*presses)
    await app.until(lambda: path(app) == "/find")
    assert api.count("sign_in") == 1


async def test_an_account_is_made_once_however_often_enter_is_pressed(app: Harness, api: FakeAccountApi) -> None:
    await app.click("Create an account")
    await app.type("Mary Somerville", label="Name")
    await app.type("mary@example.com", label="E-mail")
    await app.type(PASSWORD, label="Password")
    gate = api.hold("sign_up")
    field = app.field("Password")
    presses = [asyncio.ensure_future(app.session.dispatch_event(field._i, "submit", "")) for _ in range(3)]
    await app.settle()
    gate.set()
    await asyncio.gather(*presses)
    assert api.count("sign_up") == 1


@pytest.mark.parametrize(("width", "below"), [(360, True), (390, False)])
async def test_a_small_phone_does_not_break_the_name_beside_its_button(width: float, below: bool) -> None:
    api = two_accounts()
    api.demo = (DemoPerson(role="user", name="Grace Hopper", email="grace@example.com", password=PASSWORD),)
    async with app_of(api, width=width) as app:
        await app.shows("Sign in as Grace")
        assert beside(app, "Grace Hopper", "Sign in as Grace") is not below
