"""The whole product as `make run` starts it, in a folder of its own, with a video file as the camera."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.driving import ARGUMENTS, CHROMIUM, Person
from tests.stage.livekit_server import free_ports, livekit_binary
from tests.stage.portrait_video import portrait_video
from tests.stage.sound_cards import SoundCards
from tests.waiting import eventually
from tools.processes import answers

ROOT = Path(__file__).resolve().parents[2]
PICTURES = Path(os.environ.get("RENDEZVOUS_PICTURES") or ROOT / "build" / "screenshots")


@dataclass(frozen=True)
class Run:
    """A running Rendezvous: what run.json says, and the process to interrupt."""

    process: subprocess.Popen[bytes]
    said: dict[str, Any]

    def app_of(self, role: str) -> str:
        return str(next(person["app_url"] for person in self.said["people"] if person["role"] == role))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def person(browser: Browser) -> Iterator[Callable[[str], Person]]:
    """Makes people, each in a browser context of their own; the zone is one where it is about noon now."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    people: list[Person] = []

    def make(name: str, zone: str = "Europe/Berlin") -> Person:
        people.append(Person(browser, name, PICTURES, zone))
        return people[-1]

    yield make
    for someone in people:
        someone.page.screenshot(path=PICTURES / f"last-{someone.name}.png")  # what a failure looked like
        someone.context.close()


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundCards]:
    cards = SoundCards(tmp_path_factory.mktemp("sound"), ("a",)).start()
    yield cards
    cards.stop()


@pytest.fixture(scope="session")
def rendezvous(tmp_path_factory: pytest.TempPathFactory, sound: SoundCards) -> Iterator[Run]:
    """`dev.py run` as a person starts it; ended as a person ends it, by Ctrl-C."""
    home = tmp_path_factory.mktemp("run")
    camera = portrait_video(tmp_path_factory.mktemp("camera") / "portrait.avi")
    own = {
        "RENDEZVOUS_HOME": str(home),
        "RENDEZVOUS_VIEW": "web",
        "RENDEZVOUS_CAMERA": str(camera),
        "RENDEZVOUS_LIVEKIT_SERVER": str(livekit_binary()),
    }
    environment = os.environ | sound.environment("a") | own
    with (home / "output.txt").open("wb") as out:
        process = subprocess.Popen([sys.executable, "dev.py", "run"], cwd=ROOT, env=environment, stdout=out, stderr=out)
    said_by = home / "run.json"

    def up() -> bool:
        assert process.poll() is None, (home / "output.txt").read_text()
        return said_by.exists() and said_by.read_text().endswith("}")

    try:
        eventually(up, "dev.py run leaves run.json", limit_s=100)
        yield Run(process, json.loads(said_by.read_text()))
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0, (home / "output.txt").read_text()


@pytest.fixture
def another_app(
    rendezvous: Run, sound: SoundCards, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., str]]:
    """Starts one more app process beside the two, with settings of its own; gives its address."""
    started: list[subprocess.Popen[bytes]] = []
    folder = tmp_path_factory.mktemp("another")

    def start(**settings: str) -> str:
        (port,) = free_ports(1)
        own = {"RENDEZVOUS_API_URL": rendezvous.said["backend_url"], "RENDEZVOUS_CALL_ENGINE": "native"} | settings
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
