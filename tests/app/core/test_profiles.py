"""Two windows of one machine are two people: each profile has a sign-in and preferences of its own."""

from pathlib import Path

import flet as ft
import keyring
import pytest

from app.desktop.device_file import DeviceFile, file_of
from app.settings import load_settings
from app.state.core.kept.device import load_preferences, save_preferences, write_text
from app.state.core.kept.preferences import Preferences
from app.state.core.kept.sign_in_store import KeychainSignIn
from app.wiring import device_store_for
from tests.app.core.test_main import MemoryKeyring
from tests.app.stage.harness import Harness
from tests.fakes.device_store import FakeDeviceStore


async def test_each_profile_has_its_own_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", MemoryKeyring())
    nora, sam = KeychainSignIn("nora"), KeychainSignIn("sam")
    await nora.save("http://one.test", "Nora's")
    await sam.save("http://one.test", "Sam's")
    await sam.clear("http://one.test")
    assert (await nora.load("http://one.test"), await sam.load("http://one.test")) == ("Nora's", None)


async def test_without_a_profile_the_sign_in_of_earlier_versions_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    keychain = MemoryKeyring()
    monkeypatch.setattr(keyring.core, "_keyring_backend", keychain)
    keychain.set_password("Rendezvous", "http://one.test", "kept")
    assert await KeychainSignIn().load("http://one.test") == "kept"
    assert await KeychainSignIn("sam").load("http://one.test") is None


async def test_preferences_outlive_the_window(tmp_path: Path) -> None:
    chosen, again = Preferences(), Preferences()
    chosen.brightness = "dark"
    await save_preferences(DeviceFile(tmp_path / "nora.json"), chosen)
    await load_preferences(DeviceFile(tmp_path / "nora.json"), again)
    assert again.brightness == "dark"


async def test_two_windows_do_not_lose_each_others_preferences(tmp_path: Path) -> None:
    nora, sam = DeviceFile(tmp_path / "nora.json"), DeviceFile(tmp_path / "sam.json")
    await nora.set("rendezvous.brightness", "dark")
    await sam.set("rendezvous.brightness", "light")
    assert [DeviceFile(tmp_path / f"{name}.json").read("rendezvous.brightness") for name in ("nora", "sam")] == [
        "dark",
        "light",
    ]


async def test_what_earlier_versions_kept_is_asked_for_until_it_is_chosen_again(tmp_path: Path) -> None:
    kept = DeviceFile(tmp_path / "window.json", FakeDeviceStore(**{"rendezvous.brightness": "dark"}))
    assert await kept.get("rendezvous.brightness") == "dark"
    await kept.set("rendezvous.brightness", "light")
    assert await kept.get("rendezvous.brightness") == "light"


@pytest.mark.parametrize("content", ["", "no JSON", "[]", '{"rendezvous.brightness": 3}'])
async def test_a_file_that_cannot_be_read_is_as_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "window.json"
    path.write_text(content)
    assert await DeviceFile(path).get("rendezvous.brightness") is None


async def test_a_file_that_cannot_be_written_costs_nothing_but_the_memory(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where a folder should be")
    await write_text(DeviceFile(tmp_path / "taken" / "window.json"), "rendezvous.brightness", "dark")


def test_profiles_have_files_of_their_own() -> None:
    assert len({file_of(profile) for profile in ("", "nora", "sam")}) == 3


async def test_only_a_window_without_a_profile_begins_with_what_earlier_versions_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("app.wiring.device_file", lambda profile: DeviceFile(tmp_path / f"{profile}.json"))
    found: list[object] = []

    async def main(page: ft.Page) -> None:
        found.extend([await device_store_for(page, profile).get("rendezvous.unknown") for profile in ("", "sam")])

    async with Harness(main, replies={"get": "kept by Flet"}):
        assert found == ["kept by Flet", None]


def test_a_profile_is_a_plain_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RENDEZVOUS_PROFILE", "../sam")
    with pytest.raises(SystemExit, match="RENDEZVOUS_PROFILE"):
        load_settings()
