"""Every line of the log has the same fields, in JSON or in words, and holds nothing that people wrote."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.kit.telemetry.logs import configure_logs, formatter
from backend.settings import Settings
from tests.backend.stage import PASSWORD, Backend

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Everything that is logged from now on, as an operator's programs read it."""
    written, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter("json"))
    before, root_level = list(root.handlers), root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield lambda: [
        said
        for line in written.getvalue().splitlines()
        if (said := json.loads(line))["logger"] != "httpx"  # the tests' own client
    ]
    root.handlers = before
    root.setLevel(root_level)


def broken(password: str) -> None:
    raise RuntimeError(f"cannot read {password}@example.com of Bearer abc.def")


def test_a_request_is_one_line_with_its_route_its_id_and_who_asked(backend: Backend, lines: Lines) -> None:
    user = backend.user("Sam Vale")
    answer = user.get("/sessions/my-bookings", params={"when": "upcoming"})
    said = [each for each in lines() if each["logger"] == "backend.kit.telemetry.requests"][-1]
    assert said["event"] == "GET /sessions/my-bookings 200"
    assert said["route"] == "/sessions/my-bookings"
    assert (said["level"], said["account_id"]) == ("info", user.id)
    assert said["request_id"] == answer.headers["X-Request-Id"]
    assert said["time"].endswith("Z")
    assert said["took_ms"] >= 0


def test_an_id_of_a_proxy_is_kept_where_it_is_one(client: TestClient) -> None:
    assert (
        client.get("/categories", headers={"X-Request-Id": "abcdef-123456"}).headers["X-Request-Id"] == "abcdef-123456"
    )
    for wrong in ("short", "a b c d e f g h", "x" * 65, "nora@example.com"):
        assert client.get("/categories", headers={"X-Request-Id": wrong}).headers["X-Request-Id"] != wrong


def test_nobody_is_named_where_nobody_is_signed_in_and_no_query_is_told(client: TestClient, lines: Lines) -> None:
    client.get("/professionals", params={"q": "panic attacks"})
    said = lines()[-1]
    assert "account_id" not in said
    assert "panic" not in json.dumps(lines())


def test_whoever_watches_leaves_no_line_until_something_is_wrong(client: TestClient, lines: Lines) -> None:
    client.get("/health")
    assert not [each for each in lines() if each.get("route") == "/health"]
    client.post("/health")
    assert lines()[-1]["event"] == "POST /health 405"


def test_an_unforeseen_error_has_its_type_words_and_places_and_nothing_that_was_typed(
    app: FastAPI, client: TestClient, lines: Lines
) -> None:
    app.add_api_route("/breaks", lambda: broken(PASSWORD.split()[0]), methods=["GET"], include_in_schema=False)
    try:
        answer = client.get("/breaks")
    finally:
        app.router.routes.pop()
    assert answer.status_code == 500
    said = next(each for each in lines() if each["level"] == "error")
    assert said["event"] == "GET /breaks failed"
    assert said["error"] == "RuntimeError: cannot read [address] of Bearer [token]"
    assert said["places"][-1].endswith("broken")
    assert said["request_id"] == answer.headers["X-Request-Id"]
    assert PASSWORD.split()[0] not in json.dumps(said)


def test_text_is_for_people() -> None:
    written = io.StringIO()
    record = logging.LogRecord("backend.worker", logging.WARNING, "", 0, "%s lags", ("send refunds",), None)
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter("text"))
    handler.emit(record)
    assert written.getvalue()[8:] == " WARNING backend.worker: send refunds lags\n"


def test_libraries_are_quiet_and_uvicorn_speaks_as_we_do() -> None:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    written = io.StringIO()
    try:
        configure_logs("json", written)
        logging.getLogger("httpx").info("GET https://api.stripe.com/?key=1")
        logging.getLogger("uvicorn.error").info("Application startup complete.")
    finally:
        root.handlers = before
        root.setLevel(level)
    (said,) = [json.loads(line) for line in written.getvalue().splitlines()]
    assert (said["logger"], said["event"]) == ("uvicorn.error", "Application startup complete.")


def test_the_demo_speaks_to_people_and_everything_else_to_machines() -> None:
    assert Settings(rendezvous_demo=True).log_format == "text"
    assert Settings().log_format == "json"
    assert Settings(log_format="text").log_format == "text"
