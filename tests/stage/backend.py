"""A backend of the stage's own as a process, with the demo's people and their paid session, and a new database."""

import os
import subprocess
import sys
from pathlib import Path

from tests.stage.livekit_server import ROOT, LivekitServer, free_ports
from tests.waiting import eventually
from tools.processes import answers


class BackendProcess:
    """`start`, then `url`; `kill` is SIGKILL. It keeps its port and its database over a restart."""

    def __init__(self, folder: Path, livekit: LivekitServer) -> None:
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        self._log = folder / "backend.log"
        self._environment = os.environ | {
            "DATABASE_URL": f"sqlite:///{folder / 'rendezvous.db'}",
            "PORT": str(port),
            "LIVEKIT_URL": livekit.url,
            "LIVEKIT_API_KEY": livekit.key,
            "LIVEKIT_API_SECRET": livekit.secret,
            "RENDEZVOUS_DEMO": "1",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "BackendProcess":
        with self._log.open("ab") as log:
            self._process = process = subprocess.Popen(
                [sys.executable, "-m", "backend"], cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )

        def up() -> bool:
            assert process.poll() is None, self._log.read_text()[-2000:]
            return answers(f"{self.url}/health")

        eventually(up, "the backend answers", limit_s=60)
        return self

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None
