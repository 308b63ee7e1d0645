"""Every screen on a phone and a small tablet, with text as it is and twice as large: nothing stands out at a side.

What the semantics tree says is measured; what only an eye sees is in the pictures (`make pictures`). How large
a thumb's targets are is not measured: Flutter enlarges them on a phone's system, which this browser is not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import ViewportSize

from tests.e2e.driving import PHONE, Person
from tests.stage.product import Product

pytestmark = pytest.mark.timeout(300)
SIZES = tuple(ViewportSize(width=width, height=height) for width, height in ((360, 740), (390, 844), (820, 1180)))
CASES = (("", "normal"), ("", "largest"), ("user", "normal"), ("user", "largest"), ("professional", "normal"))
LOOK_EVERY_MS, MOST_LOOKS = 120, 25
MEASURE = """
() => {
  const named = (node) => node.getAttribute("aria-label") || node.textContent.trim().slice(0, 60) || node.id;
  const scrolls = (node, way) => ["scroll", "auto"].includes(getComputedStyle(node)[way]);
  const within = (node, way) => {
    for (let above = node.parentElement; above; above = above.parentElement) if (scrolls(above, way)) return above;
    return null;
  };
  const found = { wide: [], texts: 0 };
  found.scrolls = document.documentElement.scrollWidth > innerWidth;
  for (const node of document.querySelectorAll("flt-semantics")) {
    const box = node.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    const pressed = node.matches("[role=button], [role=tab], [role=checkbox], [role=switch], [role=radio], [role=link],"
      + "[flt-tappable], :has(> input), :has(> textarea)");
    const text = !node.querySelector("flt-semantics") && named(node);
    if (!pressed && !text) continue;
    found.texts += 1;
    if (!within(node, "overflowX") && (box.left < -1 || box.right > innerWidth + 1))
      found.wide.push(`${named(node)}: ${Math.round(box.left)} to ${Math.round(box.right)}`);
  }
  return found;
}
"""
"""What stands out at a side. A list that scrolls sideways may hold more than is seen."""


@dataclass(frozen=True)
class Screen:
    """Where it is, the buttons that lead on from there (parts of their names), and what is then to be read."""

    path: str
    sees: str
    presses: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Of its pictures."""
        return f"{self.path.strip('/')}{'-details' * bool(self.presses)}"


SCREENS = {
    "": (
        Screen("/sign-in", "Good to see you."),
        Screen("/sign-up", "Create account"),
        Screen("/find", "Amara Diallo"),
    ),
    "user": (
        Screen("/find", "Calm, clear yoga", ("Amara Diallo",)),
        Screen("/my-sessions", "Next session"),
        Screen("/my-sessions", "If it is cancelled", ("Details",)),
        Screen("/account", "Change password"),
    ),
    "professional": (
        Screen("/upcoming", "Next session"),
        Screen("/availability", "Add a time on"),
        Screen("/earnings", "Week by week"),
        Screen("/profile", "Headline"),
        Screen("/settings", "Change password"),
    ),
}
"""By who sees them; "" is somebody who is not signed in."""
FIRST_NAMES = {"user": "Sam", "professional": "Nora"}


def settled(someone: Person) -> dict[str, Any]:
    """What is measured, once two looks agree: a change of size goes to the server and back."""
    before: dict[str, Any] = {}
    for _ in range(MOST_LOOKS):
        someone.page.wait_for_timeout(LOOK_EVERY_MS)
        now: dict[str, Any] = someone.page.evaluate(MEASURE)
        if now == before and now["texts"]:
            return now
        before = now
    return before


def faults_of(someone: Person, name: str) -> list[str]:
    """At every size."""
    found: list[str] = []
    for size in SIZES:
        someone.page.set_viewport_size(size)
        look = settled(someone)
        where = f"{name} {size['width']}"
        found += [f"{where}: cut off at a side: {each}" for each in look["wide"]]
        found += [f"{where}: the page scrolls sideways"] * look["scrolls"]
        someone.picture_now(f"phone-{name.replace('/', '-')}-{size['width']}")
    return found


@pytest.mark.parametrize(("role", "text"), CASES)
def test_every_screen_fits_a_phone(rendezvous: Product, person: Callable[..., Person], role: str, text: str) -> None:
    someone = person(FIRST_NAMES.get(role, "Guest"), device=PHONE)
    kept = f"localStorage.setItem('flutter.rendezvous.text_size', JSON.stringify('{text}'))"
    someone.context.add_init_script(kept)  # where Flet's client keeps the app's own choice
    url = rendezvous.app_of(role or "user")
    if role:
        someone.open(url, "Sign in")
        someone.press(f"Sign in as {FIRST_NAMES[role]}")
        someone.sees("Sam" if role == "professional" else "Amara Diallo")
    found: list[str] = []
    for screen in SCREENS[role]:
        someone.page.set_viewport_size(SIZES[1])
        someone.page.goto(url + screen.path)
        someone.read_screen(screen.sees if not screen.presses else screen.presses[0])
        for name in screen.presses:
            someone.press(name, exact=False)
        someone.sees(screen.sees)
        found += faults_of(someone, screen.name + "-large" * (text == "largest"))
    assert not found, "\n".join(found)
