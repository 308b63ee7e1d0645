"""No request of any content is answered 500, or in another shape than ours: every operation, signed in and not."""

import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.openapi.hostile import BODIES, UNKNOWN, Sent, wrong_fields
from tests.openapi.served import Served, served
from tests.stage.databases import start_databases

METHODS = ("get", "put", "post", "patch", "delete")
WRONG_IDS = ("%00", "%ff", "%ed%a0%80", "9" * 3_000, "..%2f..", "-1", "%F0%9F%98%80")
# What is not in the document and still answers anyone.
HIDDEN = (
    "POST /livekit/webhook",
    "POST /stripe/webhook",
    "GET /sandbox/checkout/{reference}",
    "POST /sandbox/checkout/{reference}/pay",
    "POST /sandbox/checkout/{reference}/cancel",
    "GET /sandbox/onboarding/{reference}",
    "POST /sandbox/onboarding/{reference}",
    "GET /sandbox/payouts/{reference}",
    "HEAD /health",
    "POST /nowhere",
)


def _operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    found = [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]
    return found + [(*line.split(), {}) for line in HIDDEN]  # type: ignore[misc]  # two words each


def _path(path: str, served: Served) -> str:
    known = {"session_id": served.sessions[0], "professional_id": served.professional.id, "slot_id": str(UNKNOWN)}
    names = re.findall(r"{(\w+)}", path)
    return path.format_map(dict.fromkeys(names, str(UNKNOWN)) | known | {"handle": "nobody-at-all"})


class Stranger:
    """Sends and looks at each answer; `met` counts by operation."""

    def __init__(self, served: Served, client: httpx.Client) -> None:
        self._served = served
        self._client = client
        self.met: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()

    def send(self, method: str, path: str, sent: Sent, who: dict[str, str]) -> None:
        address = _path(path, self._served) + (f"?{sent.query}" if sent.query else "")
        headers = [(name.encode(), value.encode("latin-1")) for name, value in (*sent.headers, *who.items())]
        answer = self._client.request(method, address, content=sent.content, headers=headers)
        asked = f"{method} {path}, {sent.name}, {'signed in' if who else 'nobody'}"
        said = f"{asked}: {answer.status_code} {answer.text[:300]}"
        self.met[f"{method} {path}"] += 1
        self.statuses[answer.status_code] += 1
        assert answer.status_code < 500, said
        assert len(answer.content) < 60_000, said
        if answer.status_code >= 400 and method != "HEAD" and "/sandbox/" not in path and not path.endswith("webhook"):
            shape = answer.json()
            assert {"error", "detail"} <= shape.keys(), said
            assert len(shape.get("fields") or {}) <= 20, said
            assert answer.headers["X-Content-Type-Options"] == "nosniff", said
            assert "X-Server-Time" in answer.headers, said


@pytest.mark.timeout(900)
def test_no_body_query_or_header_is_answered_500_or_in_another_shape(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    databases = start_databases(tmp_path)
    began = time.monotonic()
    with served(databases.new_database()) as backend, httpx.Client(base_url=backend.url, timeout=30) as client:
        document = client.get("/openapi.json").json()
        operations = _operations(document)
        stranger = Stranger(backend, client)
        for method, path, operation in operations:
            person = backend.professional if _for_professionals(path) else backend.user
            for sent in BODIES:
                for who in (person.headers, {}) if operation.get("security") else ({},):
                    stranger.send(method, path, sent, who)
            for sent in wrong_fields(operation, document):
                stranger.send(method, path, sent, person.headers if operation.get("security") else {})
            for wrong in WRONG_IDS if "{" in path else ():
                at = path[: path.index("{")] + wrong + path[path.index("}") + 1 :]
                stranger.send(method, at, Sent(f"id {wrong[:9]}"), person.headers)
        assert client.get("/health").status_code == 200
    databases.stop()
    assert all(stranger.met[f"{method} {path}"] >= len(BODIES) for method, path, _ in operations)
    assert {413, 414, 422, 431} <= stranger.statuses.keys(), stranger.statuses
    with capsys.disabled():
        total, took = sum(stranger.met.values()), time.monotonic() - began
        print(f"\n{len(operations)} operations, {total} hostile requests, {took:.0f} s: {dict(stranger.statuses)}")


def _for_professionals(path: str) -> bool:
    return path.startswith("/professional/") and "{professional_id}" not in path
