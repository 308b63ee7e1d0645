"""What a person reads of their computer's keychain while the app starts and when they have signed in."""

import threading
from pathlib import Path

import flet as ft
import keyring
import pytest

from app import wiring
from app.desktop.device_file import DeviceFile
from app.wiring import KEYCHAIN_ASKS, NOT_KEPT
from tests.app.core.test_main import LockedKeyring, MemoryKeyring
from tests.app.stage.harness import Harness
from tests.app.stage.whole_app import app_of, path, sign_in, two_accounts


class AskingKeyring(MemoryKeyring):
    """A locked keychain: whoever asks it waits until its person has answered the system's question."""

    def __init__(self) -> None:
        super().__init__()
        self.answered = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.answered.wait(30)
        return super().get_password(service, username)


@pytest.fixture(autouse=True)
def own_device_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(wiring, "device_file", lambda profile: DeviceFile(tmp_path / "window.json"))


async def signed_in(app: Harness) -> list[object]:
    """Signs in; what was said meanwhile."""
    await app.until(lambda: app.all(ft.TextField, label="E-mail"))
    await sign_in(app, "grace@example.com")
    await app.until(lambda: path(app) == "/find")
    await app.settle(20)
    return [each.content for each in app.all(ft.SnackBar)]


async def test_a_keychain_that_asks_first_is_said_while_it_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "KEYCHAIN_PATIENCE_S", 0.02)
    asking = AskingKeyring()
    monkeypatch.setattr(keyring.core, "_keyring_backend", asking)
    async with app_of(two_accounts(), web=False) as app:
        try:
            await app.shows(KEYCHAIN_ASKS)
        finally:
            asking.answered.set()
        await app.until(lambda: app.all(ft.TextField, label="E-mail"))
        assert KEYCHAIN_ASKS not in app.texts()


async def test_a_sign_in_that_cannot_be_kept_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", LockedKeyring())
    async with app_of(two_accounts(), web=False) as app:
        assert await signed_in(app) == [NOT_KEPT]


async def test_a_sign_in_that_is_kept_needs_no_word(monkeypatch: pytest.MonkeyPatch) -> None:
    keychain = MemoryKeyring()
    monkeypatch.setattr(keyring.core, "_keyring_backend", keychain)
    async with app_of(two_accounts(), web=False) as app:
        assert await signed_in(app) == []
        assert len(keychain.kept) == 1


async def test_in_a_browser_nothing_is_said_of_a_keychain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", LockedKeyring())
    async with app_of(two_accounts(), web=True) as app:
        assert await signed_in(app) == []
