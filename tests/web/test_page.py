"""The page as a browser loads it: small, kept, from one host alone, installable, with letters of every script."""

from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Page, Request, Response

from tests.e2e.driving import Person
from tests.stage.backend_process import BackendProcess
from tests.stage.web_process import WebProcess
from tests.web.conftest import LAST_SCREENS

pytestmark = pytest.mark.timeout(200)
FIRST_TEXT = "Good to see you."
LEAST_FAMILIES = 11
FIRST_LOAD, SECOND_LOAD = 4_300_000, 100_000  # bytes; 3_700_000 as a deployment has them (`--small`)
NAMES = {
    "Arabic": "سارة الحسن",
    "Hebrew": "נעמה כהן",
    "Hindi": "प्रिया शर्मा",
    "Bengali": "অনন্যা সেন",
    "Tamil": "மீனா குமார்",
    "Thai": "สมหญิง ใจดี",
    "Chinese": "王小明",
    "Japanese": "山田さくら",
    "Korean": "김민지",
    "Georgian": "ნინო ბერიძე",
    "Armenian": "Անահիտ Պետրոսյան",
    "Emoji": "Nora 🎻🌿",
}


class Wiretap:
    """What the browser asks for and what comes, of one tab."""

    def __init__(self, page: Page) -> None:
        self.received = 0
        self.asked: list[Request] = []
        page.on("request", lambda request: self.asked.append(request))
        cdp = page.context.new_cdp_session(page)
        cdp.send("Network.enable")
        cdp.on("Network.loadingFinished", lambda event: self._count(event["encodedDataLength"]))
        cdp.on("Network.webSocketFrameReceived", lambda event: self._count(len(event["response"]["payloadData"])))

    def _count(self, size: float) -> None:
        self.received += int(size)


def test_a_first_load_is_small_a_second_nearly_nothing_and_nothing_leaves_the_host(
    person: Callable[[str], Person], web: WebProcess
) -> None:
    sam = person("Sam")
    refused: list[str] = []
    sam.page.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)
    tap = Wiretap(sam.page)
    sam.open(web.url, FIRST_TEXT)
    sam.page.wait_for_load_state("networkidle")  # what comes after the first screen, too
    assert 0 < tap.received <= FIRST_LOAD
    tap.received = 0
    sam.page.reload()
    sam.read_screen(FIRST_TEXT)
    assert tap.received <= SECOND_LOAD
    sam.press("Sign in as Sam")
    sam.press("Amara Diallo", exact=False)
    sam.sees("Calm, clear yoga")
    elsewhere = {urlsplit(request.url).netloc for request in tap.asked} - {urlsplit(web.url).netloc, ""}
    assert not {host for host in elsewhere if not any(host in line for line in refused)}, elsewhere
    answered = [request.url for request in tap.asked if host_of(request) in elsewhere and request.response()]
    assert answered == []


LARGE = """performance.getEntriesByType("resource")
    .filter((each) => each.name.includes("/c/") && each.transferSize > 50_000)
    .map((each) => [each.name.split("/").pop(), each.initiatorType, each.startTime])"""


def test_everything_large_is_asked_for_once_and_before_any_script_runs(
    person: Callable[[str], Person], web: WebProcess
) -> None:
    """Flutter's loader asks for one thing after the other: on a phone's network each turn costs a fifth of a second.
    A link that asks in another way than the loader would load it twice. What comes from the browser's cache again costs
    nothing.
    """
    sam = person("Sam")
    sam.open(web.url, FIRST_TEXT)
    large = sam.page.evaluate(LARGE)
    assert {"main.dart.wasm", "skwasm.wasm", "Inter-Regular.ttf", "Inter-SemiBold.ttf"} <= {
        name for name, _, _ in large
    }
    assert len(large) == len({name for name, _, _ in large}), large
    assert {kind for _, kind, _ in large} == {"link"}, large


def host_of(request: Request) -> str:
    return urlsplit(request.url).netloc


def test_names_in_every_script_are_drawn_with_letters_from_our_own_host(
    person: Callable[[str], Person], web: WebProcess, backend: BackendProcess
) -> None:
    """A box is drawn where a piece is not answered: every piece that the browser asks for has to be there. The picture
    is left in build/screenshots/scripts.png.
    """
    with httpx.Client(base_url=backend.url, timeout=60) as http:
        nora = next(each for each in http.get("/demo/people").json()["items"] if each["name"].startswith("Nora"))
        signed_in = http.post("/auth/sign-in", json={"email": nora["email"], "password": nora["password"]}).json()
        http.headers["Authorization"] = f"Bearer {signed_in['token']}"
        lines = "\n".join(f"{script}: {name}" for script, name in NAMES.items())
        assert http.patch("/professional/profile", json={"about": lines}).status_code == 200
    sam = person("Sam")
    answers: dict[str, int] = {}

    def note(answer: Response) -> None:
        if "/noto/noto" in answer.url:
            answers[answer.url] = answer.status

    sam.page.on("response", note)
    sam.open(f"{web.url}/professional/{signed_in['account']['id']}", "Full refund if Nora")
    wait_for(sam, lambda: len(families(answers)) >= LEAST_FAMILIES)
    sam.page.wait_for_load_state("networkidle")
    LAST_SCREENS.mkdir(parents=True, exist_ok=True)
    sam.page.screenshot(path=LAST_SCREENS / "scripts.png")
    assert {url: status for url, status in answers.items() if status != 200} == {}
    assert {"notosansarabic", "notosanshebrew", "notosansthai", "notocoloremoji"} <= families(answers)


def wait_for(someone: Person, look: Callable[[], bool]) -> None:
    """Playwright's events come only while it waits itself."""
    for _ in range(100):
        if look():
            return
        someone.page.wait_for_timeout(200)
    raise AssertionError("not within 20 s")


def families(answers: Iterable[str]) -> set[str]:
    return {urlsplit(url).path.split("/")[2] for url in answers}


def test_it_can_be_installed(person: Callable[[str], Person], web: WebProcess) -> None:
    """Chromium's own judgement: the manifest without errors, and a worker that has the page."""
    sam = person("Sam")
    sam.open(web.url, FIRST_TEXT)
    cdp = sam.context.new_cdp_session(sam.page)
    manifest = cdp.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["url"] == f"{web.url}/manifest.json"
    sam.page.wait_for_function("navigator.serviceWorker.ready.then((worker) => Boolean(worker.active))")
    assert cdp.send("Page.getInstallabilityErrors")["installabilityErrors"] in (
        [],
        [{"errorId": "in-incognito", "errorArguments": []}],
    )


def test_the_installed_app_says_that_nobody_answers_instead_of_the_browsers_error(
    person: Callable[[str], Person], web: WebProcess
) -> None:
    sam = person("Sam")
    sam.open(web.url, FIRST_TEXT)
    sam.page.wait_for_function("navigator.serviceWorker.ready.then((worker) => Boolean(worker.active))")
    sam.context.set_offline(True)
    sam.page.goto(f"{web.url}/my-sessions")
    sam.page.get_by_text("Trying again").or_(sam.page.get_by_text("Reconnecting")).first.wait_for()
    sam.context.set_offline(False)
    sam.read_screen(FIRST_TEXT)
