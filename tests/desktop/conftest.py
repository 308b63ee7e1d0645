"""The product's servers, and people at desktop windows of their own: the app's real windows, a process each."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desktop.display import Display
from tests.desktop.notification_daemon import NotificationDaemon
from tests.desktop.window import Window, launcher
from tests.stage.left_out import left_out
from tests.stage.product import ROOT, Product
from tests.stage.sound_cards import SoundCards
from tools import machine
from tools.desktop_client import CLIENT

END_LIMIT_S = 20


@pytest.fixture(scope="session")
def display(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Display]:
    """Leaves the suite out where a part of it cannot be had."""
    lacking = [part.package for part in machine.DESKTOP if not part.present()]
    if not CLIENT.exists():
        lacking.append(f"Flet's client (python dev.py test desktop fetches it to {CLIENT})")
    if lacking:
        left_out(f"no desktop windows here; missing: {', '.join(lacking)}")
    display = Display(tmp_path_factory.mktemp("display"))
    try:
        yield display.start()
    finally:
        display.stop()


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundCards]:
    cards = SoundCards(tmp_path_factory.mktemp("sound"), ("a",)).start()
    yield cards
    cards.stop()


@pytest.fixture(scope="session")
def daemon(display: Display) -> Iterator[NotificationDaemon]:
    """There before the first app: else the bus starts whatever daemon the machine has."""
    daemon = NotificationDaemon(display.bus).start()
    yield daemon
    daemon.stop()


@pytest.fixture(scope="session")
def bridged(display: Display, daemon: NotificationDaemon, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What an app needs in its environment to open its window on the stage's display."""
    client = launcher(tmp_path_factory.mktemp("client") / "bridge", sys.executable)
    own = {"RENDEZVOUS_VIEW": "desktop", "OLD_CLIENT": str(CLIENT), "FLET_VIEW_PATH": str(client)}
    return display.environment | own


@pytest.fixture(scope="session")
def rendezvous(tmp_path_factory: pytest.TempPathFactory, sound: SoundCards) -> Iterator[Product]:
    """Backend and call server. Its own two apps stay in browsers that nobody opens."""
    product = Product(tmp_path_factory.mktemp("run"), sound)
    try:
        yield product.start()
    finally:
        product.stop()


class Desktop:
    """Opens windows for people, and ends those that are left."""

    def __init__(
        self, display: Display, sound: SoundCards, product: Product, surroundings: dict[str, str], folder: Path
    ) -> None:
        self.product = product
        self._display = display
        self._folder = folder
        self._surroundings = os.environ | sound.environment("a") | surroundings
        self._started: list[subprocess.Popen[bytes]] = []

    def open(self, profile: str, **settings: str) -> Window:
        """A window with a sign-in of its own; `settings` are added to its environment."""
        frames = self._folder / f"{profile}.frames"
        own = {"RENDEZVOUS_API_URL": self.product.backend_url, "RENDEZVOUS_CAMERA": "test-picture"}
        own |= {"RENDEZVOUS_PROFILE": profile, "RENDEZVOUS_MICROPHONE": "muted", "FRAMES_LOG": str(frames)}
        with (self._folder / f"{profile}.log").open("ab") as log:
            words = [sys.executable, "-m", "app"]
            started = subprocess.Popen(words, cwd=ROOT, env=self._surroundings | own | settings, stdout=log, stderr=log)
        self._started.append(started)
        return Window(self._display, profile, frames)

    def close(self) -> None:
        for process in self._started:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(END_LIMIT_S)
            process.kill()
            process.wait()


@pytest.fixture
def desktop(
    display: Display, sound: SoundCards, rendezvous: Product, bridged: dict[str, str], tmp_path: Path
) -> Iterator[Desktop]:
    desktop = Desktop(display, sound, rendezvous, bridged, tmp_path)
    yield desktop
    desktop.close()
