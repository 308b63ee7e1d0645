"""One provider hangs, or one kind of slow work is asked for without end: what the lists take meanwhile."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.backend.cases import Case, free_times
from benchmarks.backend.crowd import Crowd
from benchmarks.backend.filling import tokens_for
from benchmarks.backend.load import ROOT, Measured, Server, get, load, serving

KINDS = ("calm", "hashing", "photos", "LiveKit", "Stripe")
LATEST_S = 6.0  # once everything that can wait does
STRETCH_S = 2.0


def hanging(name: str, crowd: Crowd, url: str, logs: Path, rounds: int) -> Iterator[dict[str, Any]]:
    """A row for each list: p50 and p99 calm, and with each kind of slow work saturated; turn by turn."""
    professional, user = tokens_for(url, [crowd.busy_professional, crowd.busy_user])
    cases = [Case("my bookings", "/sessions/my-bookings", user), free_times(crowd)]
    found = {(case.name, kind): Measured() for case in cases for kind in KINDS}
    for _ in range(rounds):
        for kind in KINDS:
            with serving("hanging", url, logs / "hanging.log") as server, _pressed(server, kind, professional):
                for case in cases:
                    request = get(case.path, case.who)
                    load(server, lambda request=request: request, STRETCH_S, found[case.name, kind])  # type: ignore[misc]  # bound now
    for case in cases:
        rows = {kind: found[case.name, kind].row() for kind in KINDS}
        yield {"database": name, "what": case.name, "hanging": rows}


def line(row: dict[str, Any]) -> str:
    """A row of the table: p99 with each, and how many times calm that is."""
    calm = row["hanging"]["calm"]["p99_ms"]
    cells = [f"{kind} {one['p99_ms']:6.1f} ms x{one['p99_ms'] / calm:4.1f}" for kind, one in row["hanging"].items()]
    return f"{row['database']:10} {row['what']:22} p99: " + " | ".join(cells)


@contextmanager
def _pressed(server: Server, kind: str, token: str) -> Iterator[None]:
    if kind == "calm":
        yield
        return
    words = [sys.executable, "-m", "benchmarks.backend.press", str(server.port), kind, token]
    process = subprocess.Popen(words, cwd=ROOT)
    try:
        time.sleep(LATEST_S)
        assert process.poll() is None, "nothing is asked for"
        yield
        assert process.poll() is None, "it was no longer asked for"
    finally:
        process.kill()
        process.wait()
