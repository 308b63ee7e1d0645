"""A LiveKit server for tests, on loopback, with keys of its own.

Configuration: LiveKit's config-sample.yaml of the same version; JSON is YAML.
"""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def livekit_binary() -> Path:
    """RENDEZVOUS_LIVEKIT_SERVER, then PATH, then what dev.py has built. Raises FileNotFoundError when there is none."""
    if named := os.environ.get("RENDEZVOUS_LIVEKIT_SERVER"):
        return Path(named)
    if found := shutil.which("livekit-server"):
        return Path(found)
    built = sorted((ROOT / ".rendezvous" / "bin").glob("livekit-server-*"))
    if built:
        return built[-1]
    raise FileNotFoundError("no livekit-server: set RENDEZVOUS_LIVEKIT_SERVER or run `python dev.py test` once")


def free_ports(count: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> list[int]:
    """Ports that were free at this moment on loopback, of those that no outgoing connection is given meanwhile: Linux
    takes these from 32768 on (ip(7), ip_local_port_range), macOS and Windows from 49152 on.
    """
    sockets: list[socket.socket] = []
    try:
        while len(sockets) < count:
            each = socket.socket(socket.AF_INET, kind)
            try:
                each.bind(("127.0.0.1", random.randrange(20_000, 32_000)))
            except OSError:  # somebody listens there
                each.close()
                continue
            sockets.append(each)
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()


class LivekitServer:
    """`start`, `kill` (SIGKILL), `freeze` (a black hole: nothing answers, nothing is refused), `thaw`, `stop`.

    It keeps its ports over a restart. Rooms are made by the test, as the backend makes them, unless `auto_create`.
    Events of the rooms are sent to `webhook_url` if there is one. Without `udp` media travels by TCP alone.
    With an `address` and `interface` of another network, it is started from inside that network.
    With the `log_level` "debug" its log holds every session description.
    """

    def __init__(
        self,
        folder: Path,
        auto_create: bool = False,
        webhook_url: str = "",
        udp: bool = True,
        address: str = "127.0.0.1",
        interface: str = "lo",
        log_level: str = "info",
    ) -> None:
        self.key = "stagekey"
        self.secret = "a-secret-for-tests-of-32-bytes-or-more"
        self.port, self._tcp_port = free_ports(2)
        (self._udp_port,) = free_ports(1, socket.SOCK_DGRAM)
        self.url = f"ws://{address}:{self.port}"
        self.http_url = f"http://{address}:{self.port}"
        self.log = folder / "livekit.log"
        self._config = folder / "livekit.json"
        self._process: subprocess.Popen[bytes] | None = None
        config = {
            "port": self.port,
            "bind_addresses": [address],
            "keys": {self.key: self.secret},
            "room": {"auto_create": auto_create, "empty_timeout": 600, "departure_timeout": 120},
            "logging": {"level": log_level},
            "webhook": {"api_key": self.key, "urls": [webhook_url]} if webhook_url else {},
            "rtc": {
                "tcp_port": self._tcp_port,
                **(
                    {"udp_port": self._udp_port}
                    if udp
                    else {"force_tcp": True, "port_range_start": 0, "port_range_end": 0}
                ),
                "node_ip": address,
                "enable_loopback_candidate": True,
                "interfaces": {"includes": [interface]},
                # Else clients are sent to public ones, and look their names up: this stage is loopback only.
                "stun_servers": ["127.0.0.1:3478"],  # Firefox refuses the ports of other services
            },
        }
        self._config.write_text(json.dumps(config))

    def start(self) -> "LivekitServer":
        with self.log.open("ab") as log:
            self._process = subprocess.Popen([livekit_binary(), "--config", self._config], stdout=log, stderr=log)
        until = time.monotonic() + 30
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"livekit-server did not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.05)
        return self

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.http_url, timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self.thaw()
        self._end(signal.SIGTERM)

    def freeze(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:  # LiveKit waits for participants to go before it obeys SIGTERM
                self._process.kill()
                self._process.wait(10)
            self._process = None
