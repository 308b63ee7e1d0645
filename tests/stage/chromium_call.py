"""A call on livekit-client in headless Chromium, for tests and benches: a page that asks here for orders."""

import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.stage.chromium import QUIET_FLAGS
from tests.stage.sound_cards import SoundCards
from tools.paths import HOME

PAGE = Path(__file__).resolve().parent / "callpage"
INSTALLED = HOME / "npm" / "callpage"
ANSWER_LIMIT_S = 60.0
_KINDS = {".html": "text/html", ".js": "text/javascript"}
FLAGS = (
    "--headless=new",
    *QUIET_FLAGS,
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--window-size=1280,800",
)


class NotHere(Exception):
    """Why Chromium cannot be had on this machine, in one sentence."""


def install_page() -> Path:
    """The page with the pinned livekit-client beside it, made once. Raises `NotHere`."""
    if shutil.which("chromium") is None:
        raise NotHere("Chromium is not installed.")
    library = INSTALLED / "node_modules" / "livekit-client" / "dist" / "livekit-client.umd.js"
    lock = (PAGE / "package-lock.json").read_bytes()
    kept = INSTALLED / "package-lock.json"
    if not library.exists() or not kept.exists() or kept.read_bytes() != lock:
        npm = shutil.which("npm")
        if npm is None:
            raise NotHere("npm is not installed, which livekit-client comes by.")
        INSTALLED.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(PAGE / name, INSTALLED / name)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        if subprocess.run(command, cwd=INSTALLED, stdout=subprocess.DEVNULL).returncode or not library.exists():
            kept.unlink(missing_ok=True)
            raise NotHere("npm could not install livekit-client.")
    return library


class CallPages:
    """Serves the page on loopback and carries orders and answers; one for all browsers of a run."""

    def __init__(self, library: Path) -> None:
        self._files = {
            "": PAGE / "index.html",
            "call.js": PAGE / "call.js",
            "livekit-client.umd.js": library,
            "e2ee.worker.js": library.with_name("livekit-client.e2ee.worker.js"),
        }
        self.orders: dict[str, queue.Queue[dict[str, Any]]] = {}
        self.answers: dict[str, queue.Queue[dict[str, Any]]] = {}
        pages = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                pages._get(self)

            def do_POST(self) -> None:
                name = parse_qs(urlsplit(self.path).query)["name"][0]
                said = self.rfile.read(int(self.headers["Content-Length"]))
                pages.answers[name].put(json.loads(said))
                _reply(self, 200, "application/json", b"{}")

            def log_message(self, *words: object) -> None:
                """Nothing: a run's output is its own."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def url(self, name: str) -> str:
        """Where the browser of this name begins; its orders and answers have their queues from then on."""
        self.orders[name], self.answers[name] = queue.Queue(), queue.Queue()
        return f"http://127.0.0.1:{self._server.server_port}/?name={name}"

    def _get(self, request: BaseHTTPRequestHandler) -> None:
        asked = urlsplit(request.path)
        what = asked.path.removeprefix("/")
        if what == "orders":
            order = self.orders[parse_qs(asked.query)["name"][0]].get()
            _reply(request, 200, "application/json", json.dumps(order).encode())
        elif (file := self._files.get(what)) is not None:
            _reply(request, 200, _KINDS[file.suffix], file.read_bytes())
        else:
            _reply(request, 404, "text/plain", b"not here")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


def _reply(request: BaseHTTPRequestHandler, status: int, kind: str, body: bytes) -> None:
    request.send_response(status)
    request.send_header("Content-Type", kind)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


class ChromiumClient:
    """A browser of its own with the page in it, on one sound card. `tell` an order, then take its `answer`.

    `picture` and `sound` are files in place of camera and microphone. Chromium takes a file as the camera only together
    with a microphone that is not real, so without them it has the card's microphone, and no camera.
    """

    def __init__(
        self, pages: CallPages, cards: SoundCards, card: str, picture: Path | None = None, sound: Path | None = None
    ) -> None:
        self._name, self._pages = f"on-{card}", pages
        self._profile = tempfile.mkdtemp(prefix="chromium-call-")
        made_up = [
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={picture}",
            f"--use-file-for-fake-audio-capture={sound}",
        ]
        flags = [*FLAGS, f"--user-data-dir={self._profile}", *(made_up if picture else [])]
        self._process = subprocess.Popen(
            ["chromium", *flags, pages.url(self._name)],
            env=os.environ | cards.environment(card) | {"PULSE_SOURCE": f"mouth_{card}"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.pid = self._process.pid

    def tell(self, order: dict[str, Any]) -> None:
        self._pages.orders[self._name].put(order)

    def answer(self) -> dict[str, Any]:
        """Raises `RuntimeError` with what the page said went wrong, or when it says nothing."""
        try:
            answer = self._pages.answers[self._name].get(timeout=ANSWER_LIMIT_S)
        except queue.Empty:
            raise RuntimeError("the page in Chromium does not answer") from None
        if "error" in answer:
            raise RuntimeError(f"the page in Chromium: {answer['error']}")
        return answer

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)
        shutil.rmtree(self._profile, ignore_errors=True)
