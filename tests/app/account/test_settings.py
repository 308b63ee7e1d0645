"""Settings: the name, the password, the theme, signing out."""

import asyncio

import flet as ft
import pytest

from app.state.account.account_settings import zone_choices
from tests.app.stage.harness import Harness
from tests.app.stage.whole_app import open_settings
from tests.fakes.account_api import FakeAccountApi


async def test_signing_out_asks_and_then_forgets(app: Harness, api: FakeAccountApi) -> None:
    await open_settings(app)
    signing_out = await app.begin("Sign out")
    await app.shows("You can sign in again at any time.")
    await app.fire(app.all(ft.FilledButton, content="Sign out")[-1], "click")
    await signing_out
    await app.shows("Good to see you.")
    assert api.token is None


async def test_a_changed_name_is_saved(app: Harness, api: FakeAccountApi) -> None:
    await open_settings(app)
    assert not app.is_enabled("Save")
    await app.type("Ada King", label="Name")
    await app.click("Save")
    assert (await api.me()).name == "Ada King"


async def test_a_wrong_current_password_is_said_at_its_field(app: Harness) -> None:
    await open_settings(app)
    await app.type("nonsense", label="Current password")
    await app.type("long enough", label="New password")
    await app.click("Change password")
    assert app.field("Current password").error == "This is not your current password."


async def test_dark_is_chosen_at_once_and_kept_on_the_device(app: Harness) -> None:
    await open_settings(app)
    choice = app.find(ft.Dropdown, label="Theme")
    app.session.apply_patch(choice._i, {"value": "dark"})
    await app.fire(choice, "select", "dark")
    await app.until(lambda: app.page.theme_mode == ft.ThemeMode.DARK)
    await app.until(lambda: ("set", "dark") in [(name, given.get("value")) for name, given in app.connection.calls])


async def test_enter_and_a_press_of_the_button_change_a_password_once(app: Harness, api: FakeAccountApi) -> None:
    await open_settings(app)
    await app.type("correct horse", label="Current password")
    await app.type("another long one", label="New password")
    gate = api.hold("change_password")
    asked = ((app.field("New password"), "submit"), (app.button("Change password"), "click"))
    presses = [asyncio.ensure_future(app.session.dispatch_event(each._i, event, "")) for each, event in asked]
    await app.settle()
    assert not app.is_enabled("Change password")
    gate.set()
    await asyncio.gather(*presses)
    await app.until(lambda: app.all(ft.SnackBar))
    assert api.count("change_password") == 1
    assert not app.field("Current password").error


async def test_a_letter_in_a_form_does_not_build_the_list_of_zones_again(
    app: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some 400 options: building and comparing them with each letter held everybody up who is drawn by the process."""
    await open_settings(app)
    built: list[str] = []

    def build(current: str) -> list[tuple[str, str]]:
        built.append(current)
        return zone_choices(current)

    monkeypatch.setattr("app.components.account.zone_field.zone_choices", build)
    for text in ("Ada K", "Ada Ki", "Ada King"):
        await app.type(text, label="Name")
    assert built == []
    await app.fire(app.find(ft.Dropdown, label="Theme"), "select", "dark")
    assert app.find(ft.Dropdown, label="Time zone").value == "Europe/Berlin"
