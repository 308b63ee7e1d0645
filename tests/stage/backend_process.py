"""`python -m backend` as a process of its own, on loopback, with a port that the system chooses."""

import os
import re
import subprocess
import sys
from pathlib import Path

from backend.settings import Settings
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]


def environment(**settings: str) -> dict[str, str]:
    """This process's environment without settings of the backend's, and with these."""
    own = {field.upper() for field in Settings.model_fields}
    inherited = {name: value for name, value in os.environ.items() if name not in own}
    return {**inherited, "PYTHONPATH": str(ROOT), "PORT": "0", **settings}


class BackendProcess:
    """`start` begins it and does not wait; `url` waits until it serves; `kill` (SIGKILL) or `stop` (SIGTERM) ends it.

    Its settings stay over a restart; the port is another each time.
    """

    def __init__(self, log: Path, **settings: str) -> None:
        self.log = log
        self._environment = environment(**settings)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "BackendProcess":
        with self.log.open("wb") as out:
            words = [sys.executable, "-m", "backend"]
            self._process = subprocess.Popen(words, env=self._environment, stdout=out, stderr=out, cwd=ROOT)
        return self

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The one that runs."""
        assert self._process is not None, "not started"
        return self._process

    @property
    def url(self) -> str:
        """Its address, once it serves. Raises AssertionError with its log if it ends before or takes two minutes."""

        def served() -> str | None:
            said = self.log.read_text()
            assert self.process.poll() is None, said
            found = re.search(r'serves on (http://[^\s"]+)', said)
            return found[1] if found and "startup complete" in said else None

        return eventually(served, "the backend serves", limit_s=120)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Its exit status."""
        self.process.terminate()
        return self.process.wait(60)
