"""`python -m app` as a page for browsers, in a process of its own, on loopback."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.stage.livekit_server import free_ports
from tests.waiting import eventually
from tools import web_client
from tools.processes import answers

ROOT = Path(__file__).resolve().parents[2]


class WebProcess:
    """`start` returns once it answers; `kill` (SIGKILL) or `stop` (SIGTERM) ends it. Its address stays."""

    def __init__(self, folder: Path, api_url: str, **settings: str) -> None:
        (self.port,) = free_ports(1)
        self.log = folder / f"web-{self.port}.log"
        own = {"RENDEZVOUS_API_URL": api_url, "RENDEZVOUS_VIEW": "web", "RENDEZVOUS_PORT": str(self.port)}
        self._environment = os.environ | own | web_client.settings() | settings
        self._process: subprocess.Popen[bytes] | None = None
        self.start_s = 0.0
        """How long its last start took."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The one that runs."""
        assert self._process is not None, "not started"
        return self._process

    def start(self) -> "WebProcess":
        began = time.monotonic()
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "app"], cwd=ROOT, env=self._environment, stdout=out, stderr=out
            )

        def up() -> bool:
            assert self.process.poll() is None, self.log.read_text()
            return answers(f"{self.url}/alive")

        eventually(up, f"{self.url} answers", limit_s=100)
        self.start_s = time.monotonic() - began
        return self

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Its exit status."""
        self.process.terminate()
        return self.process.wait(20)
