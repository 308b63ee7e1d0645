"""What the web app costs: bytes of a first and a second load; on a phone's network with a slow processor the time until
the sign-in form takes what is typed, and until the app itself is drawn; memory and processor of the serving process for
each idle session.

    python -m benchmarks.bench_web [--parts load,idle]
"""

import argparse
import asyncio
import datetime as dt
import json
import math
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from app.web.sealing import new_key, seal
from app.web.tabs import SIGN_IN
from benchmarks.process_cost import cpu_s, memory_mb
from tests.e2e.driving import open_browser
from tests.stage.backend_process import BackendProcess
from tests.stage.tab_client import TabClient
from tests.stage.web_process import WebProcess
from tools import web_client

RESULT = Path(__file__).parent / "results" / "bench_web.json"
SESSIONS = (1, 50, 200)
SETTLE_S, MEASURE_S, ASK_EVERY_S = 15.0, 30.0, 1.0
FOUR_G = {"latency": 170, "downloadThroughput": 9e6 / 8, "uploadThroughput": 9e6 / 8, "offline": False}
SLOWER_CPU = 4
ROUNDS = 3
FIRST_TEXT = "Good to see you."
EARLY_FIELD = "#loading input"
GONE_AFTER_MS = 3000
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
NEW_USER = {"role": "user", "name": "Ida Idle", "password": "a long enough password", "time_zone": "Europe/Berlin"}


@contextmanager
def product() -> Iterator[tuple[BackendProcess, Path]]:
    """A demo backend and a folder."""
    with tempfile.TemporaryDirectory() as folder:
        backend = BackendProcess(
            Path(folder) / "backend.log",
            DATABASE_URL=f"sqlite:///{folder}/rendezvous.db",
            LIVEKIT_URL="ws://127.0.0.1:9",
            LIVEKIT_API_KEY="key",
            LIVEKIT_API_SECRET="s" * 32,
            RENDEZVOUS_DEMO="1",
        ).start()
        assert backend.url
        yield backend, Path(folder)
        backend.stop()


class Load:
    """One load of the page in a tab: what came over the wire, and when the sign-in screen could be used."""

    def __init__(self, page: Page, slow: bool) -> None:
        self.received = 0
        self._page = page
        cdp = page.context.new_cdp_session(page)
        cdp.send("Network.enable")
        cdp.on("Network.loadingFinished", lambda event: self._count(event["encodedDataLength"]))
        cdp.on("Network.webSocketFrameReceived", lambda event: self._count(len(event["response"]["payloadData"])))
        if slow:
            cdp.send("Network.emulateNetworkConditions", FOUR_G)
            cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_CPU})

    def _count(self, size: float) -> None:
        self.received += int(size)

    def run(self, url: str) -> dict[str, float]:
        began, self.received = time.monotonic(), 0
        self._page.goto(url, wait_until="commit")
        typed_s = self._types(began)
        self._page.locator("flt-semantics-placeholder").dispatch_event("click")
        self._page.get_by_text(FIRST_TEXT).first.wait_for(state="attached")
        drawn_s = time.monotonic() - began
        self._page.wait_for_timeout(1500)  # what comes afterwards counts too
        return {
            "kilobytes": round(self.received / 1000, 1),
            "painted_s": round(self._page.evaluate(FIRST_PAINT) / 1000, 2),
            "usable_s": round(min(typed_s, drawn_s), 2),
            "app_s": round(drawn_s, 2),
        }

    def _types(self, began: float) -> float:
        """When the page's own form took what was typed; infinite where the app itself was there first."""
        self._page.locator(f"{EARLY_FIELD}, flt-semantics-placeholder").first.wait_for(state="attached")
        field = self._page.locator(EARLY_FIELD).first
        if not field.count():
            return math.inf
        try:
            field.fill("sam@example.com", timeout=GONE_AFTER_MS)
        except PlaywrightTimeout:  # a quick device: the app took over meanwhile
            return math.inf
        return time.monotonic() - began


def load_twice(browser: Browser, url: str, slow: bool) -> tuple[dict[str, float], dict[str, float]]:
    """In a browser profile that has never been there."""
    context = browser.new_context()
    context.set_default_timeout(120_000)
    load = Load(context.new_page(), slow)
    first, second = load.run(url), load.run(url)
    context.close()
    return first, second


def loads(url: str) -> dict[str, Any]:
    with sync_playwright() as playwright:
        browser = open_browser(playwright)
        quick = load_twice(browser, url, slow=False)
        slow = [load_twice(browser, url, slow=True) for _ in range(ROUNDS)]
        browser.close()
    best = sorted(first["usable_s"] for first, _ in slow)
    return {
        "first_kilobytes": quick[0]["kilobytes"],
        "second_kilobytes": quick[1]["kilobytes"],
        "first_picture_s_on_4g": sorted(first["painted_s"] for first, _ in slow),
        "first_usable_s_on_4g": best,
        "first_app_s_on_4g": sorted(first["app_s"] for first, _ in slow),
        "second_usable_s_on_4g": sorted(second["usable_s"] for _, second in slow),
        "first_usable_s_here": quick[0]["usable_s"],
    }


async def sign_in(backend: BackendProcess) -> tuple[str, dict[str, str]]:
    """A browser's cookie and what its tab keeps, of somebody new: the demo's people have a session that is about to
    begin, and its last minute counts down on the screen.
    """
    async with httpx.AsyncClient(base_url=backend.url) as http:
        answer = await http.post("/auth/sign-up", json={**NEW_USER, "email": f"{secrets.token_hex(4)}@example.com"})
    key = new_key()
    return key, {SIGN_IN: seal(key, json.dumps({"at": backend.url, "token": answer.json()["token"]}))}


async def idle(web: WebProcess, backend: BackendProcess, count: int) -> dict[str, float]:
    """So many people look at Find and do nothing; each tab asks once a second whether the server is there."""
    pid = web.process.pid
    empty_mb = memory_mb(pid)
    key, kept = await sign_in(backend)
    tabs = [TabClient(web.port, route="/find", kept=kept, cookie=key) for _ in range(count)]
    for tab in tabs:
        await tab.open()
        await tab.shows("Amara Diallo")
    asking = [asyncio.create_task(tab.ask_every(ASK_EVERY_S)) for tab in tabs]
    await asyncio.sleep(SETTLE_S)
    began, spent = time.monotonic(), cpu_s(pid)
    await asyncio.sleep(MEASURE_S)
    cpu = (cpu_s(pid) - spent) / (time.monotonic() - began)
    row = {
        "sessions": count,
        "memory_mb": round(memory_mb(pid), 1),
        "mb_each": round((memory_mb(pid) - empty_mb) / count, 2),
        "cpu_percent": round(100 * cpu, 2),
        "cpu_percent_each": round(100 * cpu / count, 3),
    }
    for task in asking:
        task.cancel()
    for tab in tabs:
        await tab.close()
    return row


def measure_idle(backend: BackendProcess, folder: Path) -> list[dict[str, float]]:
    """A process of its own for each number of sessions."""
    rows = []
    for count in SESSIONS:
        web = WebProcess(folder, backend.url).start()
        rows.append(asyncio.run(idle(web, backend, count)))
        web.kill()
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", default="load,idle", help="what is measured; the rest of the JSON stays")
    parts = parser.parse_args().parts.split(",")
    measured: dict[str, Any] = json.loads(RESULT.read_text("utf-8")) if RESULT.exists() else {}
    web_client.ensure(small=True)  # as a deployment has them
    with product() as (backend, folder):
        if "load" in parts:
            web = WebProcess(folder, backend.url).start()
            measured["load"] = loads(web.url)
            web.kill()
        if "idle" in parts:
            measured["idle"] = measure_idle(backend, folder)
    measured.pop("note", None)
    measured |= {
        "load_average": round(os.getloadavg()[0], 1),
        "cpus": os.cpu_count(),
        "at": dt.datetime.now(dt.UTC).date().isoformat(),
        "python": sys.version.split()[0],
    }
    for name, value in measured.get("load", {}).items():
        print(f"{name:24} {value}")
    for row in measured.get("idle", []):
        print("  ".join(f"{name} {value}" for name, value in row.items()))
    RESULT.write_text(json.dumps(measured, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
