"""The states of a session as a browser draws them, over the fake backend: one of each layout, all with `make pictures`.

What is said in each of them is held by tests/app/bookings/test_session_states.py, in a hundredth of the time.
"""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright

from tests.app.stage.session_looks import LOOKS, Look
from tests.e2e.conftest import PICTURES
from tests.e2e.driving import Person, open_browser
from tests.stage.livekit_server import free_ports
from tests.stage.product import ROOT
from tests.waiting import eventually
from tools.processes import answers

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def stage() -> Iterator[str]:
    """The address of the screens over the fake backend, in a process of their own."""
    (port,) = free_ports(1)
    process = subprocess.Popen([sys.executable, "-m", "tests.app.stage.show_sessions", str(port)], cwd=ROOT)
    url = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: answers(url), f"{url} answers", limit_s=60)
        yield url
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One for all states: each has a context of its own, and no video is drawn here."""
    browser = open_browser(playwright)
    yield browser
    browser.close()


@pytest.fixture
def someone(browser: Browser) -> Iterator[Person]:
    visitor = Person(browser, "someone", PICTURES, "Europe/Berlin", own_browser=False)
    yield visitor
    visitor.leave()


SHOWN = [look for look in LOOKS if look.in_a_browser or PICTURES is not None]


@pytest.mark.parametrize("look", SHOWN, ids=lambda look: look.name)
def test_every_state_of_a_session_is_said_in_words(stage: str, someone: Person, look: Look) -> None:
    where = "upcoming" if look.role == "professional" else "my-sessions"
    someone.open(f"{stage}/{look.state}/{where}/booking-1{'?large' * look.large}", "Close")
    for press in look.presses:
        someone.page.get_by_role("button", name=re.compile(press)).first.click()
    someone.sees(look.sees)
    someone.picture(look.name)
