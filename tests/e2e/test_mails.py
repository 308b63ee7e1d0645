"""Mails as a mail program shows them: every kind, light and dark, narrow and wide."""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Playwright

from backend.mail.rules import MailKind
from backend.main import writer_of
from backend.settings import Settings
from tests.backend.mail.reading import part
from tests.backend.mail.test_letters import written
from tests.e2e.conftest import PICTURES
from tests.e2e.driving import THEMES, open_browser
from tests.stage.product import ROOT

AXE = ROOT / "callpage" / "node_modules" / "axe-core" / "axe.min.js"
LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff" * 2


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = open_browser(playwright)
    yield browser
    browser.close()


@pytest.mark.parametrize("theme", THEMES)
def test_every_kind_can_be_read_and_nothing_is_cut(browser: Browser, theme: Literal["light", "dark"]) -> None:
    settings = Settings(
        database_url="sqlite://",
        rendezvous_demo=True,
        public_url="https://api.example.com",
        web_app_url="https://app.example.com",
    )
    page = browser.new_page(color_scheme=theme)
    for kind in MailKind:
        page.set_content(part(written(writer_of(settings), kind, other=LONG_NAME), "text/html"))
        page.add_script_tag(path=AXE)
        for width in (320, 820):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (kind, width)
        faults = page.evaluate("async () => (await axe.run()).violations.map((each) => each.id)")
        assert not set(faults) & {"color-contrast", "link-name", "link-in-text-block", "document-title"}, (kind, faults)
        if PICTURES is not None:
            page.set_viewport_size({"width": 390, "height": 600})
            page.screenshot(path=PICTURES / f"mail-{kind}-{theme}.png", full_page=True)
    page.close()
