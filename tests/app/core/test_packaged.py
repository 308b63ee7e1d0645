"""What a packaged app does otherwise: its backend is built in, its sign-in is in the phone's keychain."""

import asyncio
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import flet as ft
import pytest

import app.main
from app.settings import THIS_MACHINE, AppSettings, built_api_url
from app.state.core.kept import sign_in_store
from app.state.core.kept.sign_in_store import PhoneSignIn, TabSignIn
from app.state.core.services import Services
from app.wiring import store_for
from tests.app.stage.session_stage import services_of
from tests.fakes.account_api import FakeAccountApi

HERE, OTHER = "http://backend.test", "https://other.example.com"


@pytest.mark.parametrize(
    ("content", "url"),
    [
        ('{"api_url": "https://rendezvous.example.com"}', "https://rendezvous.example.com"),
        ('{"api_url": "javascript:alert(1)"}', THIS_MACHINE),
        ('{"api_url": 7}', THIS_MACHINE),
        ("[]", THIS_MACHINE),
        ("no json", THIS_MACHINE),
        (None, THIS_MACHINE),
    ],
)
def test_the_backend_that_was_built_in_is_used(tmp_path: Path, content: str | None, url: str) -> None:
    if content is not None:
        (tmp_path / "build.json").write_text(content)
    assert built_api_url(tmp_path) == url


def test_the_environment_is_stronger_than_what_was_built_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RENDEZVOUS_API_URL", OTHER)
    assert AppSettings().api_url == OTHER


def test_a_built_app_runs_in_the_window_that_is_there_already(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[dict[str, Any]] = []
    monkeypatch.setenv("FLET_PLATFORM", "android")
    monkeypatch.setattr(ft, "run", lambda main, **words: runs.append(words))
    app.main.main()
    assert len(runs) == 1
    assert Path(runs[0]["assets_dir"]).is_dir()


def chosen(before: str) -> Services:
    """An app on the device where `before` was kept."""
    services = services_of(FakeAccountApi(), "user")
    services.preferences.server = before
    services.take_kept_server()
    return services


def test_another_server_is_used_after_the_next_start_until_the_app_comes_with_a_new_one() -> None:
    first = chosen("")
    first.use_server(OTHER)
    kept = first.preferences.server
    assert first.api.base_url == OTHER
    assert chosen(kept).api.base_url == OTHER
    assert chosen(kept.replace(HERE, "https://older.example.com")).api.base_url == HERE
    for spoilt in (f"{HERE} nonsense", HERE, " ", f"{HERE} "):
        assert chosen(spoilt).api.base_url == HERE


class Keychain:
    """A phone's, in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        return self.kept.get(key)

    async def set(self, key: str, value: str) -> None:
        self.kept[key] = value

    async def remove(self, key: str) -> None:
        self.kept.pop(key, None)


async def test_a_phone_keeps_one_sign_in_for_each_backend() -> None:
    store = PhoneSignIn(Keychain())
    await store.save(HERE, "one")
    await store.save(OTHER, "two")
    assert (await store.load(HERE), await store.load(OTHER)) == ("one", "two")
    await store.clear(HERE)
    assert (await store.load(HERE), await store.load(OTHER)) == (None, "two")


class Broken(Keychain):
    async def get(self, key: str) -> str | None:
        raise RuntimeError("refused")

    async def set(self, key: str, value: str) -> None:
        await asyncio.sleep(60)


async def test_a_keychain_that_refuses_or_hangs_keeps_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in_store, "PHONE_PATIENCE_S", 0.01)
    store = PhoneSignIn(Broken())
    await store.save(HERE, "one")
    assert await store.load(HERE) is None


def test_phones_have_their_keychain_and_browsers_their_tab(monkeypatch: pytest.MonkeyPatch) -> None:
    def page(platform: ft.PagePlatform, web: bool = False) -> Any:
        return SimpleNamespace(platform=platform, web=web, session=SimpleNamespace(connection=None))

    monkeypatch.setitem(sys.modules, "flet_secure_storage", None)
    assert isinstance(store_for(page(ft.PagePlatform.IOS)), TabSignIn)
    monkeypatch.setitem(sys.modules, "flet_secure_storage", SimpleNamespace(SecureStorage=Keychain))
    for platform in (ft.PagePlatform.IOS, ft.PagePlatform.ANDROID):
        assert isinstance(store_for(page(platform)), PhoneSignIn)
        assert isinstance(store_for(page(platform, web=True)), TabSignIn)
