"""Several `python -m backend` on one database, killed at random and started again."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import httpx

from tests.stage.livekit_server import free_ports
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]


class Backends:
    """`count` processes, from `with` on; `urls` are those of all, dead or alive."""

    def __init__(self, count: int, environment: Mapping[str, str], folder: Path) -> None:
        self.kills = 0
        self._environment = os.environ | dict(environment)
        self._ports = free_ports(count)
        self._log = folder / "backends.log"
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._turn = threading.Lock()

    def __enter__(self) -> Self:
        try:
            self._start(self._ports[0])
            self.wait_until_up(self._ports[0])  # the first one prepares the database
            for port in self._ports[1:]:
                self._start(port)
            for port in self._ports[1:]:
                self.wait_until_up(port)
        except BaseException:
            self.kill_all()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.kill_all()

    def urls(self, dice: random.Random) -> list[str]:
        """Where they are to be reached, in any order."""
        return [f"http://127.0.0.1:{port}" for port in dice.sample(self._ports, len(self._ports))]

    def kill_one(self, dice: random.Random) -> None:
        """SIGKILL, wherever its work is at, and a new process in its place."""
        port = dice.choice(self._ports)
        with self._turn:
            self._processes[port].send_signal(signal.SIGKILL)
            self._processes[port].wait()
            self.kills += 1
            self._start(port)
        self.wait_until_up(port)

    def kill_all(self) -> None:
        """SIGKILL to every one, and none in its place."""
        with self._turn:
            for process in self._processes.values():
                process.kill()
                process.wait()

    def wait_until_up(self, port: int) -> None:
        """Returns when it answers."""

        def answers() -> bool:
            assert self._processes[port].poll() is None, self.log()
            try:
                return httpx.get(f"http://127.0.0.1:{port}/health", timeout=5).status_code == 200
            except httpx.TransportError:
                return False

        eventually(answers, "a backend serves", limit_s=300)

    def log(self) -> str:
        """The last of what they said."""
        return self._log.read_text(errors="replace")[-6000:]

    def _start(self, port: int) -> None:
        words = [sys.executable, "-m", "backend"]
        environment = self._environment | {"PORT": str(port), "HOST": "127.0.0.1"}
        with self._log.open("ab") as out:
            self._processes[port] = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=out, stderr=out)
