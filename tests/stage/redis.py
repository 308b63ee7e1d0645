"""A Redis server for tests, reached through a socket in a folder of its own; no port is opened."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.stage.left_out import left_out
from tests.waiting import eventually
from tools import machine


class RedisServer:
    """`start`, then `url`, then `stop`, which leaves nothing behind. Needs the Debian package redis-server."""

    def __init__(self) -> None:
        self._folder = Path()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis+unix://{self._folder}/redis.sock"

    def start(self) -> "RedisServer":
        """Leaves the test out where Redis is not installed."""
        program = machine.redis_program()
        if program is None:
            left_out(f"no Redis: {machine.REDIS.package} is not installed")
        self._folder = Path(tempfile.mkdtemp(prefix="rendezvous-redis-"))  # short: a socket's path has 107 bytes
        socket = self._folder / "redis.sock"
        words = [program, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(self._folder)]
        self._process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        eventually(socket.exists, "Redis listens")
        return self

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None
            shutil.rmtree(self._folder, ignore_errors=True)
