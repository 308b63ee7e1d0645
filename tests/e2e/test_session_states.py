"""Every state of a session as people see it, over the fake backend: what no journey reaches at any hour of the day."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Playwright

from tests.e2e.conftest import PICTURES
from tests.e2e.driving import Person, open_browser
from tests.stage.livekit_server import free_ports
from tests.stage.product import ROOT
from tests.waiting import eventually
from tools.processes import answers

pytestmark = pytest.mark.timeout(300)


@dataclass(frozen=True)
class Look:
    """A state, the buttons pressed in it one after the other (patterns of names), and what is then to be read."""

    state: str
    sees: str
    presses: tuple[str, ...] = ()
    role: str = "user"
    large: bool = False

    @property
    def name(self) -> str:
        """Of its pictures."""
        verb = (
            {"Cancel": "cancel-", "Move": "move-", "Something": "report-"}.get(self.presses[0].split(" ")[0], "")
            if self.presses
            else ""
        )
        return (
            f"session-{verb}{self.state}"
            + ("-professional" if self.role == "professional" else "")
            + ("-large" * self.large)
        )


CANCEL, MOVE, A_TIME = "Cancel session", "Move to another time", r"^15:00 to "
LOOKS = (
    Look("full", "Free cancellation until today 22:00."),
    Look("full", "You get a full refund of $45.00.", (CANCEL,)),
    Look("half", "You get $22.50 back (half).", (CANCEL,)),
    Look("none", "You will not get a refund.", (CANCEL,)),
    Look("changed", "The refund has changed.", (CANCEL, "Cancel and get")),
    Look("refused", "It is over.", (CANCEL,)),
    Look("offline", "cannot be reached", (CANCEL,)),
    Look("begun", "It has already started, so it can no longer be cancelled."),
    Look("full", "From Tomorrow 10:00–10:45 to Tomorrow 15:00–15:45", (MOVE, A_TIME)),
    Look("full", "From Tomorrow 10:00–10:45 to Tomorrow 15:00–15:45", (MOVE, A_TIME), large=True),
    Look("half", "You get $22.50 back (half).", (CANCEL,), large=True),
    Look("half", "you get at most half back", (MOVE,)),
    Look("taken", "Free instead:", (MOVE, A_TIME, "^Move to tomorrow")),
    Look("moved", "Moved from tomorrow 10:00"),
    Look("moved-late", "Half refund, $22.50, until"),
    Look("refund-pending", "$22.50 is on its way back to you."),
    Look("refund-done", "$22.50 went back to you today 09:45."),
    Look("refund-failed", "We are trying again."),
    Look("by-the-professional", "Ada Lovelace cancelled."),
    Look("too-late", "You cancelled too late for a refund."),
    Look("absent-user", "You missed this session."),
    Look("absent-professional", "Ada Lovelace was there for less than half of your time."),
    Look("absent-both", "Neither of you showed up."),
    Look("absent-unclear", "Our servers could not tell who was there"),
    Look("full", "If you cancel, Grace Hopper gets a full refund.", role="professional"),
    Look("full", "Grace Hopper gets a full refund of $45.00.", (CANCEL,), role="professional"),
    Look("absent-user", "Grace Hopper missed this session.", role="professional"),
    Look("absent-professional", "Tell us what happened.", ("Something went wrong",)),
    Look("absent-professional", "Something went wrong", role="professional", large=True),
    Look("objected", "No money moves until we have looked into it."),
)


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


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_every_state_of_a_session_is_said_in_words(stage: str, someone: Person, look: Look) -> None:
    where = "upcoming" if look.role == "professional" else "my-sessions"
    someone.open(f"{stage}/{look.state}/{where}/booking-1{'?large' * look.large}", "Close")
    for press in look.presses:
        someone.page.get_by_role("button", name=re.compile(press)).first.click()
    someone.sees(look.sees)
    someone.picture(look.name)
