"""The web app as its visitors have it: a demo backend, one process that serves the page, a wire between, a browser."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.e2e.driving import Person, open_browser
from tests.stage.backend_process import BackendProcess
from tests.stage.web_process import ROOT, WebProcess
from tests.stage.wire import Wire

LAST_SCREENS = ROOT / "build" / "screenshots"


@pytest.fixture(scope="session")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackendProcess]:
    """With the demo's people; nobody calls here, so LiveKit is only a name."""
    folder = tmp_path_factory.mktemp("backend")
    process = BackendProcess(
        folder / "backend.log",
        DATABASE_URL=f"sqlite:///{folder / 'rendezvous.db'}",
        LIVEKIT_URL="ws://127.0.0.1:9",
        LIVEKIT_API_KEY="key",
        LIVEKIT_API_SECRET="s" * 32,
        RENDEZVOUS_DEMO="1",
    ).start()
    assert process.url
    yield process
    process.stop()


@pytest.fixture(scope="session")
def web(backend: BackendProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebProcess]:
    process = WebProcess(tmp_path_factory.mktemp("web"), backend.url).start()
    yield process
    assert process.stop() == 0, process.log.read_text()


@pytest.fixture
def wire(web: WebProcess) -> Iterator[Wire]:
    """The way to the page; its address is another one than the page's own."""
    wire = Wire(web.port)
    yield wire
    wire.stop()


@pytest.fixture(scope="module")  # its loop runs until it ends, and no test of another file can have one meanwhile
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = open_browser(playwright)
    yield browser
    browser.close()


@pytest.fixture
def person(browser: Browser) -> Iterator[Callable[..., Person]]:
    """Makes people, each with cookies and storage of their own, in one browser."""
    LAST_SCREENS.mkdir(parents=True, exist_ok=True)
    people: list[Person] = []

    def make(name: str, pictures: Path | None = None) -> Person:
        people.append(Person(browser, name, pictures, "Europe/Berlin", own_browser=False))
        return people[-1]

    yield make
    for someone in people:
        with contextlib.suppress(PlaywrightTimeout):  # a picture of a failure must not hide it
            someone.page.screenshot(path=LAST_SCREENS / f"last-web-{someone.name}.png", timeout=5_000)
        someone.leave()
