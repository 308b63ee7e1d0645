"""The whole product as `make run` starts it on a desktop: a window for each of the two people."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desktop.display import Display
from tests.desktop.window import Window, launcher
from tests.stage.left_out import left_out
from tests.stage.product import Product
from tests.stage.sound_cards import SoundCards
from tools import machine
from tools.desktop_client import CLIENT

NORA, SAM = "demo-professional", "demo-user"


@pytest.fixture(scope="session")
def display(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Display]:
    """Leaves the suite out where a part of it cannot be had."""
    lacking = [part.package for part in machine.DESKTOP if not part.present()]
    if lacking or not CLIENT.exists():
        left_out(f"no desktop windows: {', '.join(lacking) or 'the client (python dev.py test desktop)'} is missing")
    display = Display(tmp_path_factory.mktemp("display"))
    yield display.start()
    display.stop()


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundCards]:
    cards = SoundCards(tmp_path_factory.mktemp("sound"), ("a",)).start()
    yield cards
    cards.stop()


class Desktop:
    """The product with its two windows. `run` starts it, `stop` presses Ctrl-C, which has to end everything."""

    def __init__(self, display: Display, sound: SoundCards, folder: Path) -> None:
        self.display = display
        self._folder = folder
        own = {"RENDEZVOUS_VIEW": "desktop", "OLD_CLIENT": str(CLIENT), "FRAMES_LOG": str(folder / "frames.log")}
        own["FLET_VIEW_PATH"] = str(launcher(folder / "client", sys.executable))
        self.product = Product(folder, sound, display.environment | own)

    def window(self, profile: str) -> Window:
        return Window(self.display, profile, self._folder / "frames.log")


@pytest.fixture
def desktop(display: Display, sound: SoundCards, tmp_path: Path) -> Iterator[Desktop]:
    desktop = Desktop(display, sound, tmp_path)
    desktop.product.start()
    yield desktop
    desktop.product.stop()
