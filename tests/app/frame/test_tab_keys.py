"""Ctrl (on macOS Cmd) and a number lead to the tabs, wherever the focus is, but not out of a call."""

from pathlib import Path

import flet as ft
import keyring
import pytest

from app.desktop.device_file import DeviceFile
from tests.app.core.test_main import MemoryKeyring
from tests.app.stage.harness import Harness
from tests.app.stage.whole_app import app_of, path, sign_in, two_accounts


async def signed_in(app: Harness) -> None:
    await app.shows("Good to see you.")
    await sign_in(app, "grace@example.com")
    await app.until(lambda: path(app) == "/find")


@pytest.mark.parametrize("held", ["ctrl", "meta"])
async def test_a_number_leads_to_its_tab(held: str) -> None:
    async with app_of(two_accounts(), width=1280) as app:
        await signed_in(app)
        for number, there in (("3", "/account"), ("2", "/my-sessions"), ("1", "/find")):
            await app.key(number, **{held: True})
            await app.until(lambda there=there: path(app) == there)  # type: ignore[misc]  # bound to this round


async def test_a_bare_number_a_tab_that_is_not_there_and_other_keys_lead_nowhere() -> None:
    async with app_of(two_accounts(), width=1280) as app:
        await signed_in(app)
        await app.key("2")
        await app.key("4", ctrl=True)
        await app.key("2", ctrl=True, shift=True)
        assert path(app) == "/find"


async def test_no_key_leads_out_of_a_call() -> None:
    async with app_of(two_accounts(), width=1280) as app:
        await signed_in(app)
        await app.go("/session/some-session")
        await app.key("2", ctrl=True)
        assert path(app) == "/session/some-session"


async def test_the_rail_of_a_window_says_the_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("app.wiring.device_file", lambda profile: DeviceFile(tmp_path / "window.json"))
    monkeypatch.setattr(keyring.core, "_keyring_backend", MemoryKeyring())
    async with app_of(two_accounts(), width=1280, web=False) as app:
        await signed_in(app)
        rail = app.find(ft.NavigationRail)
        icons = [each.icon for each in rail.destinations or []]
        assert [icon.tooltip for icon in icons if isinstance(icon, ft.Icon)] == ["Ctrl+1", "Ctrl+2", "Ctrl+3"]
