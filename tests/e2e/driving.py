"""A person at a browser: finds things by role and label, as a screen reader would, and takes pictures on the way.

Flet draws on a canvas; its semantics tree, which screen readers use, is what is driven here.
"""

import contextlib
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, ViewportSize, expect

from tests.stage.chromium import QUIET_FLAGS
from tests.waiting import eventually

CHROMIUM = "/usr/bin/chromium"
WIDE, NARROW = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)
COMPUTER: Mapping[str, Any] = MappingProxyType({"viewport": WIDE})
PHONE: Mapping[str, Any] = MappingProxyType(
    {"viewport": NARROW, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
)
THEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
PATIENCE_MS, TRIES = 30_000, 3
LOOKS, LOOK_EVERY_MS = 8, 250
ONE_DRAWING_THREAD = "Object.defineProperty(window, 'crossOriginIsolated', { get: () => false })"
"""Flutter's web engine (skwasm) then draws in one thread. With two, without a GPU, page and drawing worker were seen
to spin on each other for ever on a loaded machine: both at 100 percent, half of it in the kernel, nothing drawn.
"""
SETTLE_MS = 500  # for pictures only, which people look at: the change of size or theme has been drawn by then


FAKE_DEVICES = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
"""A camera and a microphone of Chromium's own, which it may use without asking."""


def open_browser(playwright: Playwright, *flags: str) -> Browser:
    """Debian's Chromium, without a window."""
    return playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=[*QUIET_FLAGS, *flags])


class Person:
    """One person at a browser."""

    def __init__(
        self,
        browser: Browser,
        name: str,
        pictures: Path | None,
        zone: str,
        *,
        own_browser: bool = True,
        device: Mapping[str, Any] = COMPUTER,
    ) -> None:
        """`pictures` is the folder for them; None takes none. `own_browser`: closed with the person. `device` is what
        Playwright's context makes of the browser: a computer's or a phone's.
        """
        self.name = name
        self._pictures = pictures
        if pictures is not None:
            pictures.mkdir(parents=True, exist_ok=True)
        self._browser = browser
        self._own_browser = own_browser
        self.context: BrowserContext = browser.new_context(**device, timezone_id=zone, locale="en-GB")
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.add_init_script(ONE_DRAWING_THREAD)
        self.page: Page = self.context.new_page()

    def leave(self) -> None:
        """Closes the tab, and the browser where it is this person's own."""
        self.context.close()
        if self._own_browser:
            self._browser.close()

    def open(self, url: str, first_text: str) -> None:
        """Opens the app and turns its semantics tree on; `first_text` tells that the first frame is there."""
        self.page.goto(url)
        self.read_screen(first_text)

    def read_screen(self, first_text: str) -> None:
        """Turns the semantics on after a page load. The placeholder is there before the app's first frame."""
        self.page.locator("flt-semantics-placeholder").dispatch_event("click")
        self.sees(first_text)

    def sees(self, text: str, timeout_ms: int = PATIENCE_MS) -> Locator:
        """Waits until a text is on the screen, as text or as somebody's label."""
        found = self.page.get_by_text(text).or_(self.page.get_by_label(text)).first
        expect(found).to_be_attached(timeout=timeout_ms)
        return found

    def sees_no(self, text: str, timeout_ms: int = PATIENCE_MS) -> None:
        """Waits until a text has gone."""
        expect(self.page.get_by_text(text)).to_have_count(0, timeout=timeout_ms)

    def press(self, name: str, exact: bool = True) -> None:
        """Presses a button by its accessible name."""
        self.button(name, exact).click()

    def press_until(self, name: str, text: str) -> None:
        """Presses a button that has just come, and again if it moved away under the pointer, until a text is seen."""
        for _ in range(TRIES - 1):
            self.press(name)
            with contextlib.suppress(AssertionError):
                self.sees(text, PATIENCE_MS // TRIES)
                return
        self.press(name)
        self.sees(text)

    def go(self, tab: str) -> None:
        """Changes to a tab; Flutter names it with its place in the row."""
        self.page.get_by_role("button", name=re.compile(rf"^{tab}\s+Tab \d")).first.click()

    def button(self, name: str, exact: bool = True) -> Locator:
        """The button with this accessible name."""
        return self.page.get_by_role("button", name=name, exact=exact).first

    def enter(self, label: str, text: str, exact: bool = False) -> None:
        """Types into the field with this label until the field holds the text: Flutter swaps the input on focus.

        The field is given the focus as a screen reader gives it, wherever it is drawn: what had just come or gone above
        it moved it away under the pointer on a busy machine, and the click opened what stood there.
        """
        box = self.page.get_by_role("textbox", name=label, exact=exact).first
        for _ in range(3):
            eventually(lambda: self._takes_keyboard(box), f"{label} has the keyboard", every_s=0.5)
            self.page.keyboard.press("ControlOrMeta+a")
            self.page.keyboard.type(text, delay=15)
            if box.input_value() == text:
                return
        expect(box).to_have_value(text)

    def _takes_keyboard(self, box: Locator) -> bool:
        """Gives it the focus, again where Flutter has taken it away or was not ready; by a click where that fails."""
        if self._has_keyboard(box):
            return True
        box.focus()
        if not self._has_keyboard(box):
            box.click()
        return False

    @staticmethod
    def _has_keyboard(box: Locator) -> bool:
        """Not by `wait_for_function`: the page's policy forbids its `eval` when the first look was too early."""
        return bool(box.evaluate("(each) => each === document.activeElement"))

    def resize(self, viewport: ViewportSize) -> None:
        """Another window size, until the layout of that width is there: rail or bar."""
        self.page.set_viewport_size(viewport)
        expect(_rail(self.page) if viewport == WIDE else self.page.get_by_role("tab").first).to_be_attached()

    def picture(self, name: str) -> None:
        """Writes this person's screen as it is: one file per width and theme."""
        self.picture_of(self.page, name)

    def picture_now(self, name: str) -> None:
        """The screen as it is, in the size and theme that it has: for a phone, which has one."""
        if self._pictures is not None:
            (self._pictures / f"{name}.png").write_bytes(_still(self.page))

    def picture_of(self, page: Page, name: str) -> None:
        """The same of another tab."""
        if self._pictures is None:
            return
        framed = page.get_by_role("tab").or_(_rail(page)).count() > 0
        for size, viewport in (("wide", WIDE), ("narrow", NARROW)):
            for theme in THEMES:
                page.set_viewport_size(viewport)
                page.emulate_media(color_scheme=theme)
                if framed:  # the app lays itself out again over a round trip
                    expect(_rail(page) if viewport == WIDE else page.get_by_role("tab").first).to_be_attached()
                page.wait_for_timeout(SETTLE_MS if framed else 3 * SETTLE_MS)
                (self._pictures / f"{name}-{size}-{theme}.png").write_bytes(_still(page))
        page.set_viewport_size(WIDE)
        page.emulate_media(color_scheme="light")
        if framed:
            expect(_rail(page)).to_be_attached()
        page.wait_for_timeout(SETTLE_MS)  # nobody presses a button in the very moment in which the window changes


def _still(page: Page) -> bytes:
    """The screen once it has stopped moving: on a busy machine a change of theme fades for longer than it should. A
    countdown or a video never stops; it is taken as it is after some looks.
    """
    before = page.screenshot()
    for _ in range(LOOKS):
        page.wait_for_timeout(LOOK_EVERY_MS)
        now = page.screenshot()
        if now == before:
            break
        before = now
    return before


def _rail(page: Page) -> Locator:
    """The first tab of the wide layout's rail, which Flutter names with its place; a bar's have the role of tabs."""
    return page.get_by_role("button", name=re.compile(r"Tab 1 of")).first
