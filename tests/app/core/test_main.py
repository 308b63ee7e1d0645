"""How the app is put together: settings, view, call engine, sign-in store; that it starts without the call's parts."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import flet as ft
import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError

import app as package
from app import main as app_main
from app.api.client import ApiClient
from app.call.browser_engine import BrowserEngine
from app.call.engine import LivekitEngine
from app.engine_choice import NO_CALL_PARTS, engine_for
from app.main import choose_view, port_is_free, start
from app.settings import AppSettings, load_settings
from app.state.core.kept.preferences import Preferences
from app.state.core.kept.sign_in_store import KeychainSignIn, TabSignIn
from app.wiring import store_for
from tests.app.stage.harness import Harness

ROOT = Path(package.__file__).resolve().parents[1]
WITHOUT_CALL_PARTS = """
import importlib, pkgutil, sys
FREE = ("app.call.contract", "app.call.state", "app.call.stats", "app.call.adaptation.policy")
for name in ("livekit", "cv2", "sounddevice", "av"):
    sys.modules[name] = None  # importing it raises ImportError
import app
for module in pkgutil.walk_packages(app.__path__, "app."):
    engine = module.name.startswith("app.call.") and not module.name.startswith(FREE)
    if not engine and module.name != "app.__main__":
        importlib.import_module(module.name)
"""


def test_the_app_imports_without_the_parts_that_phones_lack() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_CALL_PARTS], capture_output=True, text=True, timeout=60, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RENDEZVOUS_API_URL", "https://rendezvous.example.com/")
    monkeypatch.setenv("RENDEZVOUS_VIEW", "web")
    monkeypatch.setenv("RENDEZVOUS_PORT", "8600")
    monkeypatch.setenv("RENDEZVOUS_MICROPHONE", "muted")
    monkeypatch.setenv("RENDEZVOUS_DEMO", "1")
    settings = AppSettings()
    assert (settings.api_url, settings.view, settings.port) == ("https://rendezvous.example.com", "web", 8600)
    assert (settings.microphone, settings.call_engine) == ("muted", "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RENDEZVOUS_API_URL", "rendezvous.example.com"),
        ("RENDEZVOUS_API_URL", "::1:8700"),
        ("RENDEZVOUS_API_URL", "http://[::1"),
        ("RENDEZVOUS_VIEW", "hologram"),
        ("RENDEZVOUS_PORT", "many"),
    ],
)
def test_settings_that_cannot_be_used_end_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match=f"Rendezvous cannot start with these settings: {name}: ") as refusal:
        load_settings()
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("url", ["https://host.test/api/", "http://[::1]:8700", "http://localhost"])
def test_addresses_with_a_path_or_of_ipv6_are_taken(url: str) -> None:
    assert AppSettings(api_url=url).api_url == url.rstrip("/")


def test_without_a_display_the_browser_is_used_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    window, why = choose_view(AppSettings(view="desktop"))
    assert (window, "no display" in why) == (False, True)


def test_without_the_desktop_client_the_browser_is_used_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setitem(sys.modules, "flet_desktop", None)
    window, why = choose_view(AppSettings(view="desktop"))
    assert (window, "could not be fetched" in why) == (False, True)


def test_a_desktop_client_that_the_environment_names_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fetch() -> None:
        raise OSError("no network")

    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("flet_desktop.ensure_client_cached", fetch)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("FLET_VIEW_PATH", str(tmp_path))
    assert choose_view(AppSettings(view="desktop"))[0] is False
    (tmp_path / "flet").touch(0o755)
    assert choose_view(AppSettings(view="desktop")) == (True, "")


def test_the_browser_that_was_asked_for_needs_no_word() -> None:
    assert choose_view(AppSettings(view="web")) == (False, "")


def test_a_port_in_use_is_noticed() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert not port_is_free(taken.getsockname()[1])


async def page_on(platform: ft.PagePlatform, web: bool, settings: AppSettings) -> tuple[bool, str, type]:
    """Whether that kind of page has a call engine, the reason if not, and its sign-in store."""
    found: list[Any] = []

    def main(page: ft.Page) -> None:
        new_engine, reason = engine_for(page, settings, ApiClient("http://backend.test"), Preferences())
        found.extend((new_engine is not None, reason, type(store_for(page))))

    async with Harness(main, platform=platform, web=web):
        return found[0], found[1], found[2]


async def made_on(platform: ft.PagePlatform, web: bool, settings: AppSettings) -> type:
    """The kind of engine that such a page makes."""
    found: list[type] = []

    def main(page: ft.Page) -> None:
        new_engine, _ = engine_for(page, settings, ApiClient("http://backend.test"), Preferences())
        assert new_engine is not None
        found.append(type(new_engine()))

    async with Harness(main, platform=platform, web=web):
        return found[0]


async def test_a_desktop_window_has_calls_and_the_keychain() -> None:
    assert await page_on(ft.PagePlatform.LINUX, False, AppSettings()) == (True, "", KeychainSignIn)


async def test_a_browser_has_the_calls_of_the_call_page() -> None:
    assert await page_on(ft.PagePlatform.LINUX, True, AppSettings()) == (True, "", TabSignIn)
    assert await made_on(ft.PagePlatform.LINUX, True, AppSettings()) is BrowserEngine


async def test_the_native_engine_can_be_forced_in_a_browser() -> None:
    assert await made_on(ft.PagePlatform.LINUX, True, AppSettings(call_engine="native")) is LivekitEngine


async def test_a_package_without_livekits_library_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LIVEKIT_LIB_PATH", str(tmp_path / "liblivekit_ffi.so"))
    assert await page_on(ft.PagePlatform.LINUX, False, AppSettings()) == (False, NO_CALL_PARTS, KeychainSignIn)
    monkeypatch.delenv("LIVEKIT_LIB_PATH")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert await page_on(ft.PagePlatform.LINUX, False, AppSettings()) == (False, NO_CALL_PARTS, KeychainSignIn)


@pytest.mark.parametrize("platform", [ft.PagePlatform.ANDROID, ft.PagePlatform.IOS])
async def test_a_phone_has_the_calls_of_the_call_page_whatever_is_asked_for(platform: ft.PagePlatform) -> None:
    assert await made_on(platform, False, AppSettings(call_engine="native")) is BrowserEngine


class MemoryKeyring(KeyringBackend):
    """A keychain that forgets when the test ends."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring declares no types here
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[(service, username)] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[(service, username)]


class LockedKeyring(MemoryKeyring):
    """A keychain that refuses everything."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringError("locked")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringError("locked")

    def delete_password(self, service: str, username: str) -> None:
        raise KeyringError("locked")


async def test_the_keychain_keeps_one_sign_in_per_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", MemoryKeyring())
    store = KeychainSignIn()
    await store.save("http://one.test", "token one")
    await store.save("http://two.test", "token two")
    await store.clear("http://one.test")
    assert [await store.load(url) for url in ("http://one.test", "http://two.test")] == [None, "token two"]


async def test_a_keychain_that_refuses_only_means_signing_in_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", LockedKeyring())
    store = KeychainSignIn()
    await store.save("http://one.test", "token")
    await store.clear("http://one.test")
    assert await store.load("http://one.test") is None


@pytest.mark.parametrize(("chosen", "expected"), [(None, "Rendezvous"), ("Another", "Another")])
def test_the_window_is_rendezvous_to_the_desktop_before_its_client_starts(
    monkeypatch: pytest.MonkeyPatch, chosen: str | None, expected: str
) -> None:
    """Flet's client takes the window's class from it, by which a desktop groups windows and finds their launcher."""
    found: list[str | None] = []

    class StartedClient:
        def __init__(self, leave: object) -> None:
            self.begin = lambda: None

        async def run(self, start: object) -> None:
            found.append(os.environ.get("FLET_APP_ID"))

    monkeypatch.setenv("FLET_APP_ID", chosen or "")  # so that it is undone, whatever main does
    if chosen is None:
        monkeypatch.delenv("FLET_APP_ID")
    monkeypatch.setattr(app_main, "choose_view", lambda settings: (True, ""))
    monkeypatch.setattr(app_main, "Ending", StartedClient)
    app_main.main()
    assert found == [expected]


def is_ico(path: str) -> bool:
    """Whether it begins as an ICONDIR: the only kind that Windows takes."""
    return Path(path).read_bytes()[:4] == bytes((0, 0, 1, 0))


async def test_a_window_has_our_title_and_icon(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    pages: list[ft.Page] = []

    def main(page: ft.Page) -> None:
        pages.append(page)
        start(AppSettings(api_url="http://127.0.0.1:9"), page)

    async with Harness(main, platform=ft.PagePlatform.WINDOWS, web=False):
        assert pages[0].title == "Rendezvous"
        icon = pages[0].window.icon or ""
    assert is_ico(icon)
