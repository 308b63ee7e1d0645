"""The whole product as `make run` starts it, and people at browsers of their own."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.e2e.driving import COMPUTER, Person, open_browser
from tests.stage.livekit_server import free_ports
from tests.stage.product import ROOT, Product
from tests.stage.sound_cards import SoundCards
from tests.waiting import eventually
from tools.processes import answers

PICTURES = Path(folder) if (folder := os.environ.get("RENDEZVOUS_PICTURES")) else None
"""Where the journeys leave pictures of each screen (`make pictures`); none are taken without it."""
LAST_SCREENS = ROOT / "build" / "screenshots"


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture
def person(playwright: Playwright) -> Iterator[Callable[..., Person]]:
    """Makes people, each at a browser of their own: two calls in one browser share its one drawing process."""
    LAST_SCREENS.mkdir(parents=True, exist_ok=True)
    people: list[Person] = []

    def make(
        name: str, zone: str = "Europe/Berlin", device: Mapping[str, Any] = COMPUTER, flags: Sequence[str] = ()
    ) -> Person:
        people.append(Person(open_browser(playwright, *flags), name, PICTURES, zone, device=device))
        return people[-1]

    yield make
    for someone in people:
        with contextlib.suppress(PlaywrightTimeout):  # a picture of what a failure looked like must not hide it
            someone.page.screenshot(path=LAST_SCREENS / f"last-{someone.name}.png", timeout=5_000)
        someone.leave()


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundCards]:
    cards = SoundCards(tmp_path_factory.mktemp("sound"), ("a",)).start()
    yield cards
    cards.stop()


@pytest.fixture(scope="session")
def rendezvous(tmp_path_factory: pytest.TempPathFactory, sound: SoundCards) -> Iterator[Product]:
    """Ended by Ctrl-C, which has to end everything: that is checked as well."""
    product = Product(tmp_path_factory.mktemp("run"), sound)
    try:
        yield product.start()
    finally:
        product.stop()


@pytest.fixture
def another_app(
    rendezvous: Product, sound: SoundCards, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., str]]:
    """Starts one more app process beside the two, with settings of its own; gives its address."""
    started: list[subprocess.Popen[bytes]] = []
    folder = tmp_path_factory.mktemp("another")

    def start(**settings: str) -> str:
        (port,) = free_ports(1)
        own = {"RENDEZVOUS_API_URL": rendezvous.backend_url, "RENDEZVOUS_CALL_ENGINE": "native"} | settings
        environment = os.environ | sound.environment("a") | own
        environment |= {"RENDEZVOUS_VIEW": "web", "RENDEZVOUS_PORT": str(port)}
        with (folder / f"{port}.log").open("wb") as log:
            started.append(
                subprocess.Popen([sys.executable, "-m", "app"], cwd=ROOT, env=environment, stdout=log, stderr=log)
            )
        url = f"http://127.0.0.1:{port}"
        eventually(lambda: answers(url), f"{url} answers", limit_s=60)
        return url

    yield start
    for process in started:
        process.terminate()
        process.wait(20)
