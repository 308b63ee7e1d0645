"""Every answer has the server's time, every error the one shape, and no log more than it may."""

import asyncio
import json
import logging
from datetime import datetime

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.auth.service import PasswordHasher
from backend.kit.database import Database
from backend.kit.http import DatabaseDep
from backend.kit.telemetry.logs import formatter
from backend.main import create_app
from backend.settings import Settings
from tests.backend.stage import START, Backend, MovableClock, Person


@pytest.fixture
def app(settings: Settings, clock: MovableClock, passwords: PasswordHasher) -> FastAPI:
    """Each test's own: they add to it."""
    return create_app(settings, now=clock, passwords=passwords, run_worker=False)


def test_every_answer_carries_the_servers_time(backend: Backend) -> None:
    for path in ("/categories", "/nowhere", "/auth/me"):
        assert backend.client.get(path).headers["X-Server-Time"] == "2027-03-01T09:00:00.000Z"
    assert datetime.fromisoformat("2027-03-01T09:00:00.000Z") == START


def test_an_unknown_address_is_answered_in_the_common_shape(client: TestClient) -> None:
    answer = client.get("/nowhere")
    assert (answer.status_code, answer.json()) == (404, {"error": "NotFound", "detail": "This does not exist."})


def test_a_wrong_method_is_answered_in_the_common_shape(client: TestClient) -> None:
    answer = client.delete("/categories")
    assert (answer.status_code, answer.json()["error"]) == (405, "MethodNotAllowed")
    assert answer.headers["Allow"] == "GET"


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/auth/me", {"GET", "PATCH"}),
        ("/professional/profile/photo", {"PUT", "DELETE"}),
        ("/professional/sessions/availability", {"GET", "POST"}),
    ],
)
def test_a_method_that_a_path_does_not_know_is_answered_with_all_that_it_knows(
    client: TestClient, path: str, methods: set[str]
) -> None:
    answer = client.options(path)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == methods


def test_a_body_beyond_the_limit_is_refused_before_it_is_read(user: Person) -> None:
    answer = user.patch("/auth/me", content=b"x" * 7_000_000)
    assert (answer.status_code, answer.json()["error"]) == (413, "PayloadTooLarge")


def test_a_body_of_unknown_length_is_refused_once_it_is_too_large(user: Person) -> None:
    chunks = (b"x" * 1_000_000 for _ in range(7))
    answer = user.patch("/auth/me", content=chunks)
    assert (answer.status_code, answer.json()["error"]) == (413, "PayloadTooLarge")


def test_an_unforeseen_failure_tells_no_details_and_logs_none_of_what_was_typed(
    app: FastAPI, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("sam@example.com")

    with caplog.at_level(logging.DEBUG):
        answer = client.get("/broken?token=abc")
    assert answer.status_code == 500
    assert answer.json() == {
        "error": "InternalError",
        "detail": "Something went wrong on our side. Please try again.",
    }
    assert "X-Server-Time" in answer.headers
    lines = [formatter("json").format(record) for record in caplog.records if record.name.startswith("backend")]
    logged = "\n".join(lines)
    assert "RuntimeError: [address]" in logged
    assert "/broken failed" in logged
    assert "sam@example.com" not in logged
    assert "abc" not in logged


def test_a_database_that_does_not_answer_is_service_unavailable(app: FastAPI, client: TestClient) -> None:
    @app.get("/busy")
    def busy() -> None:
        raise OperationalError("SELECT 1", {}, Exception("locked"))

    answer = client.get("/busy")
    assert (answer.status_code, answer.json()["error"]) == (503, "ServiceUnavailable")


def test_what_an_endpoint_wrote_is_committed_before_its_answer_leaves(app: FastAPI, database: Database) -> None:
    seen: list[int] = []

    class Look:
        """Counts the accounts at the moment at which an answer begins to leave."""

        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            async def looking(message: Message) -> None:
                if message["type"] == "http.response.start":
                    with database.read() as session:
                        seen.append(session.scalar(text("SELECT count(*) FROM accounts")) or 0)
                await send(message)

            await self.app(scope, receive, looking)

    app.add_middleware(Look)
    with TestClient(app) as client:
        Backend(client, MovableClock(), database).user()
    assert seen == [1]


def test_what_a_failing_endpoint_wrote_is_rolled_back(app: FastAPI, backend: Backend, user: Person) -> None:
    @app.post("/half-done")
    def half_done(database: DatabaseDep) -> None:
        with database.write() as session:
            session.execute(text("UPDATE accounts SET name = 'changed'"))
            raise RuntimeError

    assert backend.client.post("/half-done").status_code == 500
    assert user.get("/auth/me").json()["name"] == "Sam Vale"


async def test_many_who_read_and_write_at_once_are_all_answered(app: FastAPI, backend: Backend) -> None:
    people = [backend.user() for _number in range(4)]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://backend.test") as client:
        requests = [
            request
            for _round in range(15)
            for person in people
            for request in (
                client.patch("/auth/me", json={"name": "Changed"}, headers=person.headers),
                client.get("/professionals"),
                client.get("/auth/me", headers=person.headers),
            )
        ]
        answers = await asyncio.wait_for(asyncio.gather(*requests), 15)  # a standstill would last 20 s
    assert {answer.status_code for answer in answers} == {200}


def test_the_openapi_document_describes_errors_of_every_protected_endpoint(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    lacking = [
        f"{method} {path}"
        for path, methods in paths.items()
        for method, operation in methods.items()
        if operation.get("security") and "401" not in operation["responses"]
    ]
    assert lacking == []


def test_what_only_a_photo_may_be_is_too_large_for_anything_else(user: Person) -> None:
    answer = user.patch("/auth/me", content=b"x" * 70_000)
    assert (answer.status_code, answer.json()["error"]) == (413, "PayloadTooLarge")
    assert answer.headers["Content-Type"] == "application/json"
    assert "X-Server-Time" in answer.headers


def test_a_photo_of_unknown_length_is_refused_once_it_is_too_large(professional: Person) -> None:
    chunks = (b"x" * 1_000_000 for _ in range(60))
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = professional.put("/professional/profile/photo", content=chunks, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (413, "PayloadTooLarge")


def test_at_most_twenty_fields_are_named(client: TestClient) -> None:
    answer = client.post("/auth/sign-in", json={f"unknown{number}": 1 for number in range(3_000)})
    assert (answer.status_code, len(answer.json()["fields"])) == (422, 20)
    assert len(answer.content) < 2_000


def test_a_field_whose_name_is_no_text_is_refused(client: TestClient) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client.post("/auth/sign-in", content=b'{"\\ud800": 1}', headers=headers)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["body"])


@pytest.mark.parametrize("field", ["password", "current_password", "new_password"])
def test_a_password_of_half_a_surrogate_pair_is_refused(user: Person, field: str) -> None:
    path = "/auth/sign-in" if field == "password" else "/auth/me/password"
    good = (
        {"email": user.account["email"]} if field == "password" else {"current_password": "x", "new_password": "y" * 9}
    )
    headers = {"Content-Type": "application/json", **user.headers}
    content = json.dumps({**good, field: "\ud800" * 9}).encode()
    answer = user.client.post(path, content=content, headers=headers)
    assert (answer.status_code, answer.json()["fields"]) == (422, {field: "Please use plain text."})


def test_what_is_answered_in_json_is_kept_nowhere_and_taken_for_nothing_else(client: TestClient) -> None:
    for path in ("/categories", "/nowhere", "/auth/me"):
        headers = client.get(path).headers
        assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_watchers_may_ask_by_head(client: TestClient, path: str) -> None:
    answer = client.head(path)
    assert (answer.status_code, answer.content) == (200, b"")


def test_an_address_or_headers_of_hostile_size_are_refused(client: TestClient) -> None:
    assert client.get("/professionals?q=" + "a" * 9_000).json()["error"] == "AddressTooLong"
    assert client.get("/" + "a" * 9_000).status_code == 414
    assert client.get("/health", headers={"X-Long": "a" * 33_000}).json()["error"] == "HeadersTooLarge"
    assert client.get("/health", headers={f"X-{number}": "a" for number in range(101)}).status_code == 431


def test_an_address_with_nul_is_not_found(client: TestClient) -> None:
    assert client.get("/sandbox/checkout/%00").json() == {"error": "NotFound", "detail": "This does not exist."}
