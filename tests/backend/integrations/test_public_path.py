"""A public address with a path: every page, form, redirect and photo is below it, whoever takes the path off."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from PIL import Image

from backend.auth.service import PasswordHasher
from backend.kit.database import Database
from backend.main import create_app
from backend.settings import Settings
from tests.backend.bookings.acting import GOOD_CARD
from tests.backend.stage import Backend, MovableClock, Person

PATH = "/rendezvous/api"


class Browser:
    """Follows addresses as a browser does, through a proxy that takes the path off or leaves it on."""

    def __init__(self, client: TestClient, *, proxy_strips: bool) -> None:
        self._client = client
        self._strips = proxy_strips

    def ask(self, method: str, url: str, **kwargs: Any) -> Response:
        """The answer at an absolute address or an absolute path; below nothing but PATH is there anything of ours."""
        parts = urlsplit(url)
        assert parts.path.startswith(PATH + "/"), f"{url} leads out of {PATH}"
        path = parts.path.removeprefix(PATH) if self._strips else parts.path
        answer: Response = self._client.request(
            method, f"{path}?{parts.query}" if parts.query else path, follow_redirects=False, **kwargs
        )
        if answer.is_redirect:
            return self.ask("GET", answer.headers["Location"])
        return answer

    def submit(self, answer: Response, wanted: str, data: dict[str, str]) -> Response:
        """Sends the form whose address ends with `wanted`."""
        actions = re.findall(r'action="([^"]+)"', answer.text)
        (action,) = [action for action in actions if action.endswith(wanted)]
        return self.ask("POST", action, data=data)


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(database_url=database_url, rendezvous_demo=True, public_url=f"https://example.test{PATH}/")


@pytest.fixture
def app(settings: Settings, clock: MovableClock, passwords: PasswordHasher) -> FastAPI:
    return create_app(settings, now=clock, passwords=passwords, run_worker=False)


@pytest.fixture
def backend(app: FastAPI, clock: MovableClock, database: Database) -> Iterator[Backend]:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Backend(client, clock, database)


@pytest.fixture(params=[True, False], ids=["taken off", "left on"])
def browser(request: pytest.FixtureRequest, backend: Backend) -> Browser:
    return Browser(backend.client, proxy_strips=request.param)


def onboarded(backend: Backend, browser: Browser) -> Person:
    professional = backend.professional(onboarded=False)
    shown = browser.ask("GET", professional.post("/professional/payouts", json={"country": "DE"}).json()["url"])
    assert browser.submit(shown, "", {}).status_code == 200
    assert professional.get("/professional/payouts").json()["state"] == "ready"
    return professional


def test_payouts_are_set_up_and_a_session_is_paid_below_the_path(backend: Backend, browser: Browser) -> None:
    professional, user = onboarded(backend, browser), backend.user()
    booking = user.post("/sessions/book", json={"slot_id": backend.slot(professional)["id"]}).json()
    page = browser.ask("GET", booking["checkout_url"])
    wrong = browser.submit(page, "/pay", GOOD_CARD | {"expiry": "01/20"})
    assert wrong.status_code == 422
    done = browser.submit(wrong, "/pay", GOOD_CARD)
    assert (done.status_code, "Paid." in done.text) == (200, True)
    assert user.get(f"/sessions/{booking['id']}").json()["status"] == "confirmed"


def test_backing_out_of_a_payment_stays_below_the_path(backend: Backend, browser: Browser) -> None:
    professional, user = onboarded(backend, browser), backend.user()
    booking = user.post("/sessions/book", json={"slot_id": backend.slot(professional)["id"]}).json()
    page = browser.ask("GET", booking["checkout_url"])
    assert "Nothing was paid." in browser.submit(page, "/cancel", {}).text


def test_a_photo_is_below_the_path(backend: Backend, browser: Browser) -> None:
    professional = backend.professional()
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(picture, "PNG")
    answer = professional.put("/professional/profile/photo", files={"photo": ("p", picture.getvalue(), "image/png")})
    assert answer.status_code == 200, answer.text
    assert browser.ask("GET", PATH + answer.json()["photo_url"]).headers["content-type"].startswith("image/")


def test_the_call_page_and_its_files_are_below_the_path(backend: Backend, browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "app-1.js").write_text("// the script")
    (tmp_path / "index.html").write_text('<script src="assets/app-1.js"></script>')
    state = backend.client.app.state  # type: ignore[attr-defined]  # an ASGI app in its type
    state.settings = state.settings.model_copy(update={"call_page_folder": tmp_path})
    at = f"https://example.test{PATH}/call/0b8e1c1e-7d49-4a36-9f0c-2f9b0f0b6a11"
    (source,) = re.findall(r'src="([^"]+)"', browser.ask("GET", at).text)
    assert browser.ask("GET", urljoin(at, source)).text == "// the script"


def test_an_error_below_the_path_has_the_one_shape(browser: Browser) -> None:
    assert browser.ask("GET", f"{PATH}/nowhere").json()["error"] == "NotFound"
    answer = browser.ask("DELETE", f"{PATH}/categories")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")
