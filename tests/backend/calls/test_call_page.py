"""The call page: its files and their headers, and what it may ask with its room's token."""

from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.auth.service import PasswordHasher
from backend.calls.endpoints.page_files import page_files, page_headers
from backend.main import create_app
from backend.settings import Settings
from tests.backend.stage import Backend, MovableClock, Person
from tests.fakes.call_rooms import FakeCallRooms

JOIN_ID = "0123456789abcdef"
SCRIPT = b"the script"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """As callpage/build.mjs leaves it."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_bytes(b"<!doctype html><title>the page</title>")
    for name, content in {"app-1.js": SCRIPT, "app-1.js.gz": b"by gzip", "app-1.js.br": b"by brotli"}.items():
        (tmp_path / "assets" / name).write_bytes(content)
    return tmp_path


@pytest.fixture
def app(
    settings: Settings, clock: MovableClock, passwords: PasswordHasher, rooms: FakeCallRooms, built: Path
) -> FastAPI:
    settings = settings.model_copy(update={"call_page_folder": built, "web_app_url": "https://app.test"})
    return create_app(settings, now=clock, passwords=passwords, call_rooms=rooms, run_worker=False)


class Page:
    """The page of one person, opened by their call link."""

    def __init__(self, client: TestClient, person: Person, booking: dict[str, Any]) -> None:
        link = person.post(f"/sessions/{booking['id']}/generate-call-link").json()
        self.token = link["access_token"]
        self._client, self._at = client, f"/call/{booking['id']}"

    def ask(self, method: str, what: str, **details: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        return self._client.request(method, f"{self._at}/{what}", headers=headers, **details)

    def join(self, join_id: str = JOIN_ID, *, rejoin: bool = False) -> Any:
        return self.ask("POST", "join", json={"join_id": join_id, "rejoin": rejoin})


@pytest.fixture
def page(backend: Backend, user: Person, booking: dict[str, Any]) -> Page:
    return Page(backend.client, user, booking)


def outcome(answer: Any) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("error")


# -- its files


def test_the_page_is_the_built_one_and_is_never_kept(backend: Backend, booking: dict[str, Any]) -> None:
    answer = backend.client.get(f"/call/{booking['id']}")
    assert "the page" in answer.text
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("accepted", "encoding", "content"),
    [
        ("gzip, deflate, br", "br", b"by brotli"),
        ("gzip", "gzip", b"by gzip"),
        ("br;q=0, gzip", "gzip", b"by gzip"),
        ("identity", None, SCRIPT),
    ],
)
def test_its_files_go_out_packed_as_the_browser_takes_them_and_are_kept_for_ever(
    backend: Backend, accepted: str, encoding: str | None, content: bytes
) -> None:
    with backend.client.stream("GET", "/call/assets/app-1.js", headers={"Accept-Encoding": accepted}) as answer:
        raw = b"".join(answer.iter_raw())
    assert (answer.headers.get("Content-Encoding"), raw) == (encoding, content)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert answer.headers["Content-Type"].startswith("text/javascript")


@pytest.mark.parametrize("name", ["app-2.js", "app-1.js.gz", "..%2Findex.html", "%2e%2e/index.html", "index.html"])
def test_nothing_else_is_served(backend: Backend, name: str) -> None:
    assert backend.client.get(f"/call/assets/{name}").status_code == 404


@pytest.mark.parametrize("session_id", ["abc", "1", "%3Cscript%3E"])
def test_a_malformed_session_has_no_call_page(backend: Backend, session_id: str) -> None:
    assert backend.client.get(f"/call/{session_id}").status_code == 404


def test_where_it_is_not_built_the_page_says_so_and_takes_the_token_away(
    settings: Settings, booking: dict[str, Any], backend: Backend, tmp_path: Path
) -> None:
    backend.client.app.state.settings = settings.model_copy(update={"call_page_folder": tmp_path / "none"})  # type: ignore[attr-defined]  # an ASGI app in its type
    answer = backend.client.get(f"/call/{booking['id']}")
    assert answer.status_code == 200
    assert "Calls cannot be opened in a browser here" in answer.text
    assert "history.replaceState" in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")


# -- its headers


def directives(policy: str) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in policy.split(";"))
    return {name: value for name, _, value in parts}


def test_the_policy_lets_the_page_run_its_own_files_and_reach_us_and_our_media_server(
    backend: Backend, booking: dict[str, Any]
) -> None:
    headers = backend.client.get(f"/call/{booking['id']}").headers
    policy = directives(headers["Content-Security-Policy"])
    assert policy["connect-src"] == "'self' ws://livekit.test http://livekit.test"
    assert policy.pop("connect-src")
    assert policy == {
        "default-src": "'none'",
        **dict.fromkeys(("script-src", "style-src", "font-src", "img-src", "media-src", "worker-src"), "'self'"),
        **dict.fromkeys(("base-uri", "form-action", "frame-ancestors"), "'none'"),
        "require-trusted-types-for": "'script'",
        "trusted-types": "encryption-worker",
    }
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    for allowed in ("camera=(self)", "microphone=(self)", "display-capture=(self)"):
        assert allowed in headers["Permissions-Policy"]


@pytest.mark.parametrize(
    ("url", "sources"),
    [
        ("wss://livekit.example.com", "wss://livekit.example.com https://livekit.example.com"),
        ("ws://127.0.0.1:7880", "ws://127.0.0.1:7880 http://127.0.0.1:7880"),
        ("wss://[::1]:7880/path", "wss://[::1]:7880 https://[::1]:7880"),
        ("https://calls.example.com", "wss://calls.example.com https://calls.example.com"),
        (
            "wss://ours.livekit.cloud",
            "wss://ours.livekit.cloud https://ours.livekit.cloud wss://*.livekit.cloud https://*.livekit.cloud",
        ),
        ("", ""),
    ],
)
def test_the_media_server_is_reached_by_its_web_socket_and_by_http(url: str, sources: str) -> None:
    policy = directives(page_headers(url)["Content-Security-Policy"])
    assert policy["connect-src"] == f"'self' {sources}".strip()


# -- what it may ask


def test_the_page_learns_of_its_session_and_the_way_back(page: Page, booking: dict[str, Any]) -> None:
    said = page.ask("GET", "facts").json()
    assert (said["own_name"], said["own_role"], said["other_name"]) == ("Sam Vale", "user", "Nora Berg")
    assert (said["problem"], said["app_url"]) == (None, f"https://app.test/session/{booking['id']}")
    assert said["closes_at"] == booking["join_closes_at"].replace(".000", "")


def test_without_a_token_the_way_back_is_all_that_is_told(backend: Backend, booking: dict[str, Any]) -> None:
    at = f"/call/{booking['id']}"
    assert backend.client.get(f"{at}/way-back").json() == {"app_url": f"https://app.test/session/{booking['id']}"}
    assert outcome(backend.client.get(f"{at}/facts")) == (401, "NotSignedIn")


def test_a_join_gives_a_token_of_its_own_for_our_media_server(page: Page, rooms: FakeCallRooms) -> None:
    said = page.join().json()
    assert said == {"livekit_url": "ws://livekit.test", "access_token": "token-2"}
    assert rooms.passes[1].identity == rooms.passes[0].identity


def test_a_page_and_an_app_of_one_person_are_two_devices(page: Page, user: Person, booking: dict[str, Any]) -> None:
    app_join = "app-app-app-app-app"
    assert page.join().status_code == 200
    assert page.join(rejoin=True).status_code == 200
    link = f"/sessions/{booking['id']}/generate-call-link"
    assert user.post(link, json={"join_id": app_join}).status_code == 200
    assert outcome(page.join(rejoin=True)) == (409, "JoinedElsewhere")
    assert page.join("another-page-another-page").status_code == 200
    assert outcome(user.post(link, json={"join_id": app_join, "rejoin": True})) == (409, "JoinedElsewhere")


def test_who_is_there_is_told(page: Page, rooms: FakeCallRooms, booking: dict[str, Any], professional: Person) -> None:
    rooms.rooms[f"session_{booking['id']}"] = {f"professional_{professional.id}"}
    assert page.ask("GET", "presence").json() == {"present": ["professional"]}
    rooms.down = True
    assert outcome(page.ask("GET", "presence")) == (503, "ServiceUnavailable")


def test_how_the_call_ran_is_kept(page: Page, user: Person, booking: dict[str, Any]) -> None:
    answer = page.ask("PUT", "quality", json={"measured_s": 60, "own_rating": "good"})
    assert answer.json()["user"]["measured_s"] == 60


@pytest.fixture
def questions() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        ("GET", "facts", {}),
        ("GET", "presence", {}),
        ("POST", "join", {"json": {"join_id": JOIN_ID}}),
        ("PUT", "quality", {"json": {"measured_s": 60, "own_rating": "good"}}),
    ]


def test_a_token_whose_time_is_over_is_refused(
    page: Page, rooms: FakeCallRooms, questions: list[tuple[str, str, dict[str, Any]]]
) -> None:
    rooms.expired.add(page.token)
    for method, what, details in questions:
        assert outcome(page.ask(method, what, **details)) == (401, "CallLinkExpired")


@pytest.mark.parametrize("token", ["", "nonsense", "token-999", "token-1x"])
def test_a_token_that_is_not_ours_is_refused(
    page: Page, token: str, questions: list[tuple[str, str, dict[str, Any]]]
) -> None:
    page.token = token
    for method, what, details in questions:
        assert outcome(page.ask(method, what, **details)) in {(401, "CallLinkInvalid"), (401, "NotSignedIn")}


def test_an_accounts_token_is_none_of_a_room(page: Page, user: Person) -> None:
    page.token = user.token
    assert outcome(page.ask("GET", "facts")) == (401, "CallLinkInvalid")


def test_a_token_of_another_session_is_refused(
    backend: Backend, page: Page, questions: list[tuple[str, str, dict[str, Any]]], rooms: FakeCallRooms
) -> None:
    own = rooms.passes[0]
    rooms.passes[0] = type(own)("session_0b8e1c1e-7d49-4a36-9f0c-2f9b0f0b6a11", own.identity, "", "user", own.valid_for)
    for method, what, details in questions:
        assert outcome(page.ask(method, what, **details)) == (401, "CallLinkInvalid")


@pytest.mark.parametrize("whose", ["a stranger's", "another role's", "nobody's", "no one of ours"])
def test_a_token_of_somebody_else_is_refused(backend: Backend, page: Page, rooms: FakeCallRooms, whose: str) -> None:
    own = rooms.passes[0]
    identities = {
        "a stranger's": f"user_{backend.user().id}",
        "another role's": own.identity.replace("user_", "professional_"),
        "nobody's": "user_0b8e1c1e-7d49-4a36-9f0c-2f9b0f0b6a11",
        "no one of ours": "recorder_1",
    }
    rooms.passes[0] = type(own)(own.room_name, identities[whose], "", "user", own.valid_for)
    assert outcome(page.ask("GET", "facts")) == (401, "CallLinkInvalid")


def test_a_session_that_is_over_or_cancelled_is_named(
    backend: Backend, page: Page, user: Person, booking: dict[str, Any]
) -> None:
    backend.clock.move(minutes=90)
    assert page.ask("GET", "facts").json()["problem"] == "SessionOver"
    assert outcome(page.join()) == (409, "SessionOver")


def test_the_files_are_read_once_they_are_there(tmp_path: Path) -> None:
    assert page_files(tmp_path).index is None
    (tmp_path / "index.html").write_bytes(b"<!doctype html>")
    assert page_files(tmp_path).index == b"<!doctype html>"
    assert page_files(tmp_path) is page_files(tmp_path)
