"""The phone build: what it installs can be had for phones, and its configuration names what is there.

`flet build` itself needs Flutter and the phones' own tools, which no machine of ours has.
"""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.dev.phone_dependencies import (
    PHONES,
    ROOT,
    all_on,
    base_requirements,
    holds_on,
    installed_as,
    is_pure,
    project,
)

FLETS_OWN = {"msgpack", "pydantic-core"}
"""Not pure, and PyPI has no wheel of them for phones: Flet's own index has, where `flet build` looks too. Flet itself
needs the first; of the second it has those that fit some version of pydantic from 2.11 on.
"""
FLETS_INDEX = os.environ.get("FLET_INDEX_URL", "")
"""Where Flet's own index is; no address of a registry is written down here."""
PLATFORMS = {"Android": "android_24_arm64_v8a", "iOS": "ios_13_0_arm64_iphoneos"}
PYTHON = "3.13"
NEVER_ON_PHONES = ("livekit", "numpy", "sounddevice", "opencv-python", "opencv-python-headless", "keyring", "flet-web")
NO_ANSWER = ("NewConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ProxyError", "Connection refused")


def flet() -> dict[str, Any]:
    tool = project()["tool"]
    assert isinstance(tool, dict)
    table: dict[str, Any] = tool["flet"]
    return table


@pytest.mark.parametrize("phone", PHONES)
def test_what_no_phone_can_have_is_not_asked_for(phone: str) -> None:
    names = {each.name for each in base_requirements() if holds_on(phone, each)}
    assert not names & set(NEVER_ON_PHONES)
    assert {"flet", "httpx", "pydantic", "flet-secure-storage", "tzdata", "segno"} <= names


@pytest.mark.parametrize("phone", PHONES)
def test_everything_that_the_phone_build_installs_is_pure_or_known_to_be_built_for_phones(phone: str) -> None:
    natives = {name for name in all_on(phone) if installed_as(name) and not is_pure(installed_as(name))}
    assert natives == FLETS_OWN


@pytest.mark.parametrize("phone", PHONES)
def test_the_registry_has_a_wheel_for_phones_of_what_is_not_installed_here(phone: str, tmp_path: Path) -> None:
    for name, version in all_on(phone).items():
        if installed_as(name) is None:
            _ask(f"{name}=={version}", phone, tmp_path)


@pytest.mark.parametrize("phone", PHONES)
@pytest.mark.parametrize("name", sorted(FLETS_OWN))
def test_flets_index_has_a_wheel_of_what_is_not_pure(name: str, phone: str, tmp_path: Path) -> None:
    if not FLETS_INDEX:
        print(f"FLET_INDEX_URL does not say where Flet's index is, so {name} for {phone} is not checked.")
        pytest.skip(f"FLET_INDEX_URL is not set: {name} for {phone}")
    _ask(name, phone, tmp_path, "--index-url", FLETS_INDEX)


def _ask(wanted: str, phone: str, into: Path, *options: str) -> None:
    why = _refusal(wanted, phone, str(into), options)
    if any(words in why for words in NO_ANSWER):
        print(f"No registry answers here, so {wanted} for {phone} is not checked.")
        pytest.skip(f"the registry does not answer: {wanted} for {phone}")
    assert not why, why


@cache
def _refusal(wanted: str, phone: str, into: str, options: tuple[str, ...]) -> str:
    """What pip says when there is no wheel; empty when there is one."""
    words = ["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--retries=1", "--timeout=20"]
    words += [f"--platform={PLATFORMS[phone]}", f"--python-version={PYTHON}", "--implementation=cp", "-d", into]
    done = subprocess.run([sys.executable, *words, *options, wanted], capture_output=True, text=True, timeout=100)
    return done.stderr if done.returncode else ""


def test_flet_build_finds_its_entry_and_leaves_everything_but_the_app_at_home() -> None:
    app = flet()["app"]
    assert (ROOT / app["path"] / f"{app['module']}.py").is_file()
    there = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    needed = {"app", "assets", "main.py", "pyproject.toml"}
    made = {"build", "node_modules", "callpage", "mutants"}
    assert there - needed - made <= set(app["exclude"])
    assert not needed & set(app["exclude"])
    assert app["module"] in (ROOT / "main.py").read_text("utf-8")


def test_the_icon_is_large_and_square_and_may_be_flattened() -> None:
    icon = Image.open(ROOT / "assets" / "icon.png")
    assert icon.width == icon.height >= 512
    for colour in (
        flet()["icon_background"],
        *flet()["splash"].values(),
        flet()["android"]["adaptive_icon_background"],
    ):
        assert len(bytes.fromhex(colour.removeprefix("#"))) == 3


def test_links_into_the_app_are_the_same_everywhere() -> None:
    table = flet()
    links = [table["deep_linking"], table["android"]["deep_linking"], table["ios"]["deep_linking"]]
    assert links == [{"scheme": "rendezvous", "host": "open"}] * 3
    page = (ROOT / "backend/discovery/service/public_page.py").read_text("utf-8")
    assert "rendezvous://open/" in page


def test_every_permission_has_its_sentence() -> None:
    for system in ("ios", "macos"):
        sentences = {key: value for key, value in flet()[system]["info"].items() if key.endswith("UsageDescription")}
        assert {"NSCameraUsageDescription", "NSMicrophoneUsageDescription"} <= set(sentences)
        assert all(words.endswith(".") and len(words) > 30 for words in sentences.values())
    granted = {name.rsplit(".", 1)[-1] for name, on in flet()["android"]["permission"].items() if on}
    assert {"INTERNET", "CAMERA", "RECORD_AUDIO"} <= granted
    assert not any(flet()["android"]["feature"].values())  # nobody is kept from installing it
