"""The stage: a real backend with its demo session, a real LiveKit, and a Chromium for each of the two people.

Their cameras are numbered frames, their microphones tones.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Playwright, async_playwright

from backend.demo.people import NORA, PASSWORD, SAM
from tests.callpage.people import LEFT_WHILE_REPAIRING, TORN_DOWN, Guest, Member, member
from tests.e2e.driving import CHROMIUM
from tests.stage.browser_files import write_picture_file, write_sound_file
from tests.stage.chromium import QUIET_FLAGS
from tests.stage.demo_backend import DemoBackend
from tests.stage.livekit_server import LivekitServer
from tests.stage.shared_picture import TITLE
from tests.stage.sound_cards import tone

NUMBERS = {"professional": range(3000, 3060), "user": range(7000, 7060)}
HZ = {"professional": 660, "user": 440}
APP_URL = "http://127.0.0.1:9/app"
Enter = Callable[..., Awaitable[Guest]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One event loop for all of this folder: the browsers live on it. Starting them belongs to the first test's time;
    each step has its own limit.
    """
    for item in (each for each in items if Path(__file__).parent in each.path.parents):
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(300))
        if pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def livekit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivekitServer]:
    server = LivekitServer(tmp_path_factory.mktemp("livekit")).start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def backend(tmp_path_factory: pytest.TempPathFactory, livekit: LivekitServer) -> Iterator[DemoBackend]:
    folder = tmp_path_factory.mktemp("backend")
    backend = DemoBackend(folder, livekit, WEB_APP_URL=APP_URL, RATE_LIMITS="off").start()
    yield backend
    backend.kill()


@pytest.fixture(scope="session")
def nora(backend: DemoBackend) -> Member:
    return member(backend.url, "professional", NORA.name, NORA.email, PASSWORD)


@pytest.fixture(scope="session")
def sam(backend: DemoBackend) -> Member:
    return member(backend.url, "user", SAM.name, SAM.email, PASSWORD)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as playwright:
        yield playwright


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browsers(
    playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[dict[str, Browser]]:
    """By role: each has a camera and a microphone of its own."""
    folder: Path = tmp_path_factory.mktemp("media")
    started: dict[str, Browser] = {}
    for role, numbers in NUMBERS.items():
        picture = write_picture_file(folder / f"{role}.y4m", numbers, 640, 360)
        sound = write_sound_file(folder / f"{role}.wav", tone(HZ[role], 20))
        media = (
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={picture}",
            f"--use-file-for-fake-audio-capture={sound}",
            f"--auto-select-tab-capture-source-by-title={TITLE}",
        )
        started[role] = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            headless=True,
            args=[*QUIET_FLAGS, *media],
            ignore_default_args=["--mute-audio"],  # the sound of a tab that is shared would be silence
        )
    yield started
    for browser in started.values():
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def enter(browsers: dict[str, Browser]) -> AsyncIterator[Enter]:
    """Puts people at their pages; all have left at the end, and no page may have broken."""
    guests: list[Guest] = []

    async def make(who: Member, **details: Any) -> Guest:
        guests.append(await Guest.at(browsers[who.role], who, **details))
        return guests[-1]

    yield make
    for guest in guests:
        await guest.leave()
    assert {trouble for guest in guests for trouble in guest.broken} <= {LEFT_WHILE_REPAIRING, TORN_DOWN}
