"""The demo's payment page, as browsers show it: axe-core finds nothing, and a keyboard alone pays."""

import datetime as dt
import secrets
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from backend.demo.people import NORA
from tests.e2e.driving import open_browser
from tests.e2e.inbox import code_for
from tests.e2e.test_public_page import AXE, opened
from tests.stage.product import Product

WIDTHS = (360, 1280)
MOST_TABS = 20


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = open_browser(playwright)
    yield browser
    browser.close()


@pytest.fixture
def payment_page(rendezvous: Product) -> Iterator[str]:
    """Of an hour that somebody new holds until the test is over."""
    email = f"{secrets.token_hex(4)}@example.com"
    account = {"email": email, "password": "a long enough password", "name": "Ida Hold", "role": "user"}
    with httpx.Client(base_url=rendezvous.backend_url, timeout=60) as api:
        signed_in = api.post("/auth/sign-up", json={**account, "time_zone": "Europe/Berlin"}).json()
        api.headers["Authorization"] = f"Bearer {signed_in['token']}"
        api.post("/auth/me/email-code")
        api.post("/auth/me/email-code/confirm", json={"code": code_for(rendezvous.backend_url, email)})
        booking = api.post("/sessions/book", json={"slot_id": free_slot(api)}).json()
        yield booking["checkout_url"]
        api.post(f"/sessions/{booking['id']}/release")


def free_slot(api: httpx.Client) -> str:
    """Of whoever has one in the next days, but Nora: other journeys book her hours."""
    people = [each for each in api.get("/professionals").json()["items"] if each["name"] != NORA.name]
    for day in range(1, 8):
        date = (dt.datetime.now(dt.UTC) + dt.timedelta(days=day)).date().isoformat()
        for each in people:
            found = api.get(f"/professional/{each['id']}/availability", params={"date": date, "tz": "Europe/Berlin"})
            if items := found.json()["items"]:
                return str(items[0]["id"])
    raise AssertionError("nobody in the demo has a free hour")


def faults(page: Page) -> list[tuple[str, str]]:
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations")
    return [(each["id"], each["help"]) for each in found]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_before_and_after_a_card_is_declined(
    payment_page: str, browser: Browser, width: int, scheme: str
) -> None:
    size = {"width": width, "height": 800}
    # the page's own policy would keep axe out
    with opened(browser, payment_page, color_scheme=scheme, bypass_csp=True, viewport=size) as (page, _):
        assert faults(page) == []
        page.get_by_role("button", name="4000 0000 0000 0002").click()
        page.get_by_role("button", name="Pay $", exact=False).click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert faults(page) == []


def test_a_keyboard_alone_pays(payment_page: str, browser: Browser) -> None:
    def to(what: str) -> None:
        for _ in range(MOST_TABS):
            if page.locator(f":focus{what}").count():
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not lead to {what}")

    with opened(browser, payment_page) as (page, _):
        for field, typed in (("card_number", "4242424242424242"), ("expiry", "12/40"), ("cvc", "123")):
            to(f"#{field}")
            page.keyboard.press("ControlOrMeta+a")
            page.keyboard.type(typed)
        to("#submit")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", "it is seen where one is"
        page.keyboard.press("Enter")
        expect(page.get_by_text("Paid.")).to_be_visible()
