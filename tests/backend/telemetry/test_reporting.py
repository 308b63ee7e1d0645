"""What is reported of an unforeseen error, as a server that speaks Sentry's protocol receives it."""

import gzip
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import brotli
import pytest

UNPACK = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}
PROGRAM = """
import logging, sys
from backend.kit.telemetry.context import begin_request, note_account
from backend.kit.telemetry.reporting import report_errors

def broken(password):
    raise RuntimeError("cannot read nora@example.com with Bearer abc.def")

report_errors(sys.argv[1])
begin_request("request-1")
note_account("account-1")
try:
    broken("swordfish")
except RuntimeError as error:
    logging.getLogger("backend.kit.http").error("GET %s failed", "/nora@example.com", exc_info=error)
"""


@pytest.fixture
def received() -> Iterator[tuple[str, list[bytes]]]:
    """A DSN, and what has come in there."""
    bodies: list[bytes] = []

    class Sentry(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            bodies.append(UNPACK[self.headers.get("Content-Encoding", "")](body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Sentry)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://key@127.0.0.1:{server.server_port}/1", bodies
    server.shutdown()
    thread.join()
    server.server_close()


def run(dsn: str) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, dsn], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_an_error_is_reported_with_its_place_and_without_what_people_wrote(received: tuple[str, list[bytes]]) -> None:
    dsn, bodies = received
    run(dsn)
    events = [json.loads(line) for body in bodies for line in body.splitlines() if b'"exception"' in line]
    (event,) = events
    (raised,) = event["exception"]["values"]
    assert (raised["type"], raised["value"]) == ("RuntimeError", "cannot read [address] with Bearer [token]")
    assert raised["stacktrace"]["frames"][-1]["function"] == "broken"
    assert event["tags"] == {"request_id": "request-1", "account_id": "account-1"}
    everything = b"".join(bodies).decode()
    assert not [word for word in ("swordfish", "nora@", "abc.def") if word in everything]


def test_nothing_is_reported_where_nobody_asked_for_it(received: tuple[str, list[bytes]]) -> None:
    _, bodies = received
    run("")
    assert bodies == []
