"""`make package`, as far as it can be shown in seconds: the address that is baked in, and the check of all parts.

The package itself was built and started by hand (docs/decisions/0034-packages.md): it takes minutes and 552 MB.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.desktop import parts
from app.settings import BUILD_FILE, built_api_url
from tools import desktop_package
from tools.console import Trouble

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def own_assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(desktop_package, "BUILD_FILE", tmp_path / BUILD_FILE)
    return tmp_path


def test_the_backends_address_is_written_where_the_app_reads_it(
    own_assets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(desktop_package.ADDRESS, "https://rendezvous.example.com/")
    assert desktop_package.bake() == 0
    assert json.loads((own_assets / BUILD_FILE).read_text()) == {"api_url": "https://rendezvous.example.com"}
    assert built_api_url(own_assets) == "https://rendezvous.example.com"


def test_without_an_address_none_of_an_earlier_build_is_left(own_assets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (own_assets / BUILD_FILE).write_text('{"api_url": "https://old.example.com"}')
    monkeypatch.delenv(desktop_package.ADDRESS, raising=False)
    assert desktop_package.bake() == 0
    assert not (own_assets / BUILD_FILE).exists()


@pytest.mark.parametrize("address", ["rendezvous.example.com", "ftp://x.example.com", "https://"])
def test_what_is_no_address_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv(desktop_package.ADDRESS, address)
    with pytest.raises(Trouble, match="use an address such as"):
        desktop_package.bake()


def test_a_package_says_which_of_its_parts_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PARTS", ("json", "no_such_part"))
    monkeypatch.setattr(parts, "FILES", ("icon.png", "no-such-file"))
    missing = parts.missing_parts()
    assert [each.split(":")[0] for each in missing] == ["no_such_part", "assets/no-such-file"]


def test_everything_is_here_where_the_product_is_installed() -> None:
    done = subprocess.run([sys.executable, "main.py", "--check"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, "All parts are here."), done.stdout


def test_the_check_is_of_what_the_app_loads_late() -> None:
    assert {"livekit.rtc", "cv2", "sounddevice"} <= set(parts.PARTS)
    spec = (ROOT / "tools" / "rendezvous.spec").read_text("utf-8")
    assert all(f'"{package}"' in spec for package in ("livekit", "flet_web", "flet_desktop"))
