"""Every screen in a real window, at three sizes, by keyboard where there is a key for it.

`make pictures` leaves a picture of each in build/screenshots/desktop, for people to look at; without it none is taken,
for a window that draws in software takes seconds to stand still.
"""

import os

import pytest

from tests.desktop.conftest import Desktop
from tests.desktop.window import Window

pytestmark = pytest.mark.timeout(900)  # some sixty pictures on a busy machine
PICTURES_WANTED = bool(os.environ.get("RENDEZVOUS_PICTURES"))

NORA, SAM = "Nora Lindqvist", "Sam Okafor"
SIZES = ((1280, 800), (1920, 1080))
IN_CALL = "Time in the call"
"""A large video drawn in software stops now and then, and says so: the call is there all the same."""


class Pictures:
    """Takes each screen at each size; `scale` is GDK_SCALE, in names and in the screen's pixels."""

    def __init__(self, window: Window, sizes: tuple[tuple[int, int], ...], scale: int = 1) -> None:
        self._window = window
        self._sizes = sizes
        self._scale = scale

    def take(self, name: str, first_text: str, still: str = "") -> None:
        """`still` is there at every size; without it `first_text` is."""
        self._window.sees(first_text)
        for width, height in self._sizes:
            self._window.resize(width * self._scale, height * self._scale)
            self._window.sees(still or first_text)
            if PICTURES_WANTED:
                self._window.picture(f"{name}-{width}x{height}{f'@{self._scale}' if self._scale > 1 else ''}")


def walk_as_professional(nora: Window, pictures: Pictures) -> None:
    pictures.take("sign-in", "Sign in as Nora")
    nora.tap("Sign in as Nora")
    pictures.take("upcoming", "Next session")
    for number, name, text in ((2, "availability", "Add a time"), (3, "earnings", "Earned"), (4, "profile", "Save")):
        nora.press(f"ctrl+{number}")
        pictures.take(name, text)
    nora.tap("Settings")
    pictures.take("settings", "Appearance")


def walk_as_user(sam: Window, pictures: Pictures) -> None:
    sam.tap("Sign in as Sam")
    pictures.take("find", "Everyone")
    sam.tap("Grace Whitfield, ")
    pictures.take("microsite", "Back")
    sam.press("ctrl+2")
    pictures.take("my-sessions", "Next session")
    sam.press("ctrl+3")
    pictures.take("account", "Appearance")


@pytest.mark.parametrize(("scale", "sizes"), [(1, SIZES), (2, SIZES[:1])])
def test_every_screen_comes_at_every_size(desktop: Desktop, scale: int, sizes: tuple[tuple[int, int], ...]) -> None:
    hidpi = {"GDK_SCALE": str(scale)} if scale > 1 else {}
    nora, sam = desktop.open(f"nora-{scale}", **hidpi), desktop.open(f"sam-{scale}", **hidpi)
    of_nora, of_sam = Pictures(nora, sizes, scale), Pictures(sam, sizes, scale)
    walk_as_professional(nora, of_nora)
    walk_as_user(sam, of_sam)

    nora.press("ctrl+1")
    nora.tap("Start")
    of_nora.take("before-call", "Join")
    nora.tap("Join")
    of_nora.take("call-waiting", f"Waiting for {SAM.split()[0]}")
    sam.press("ctrl+2")
    sam.tap("Start")
    sam.tap("Join")
    sam.sees(f"Video of {NORA}, live")
    of_nora.take("call", f"Video of {SAM}, live", IN_CALL)
    nora.press("l")
    of_nora.take("call-side-by-side", "Show one large", IN_CALL)
    nora.press("question")
    of_nora.take("call-keys", "Keyboard shortcuts")
    nora.press("Escape")
    nora.tap("End call")
    of_nora.take("after-call", "You were together for")
