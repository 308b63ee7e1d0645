"""The page's own sign-in form: it is there while the app loads, and what is typed into it goes to the app."""

import secrets
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.driving import NARROW, PATIENCE_MS, Person
from tests.stage.backend_process import BackendProcess
from tests.stage.web_process import ROOT, WebProcess

pytestmark = pytest.mark.timeout(200)
AXE = ROOT / "callpage" / "node_modules" / "axe-core" / "axe.min.js"
APP = "**/main.dart.*"
PASSWORD = "a long enough password"
FORM = "#loading form"


class Slow:
    """A line over which the app itself comes only when it is let through."""

    def __init__(self, page: Page) -> None:
        self._held: list[Route] = []
        self._through = False
        page.route(APP, self._hold)

    def _hold(self, route: Route) -> None:
        if self._through:
            route.continue_()
        else:
            self._held.append(route)

    def let_through(self) -> None:
        self._through = True
        for route in self._held:
            route.continue_()
        self._held = []


@pytest.fixture
def email(backend: BackendProcess) -> str:
    """Of somebody who has an account."""
    address = f"{secrets.token_hex(4)}@example.com"
    said = {"role": "user", "name": "Ida Early", "email": address, "password": PASSWORD, "time_zone": "Europe/Berlin"}
    assert httpx.post(f"{backend.url}/auth/sign-up", json=said, timeout=60).status_code == 201
    return address


@pytest.fixture
def ida(person: Callable[[str], Person]) -> Person:
    return person("Ida")


@pytest.fixture
def line(ida: Person) -> Slow:
    return Slow(ida.page)


def typed(page: Page, email: str, password: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)


def test_whoever_signs_in_before_the_app_is_there_is_in_it_when_it_comes(
    ida: Person, line: Slow, web: WebProcess, email: str
) -> None:
    ida.page.goto(web.url)
    typed(ida.page, email, PASSWORD)
    ida.page.keyboard.press("Enter")
    expect(ida.page.get_by_role("button", name="Signing in …")).to_be_visible()
    line.let_through()
    ida.read_screen("Find")
    expect(ida.page.locator("#loading")).to_have_count(0)
    assert PASSWORD not in web.log.read_text()


def test_what_was_typed_and_not_sent_stands_in_the_apps_form(
    ida: Person, line: Slow, web: WebProcess, email: str
) -> None:
    ida.page.goto(web.url)
    typed(ida.page, email, PASSWORD)
    line.let_through()
    ida.page.locator("flutter-view").wait_for(state="attached")
    expect(ida.page.locator(FORM)).to_be_visible()  # its field has the keyboard: no key is lost in between
    ida.page.mouse.click(5, 5)
    expect(ida.page.locator("#loading")).to_have_count(0, timeout=PATIENCE_MS)
    ida.read_screen("Good to see you.")
    ida.press("Sign in")
    ida.sees("Find")


def test_a_click_on_the_button_after_the_app_has_come_signs_in(
    ida: Person, line: Slow, web: WebProcess, email: str
) -> None:
    ida.page.goto(web.url)
    typed(ida.page, email, PASSWORD)
    line.let_through()
    ida.page.locator("flutter-view").wait_for(state="attached")
    ida.page.locator(FORM).get_by_role("button", name="Sign in").click()
    ida.read_screen("Find")


def test_a_wrong_password_is_said_in_the_app(ida: Person, line: Slow, web: WebProcess, email: str) -> None:
    ida.page.goto(web.url)
    typed(ida.page, email, "not the password")
    ida.page.keyboard.press("Enter")
    line.let_through()
    ida.read_screen("Good to see you.")
    ida.sees("E-mail or password is wrong.")
    ida.page.get_by_role("textbox", name="E-mail").click()  # Flutter tells a screen reader what is in it only then
    expect(ida.page.get_by_role("textbox", name="E-mail")).to_have_value(email)


def test_an_empty_form_is_not_sent_and_leads_to_what_is_missing(ida: Person, line: Slow, web: WebProcess) -> None:
    ida.page.goto(web.url)
    ida.page.get_by_label("E-mail").press("Enter")
    ida.page.get_by_label("E-mail").fill("ida@example.com")
    ida.page.keyboard.press("Enter")
    expect(ida.page.get_by_label("Password")).to_be_focused()
    expect(ida.page.get_by_role("button", name="Sign in")).to_be_visible()
    line.let_through()


def test_it_is_reached_by_keyboard_named_for_screen_readers_and_fits_a_phone(
    ida: Person, line: Slow, web: WebProcess
) -> None:
    ida.page.set_viewport_size(NARROW)
    ida.page.goto(web.url)
    expect(ida.page.get_by_role("heading", name="Sign in")).to_be_visible()
    for name in ("E-mail", "Password", "Sign in"):
        ida.page.keyboard.press("Tab")
        focused = ida.page.locator(":focus")
        expect(focused).to_have_accessible_name(name)
        box = focused.bounding_box()
        assert box is not None
        assert box["x"] >= 16
        assert box["x"] + box["width"] <= NARROW["width"] - 16
        assert box["height"] >= 48
    line.let_through()


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not there: it comes with the call page's packages")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_it(browser: Browser, web: WebProcess, scheme: str) -> None:
    """https://github.com/dequelabs/axe-core; the page's own policy would keep it out."""
    context = browser.new_context(bypass_csp=True, color_scheme="dark" if scheme == "dark" else "light")
    page = context.new_page()
    line = Slow(page)
    page.goto(web.url)
    expect(page.locator(FORM)).to_be_visible()
    page.evaluate(
        "Promise.all(document.getAnimations().filter((each) => each.effect.getTiming().iterations === 1)"
        ".map((each) => each.finished))"
    )
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations")
    assert [(each["id"], each["help"]) for each in found] == []
    line.let_through()
    context.close()


@pytest.mark.parametrize("path", ["/find", "/sign-up", "/forgotten", "/p/nora-lindqvist"])
def test_where_nobody_has_to_sign_in_there_is_none(ida: Person, line: Slow, web: WebProcess, path: str) -> None:
    ida.page.goto(f"{web.url}{path}")
    ida.page.wait_for_timeout(1500)  # twice as long as it takes to come; nothing tells that it does not
    expect(ida.page.locator(FORM)).to_have_count(0)
    line.let_through()


def test_whoever_is_signed_in_is_not_asked_again(ida: Person, line: Slow, web: WebProcess, email: str) -> None:
    ida.page.goto(web.url)
    typed(ida.page, email, PASSWORD)
    ida.page.keyboard.press("Enter")
    line.let_through()
    ida.read_screen("Find")
    again = Slow(ida.page)
    ida.page.reload()
    ida.page.wait_for_timeout(1500)  # as above
    expect(ida.page.locator(FORM)).to_have_count(0)
    again.let_through()
    ida.read_screen("Find")
