"""From a link that a professional shared to the paid session, on a phone; and the page itself, as browsers show it."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from tests.e2e.conftest import PICTURES
from tests.e2e.driving import FAKE_DEVICES, PATIENCE_MS, PHONE, Person, open_browser
from tests.e2e.inbox import confirm_email
from tests.stage.product import ROOT, Product

pytestmark = pytest.mark.timeout(300)
WIDTHS = (360, 390, 820, 1280)
NORA = "/p/nora-lindqvist"
PASSWORD = "correct horse battery"
SMALLEST_TARGET = 44
AXE = ROOT / "callpage" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = open_browser(playwright)
    yield browser
    browser.close()


@contextmanager
def opened(browser: Browser, url: str, **context: Any) -> Iterator[tuple[Page, list[str]]]:
    """The page in a context of its own, and the addresses it asked for with what the browser complained of."""
    given: dict[str, Any] = {"timezone_id": "Europe/Stockholm", "locale": "en-GB"} | context
    own: BrowserContext = browser.new_context(**given)
    own.set_default_timeout(PATIENCE_MS)
    page, noted = own.new_page(), list[str]()
    page.on("request", lambda request: noted.append(request.url))
    page.on("console", lambda message: noted.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: noted.append(f"error: {error}"))
    page.goto(url)
    yield page, noted
    own.close()


def picture(page: Page, name: str, folder: Path | None = PICTURES) -> None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"public-page-{name}.png", full_page=True)


def test_nothing_is_asked_of_anyone_else_and_nothing_is_refused(rendezvous: Product, browser: Browser) -> None:
    with opened(browser, rendezvous.backend_url + NORA) as (page, noted):
        expect(page.locator("#zone")).to_contain_text("your time zone (Stockholm)")
        assert not [each for each in noted if each.startswith(("console", "error"))]
        asked = {urlsplit(each).netloc for each in noted}
        assert asked == {urlsplit(rendezvous.backend_url).netloc}


def test_hours_stand_in_the_viewers_zone_and_clock(rendezvous: Product, browser: Browser) -> None:
    url = rendezvous.backend_url + NORA
    with opened(browser, url, java_script_enabled=False) as (page, _):
        plain = page.locator("time").all_text_contents()
        expect(page.locator("#zone")).to_contain_text("Nora Lindqvist's time zone (Stockholm)")
        instants = [each.get_attribute("datetime") for each in page.locator("time").all()]
    with opened(browser, url) as (page, _):
        assert page.locator("time").all_text_contents() == plain
    with opened(browser, url, timezone_id="Asia/Tokyo") as (page, _):
        expect(page.locator("#zone")).to_contain_text("your time zone (Tokyo)")
        assert [each.get_attribute("datetime") for each in page.locator("time").all()] == instants
        assert page.locator("time").all_text_contents() != plain
    with opened(browser, url, timezone_id="America/New_York", locale="en-US") as (page, _):
        assert all(re.fullmatch(r"\d{1,2}:\d\d [AP]M", words) for words in page.locator("time").all_text_contents())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_every_width_and_twice_the_text_and_can_be_hit_by_a_thumb(
    rendezvous: Product, browser: Browser, scheme: str
) -> None:
    with opened(browser, rendezvous.backend_url + NORA, color_scheme=scheme) as (page, _):
        for percent in (100, 200):
            page.evaluate("percent => document.documentElement.style.setProperty('font-size', `${percent}%`)", percent)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 844})
                overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                assert overflow == 0, (width, percent)
                picture(page, f"{width}-{percent}-{scheme}")
        for link in page.get_by_role("link").all():
            box = link.bounding_box()
            assert box is not None
            assert box["height"] >= SMALLEST_TARGET


def test_an_hour_stands_on_one_line_also_where_the_clock_counts_to_twelve(
    rendezvous: Product, browser: Browser
) -> None:
    given = {"timezone_id": "America/New_York", "locale": "en-US", "viewport": {"width": 390, "height": 844}}
    with opened(browser, rendezvous.backend_url + NORA, **given) as (page, _):
        expect(page.locator("#zone")).to_contain_text("New York")
        hours = page.locator(".times strong")
        assert any(re.search(r"\d\d:\d\d [AP]M", words) for words in hours.all_text_contents())
        for hour in hours.all():
            assert hour.evaluate(
                "hour => hour.getBoundingClientRect().height < 1.9 * parseFloat(getComputedStyle(hour).fontSize)"
            )
            assert hour.evaluate("hour => hour.parentElement.scrollWidth <= hour.parentElement.clientWidth")


def test_every_text_stands_out_from_its_ground(rendezvous: Product, browser: Browser) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1, by the colours that the browser computed."""
    for scheme in ("light", "dark"):
        with opened(browser, rendezvous.backend_url + NORA, color_scheme=scheme) as (page, _):
            assert page.evaluate(LOWEST_CONTRAST) >= 4.5, scheme


LOWEST_CONTRAST = """() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (colour) => colour.slice(0, 3).map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  let lowest = 21;
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.checkVisibility()) continue;
    const [one, other] = [light(rgb(getComputedStyle(element).color)), light(ground(element))].sort((a, b) => b - a);
    lowest = Math.min(lowest, (one + 0.05) / (other + 0.05));
  }
  return lowest;
}"""


@pytest.mark.parametrize("path", [NORA, "/p/nobody-at-all"])
def test_axe_finds_nothing(rendezvous: Product, browser: Browser, path: str) -> None:
    """https://github.com/dequelabs/axe-core, which the call page's set-up brings."""
    if not AXE.exists():
        pytest.skip("axe-core is not there: it comes with the call page's packages")
    for scheme in ("light", "dark"):
        # the page's own policy would keep axe out
        with opened(browser, rendezvous.backend_url + path, color_scheme=scheme, bypass_csp=True) as (page, _):
            page.evaluate(AXE.read_text("utf-8"))
            found = page.evaluate("async () => (await axe.run()).violations")
            assert [(each["id"], each["impact"], each["help"]) for each in found] == [], scheme


def test_it_can_be_used_by_keyboard_alone(rendezvous: Product, browser: Browser) -> None:
    with opened(browser, rendezvous.backend_url + NORA) as (page, _):
        hours = page.get_by_role("link", name=re.compile("^Book "))
        page.keyboard.press("Tab")
        expect(hours.first).to_be_focused()
        assert hours.first.evaluate("link => getComputedStyle(link).outlineStyle") == "solid"
        target = hours.first.get_attribute("href") or ""
        page.keyboard.press("Enter")
        page.wait_for_url(target)
    assert re.search(r"/professional/[0-9a-f-]{36}/\d{8}T\d{4}Z$", target)


def test_a_page_that_is_not_there_is_friendly(rendezvous: Product, browser: Browser) -> None:
    with opened(browser, rendezvous.backend_url + "/p/nobody-at-all", **PHONE) as (page, _):
        expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
        expect(page.get_by_role("link", name="Find someone on Rendezvous")).to_be_visible()
        picture(page, "missing")


def book_from_the_link(kim: Person, backend_url: str, nth: int, app_url: str = "") -> str:
    """Kim opens the shared link, chooses its `nth` hour, signs up, pays, and is back in the app, which is the one at
    `app_url` if given. Returns the e-mail of the new account.
    """
    kim.page.goto(backend_url + NORA)
    hour = kim.page.get_by_role("link", name=re.compile("^Book ")).nth(nth)
    words = re.match(r"Book (\d\d:\d\d)", hour.inner_text())
    assert words is not None
    if app_url:
        kim.page.goto(app_url + urlsplit(hour.get_attribute("href") or "").path)
    else:
        hour.tap()
    kim.read_screen("Nora Lindqvist")
    book = kim.button(f"Book {words[1]}", exact=False)
    book.wait_for()
    kim.picture_now("phone-chosen-hour")
    book.tap()
    kim.sees("Good to see you.")
    kim.press("Create an account")
    kim.sees("How will you use Rendezvous?")
    kim.enter("Name", "Kim Park")
    email = f"kim-{words[1].replace(':', '')}-{nth}@example.com"
    kim.enter("E-mail", email)
    kim.enter("Password", PASSWORD)
    kim.press("Create account")
    book = kim.button(f"Book {words[1]}", exact=False)
    book.wait_for()
    book.tap()
    confirm_email(kim, backend_url, email, "book")
    kim.sees("Held for you")
    kim.picture_now("phone-held")
    with kim.context.expect_page() as checkout:
        kim.button("Pay", exact=False).tap()
    checkout.value.get_by_role("button", name="Pay $", exact=False).first.tap()
    expect(checkout.value.get_by_text("Paid.")).to_be_visible()
    expect(checkout.value.get_by_role("link", name="Back to the app")).to_be_visible()
    kim.page.bring_to_front()
    kim.sees("Booked and paid")
    return email


def test_from_the_link_to_the_paid_session_on_a_phone(rendezvous: Product, person: Callable[..., Person]) -> None:
    kim = person("Kim", device=PHONE)
    book_from_the_link(kim, rendezvous.backend_url, nth=1)
    kim.picture_now("phone-booked")


def booked_session(backend_url: str, email: str) -> str:
    """The id of this person's one session."""
    signed_in = httpx.post(
        f"{backend_url}/auth/sign-in", json={"email": email, "password": PASSWORD}, timeout=60
    ).json()
    headers = {"Authorization": f"Bearer {signed_in['token']}"}
    found = httpx.get(
        f"{backend_url}/sessions/my-bookings", params={"when": "upcoming"}, headers=headers, timeout=60
    ).json()
    return str(found["items"][0]["id"])


def test_from_the_link_into_the_call_on_a_phone_with_the_professional_in_their_own_app(
    rendezvous: Product, person: Callable[..., Person], another_app: Callable[..., str]
) -> None:
    """The user has nothing but a browser: calls open on the call page. The professional has the native engine."""
    web_app = another_app(RENDEZVOUS_CALL_ENGINE="")
    kim, nora = person("Kim", device=PHONE, flags=FAKE_DEVICES), person("Nora")
    session = booked_session(rendezvous.backend_url, book_from_the_link(kim, rendezvous.backend_url, 2, web_app))
    rendezvous.let_room_close_in(session, timedelta(minutes=40))

    kim.page.goto(f"{web_app}/session/{session}")
    kim.read_screen("The call opens in a new tab. You see yourself there first.")
    kim.picture_now("phone-before-call")
    with kim.context.expect_page() as opened:
        kim.button("Join").tap()
    call = opened.value
    call.get_by_role("button", name="Join", exact=True).tap()
    expect(call.get_by_text("Waiting for Nora", exact=False).first).to_be_visible()
    kim.page.bring_to_front()
    kim.sees("You are in the call")

    nora.open(rendezvous.app_of("professional"), "Sign in")
    nora.press("Sign in as Nora")
    nora.sees("Next session")
    nora.page.goto(f"{rendezvous.app_of('professional')}/session/{session}")
    nora.read_screen("Session with Kim Park")
    nora.press("Join")
    nora.sees("Video of Kim Park, live")
    kim.sees("You and Nora Lindqvist are in the call")
    kim.picture_now("phone-beside-the-call")
    call.bring_to_front()
    expect(
        call.get_by_text("Video of Nora Lindqvist", exact=False).or_(call.locator(".tile.other video"))
    ).not_to_have_count(0)
    if PICTURES is not None:
        call.screenshot(path=PICTURES / "phone-in-call.png")

    call.get_by_role("button", name="End call", exact=True).tap()
    nora.sees("Kim Park has left")
    kim.page.bring_to_front()
    kim.sees("You were together for")
    kim.picture_now("phone-after-the-call")
    nora.press("End call")
