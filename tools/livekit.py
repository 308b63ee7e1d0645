"""LiveKit's server: found, or built from its pinned version, and started on loopback with keys of this machine.

Configuration: LiveKit's config-sample.yaml of the same version. JSON is YAML, so the standard library writes it.
"""

import json
import os
import secrets
import shutil
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from tools import golang
from tools.console import Trouble
from tools.paths import BIN, HOME, KEYS_FILE, WINDOWS

VERSION = "1.13.5"
CACHED = BIN / f"livekit-server-{VERSION}{'.exe' if WINDOWS else ''}"
BUILT = golang.Program(
    name=f"livekit-server {VERSION}",
    module=f"github.com/livekit/livekit-server/cmd/server@v{VERSION}",
    binary="server",
    packages=800,
    takes="a few minutes, once",
    otherwise="put a livekit-server on PATH, or set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET to use a "
    "server elsewhere",
)


@dataclass(frozen=True)
class Keys:
    """API key and secret of the LiveKit server; the secret has 32 bytes or more (RFC 7518 3.2 for HS256)."""

    key: str
    secret: str = field(repr=False)


def server() -> Path:
    """The server's program: named by RENDEZVOUS_LIVEKIT_SERVER, on PATH, in the project's cache, or built now.

    Raises `Trouble` when it has to be built and cannot be.
    """
    if named := os.environ.get("RENDEZVOUS_LIVEKIT_SERVER"):
        if not Path(named).is_file():
            raise Trouble(f"RENDEZVOUS_LIVEKIT_SERVER names {named}, which is not there. Correct it or unset it.")
        return Path(named)
    if found := shutil.which("livekit-server"):
        return Path(found)
    if not CACHED.is_file():
        golang.build(BUILT, CACHED)
    return CACHED


class Building:
    """The server's program, built beside whatever else goes on, if it has to be built at all.

    `progress` says how far that is, in words; empty once it is there.
    """

    def __init__(self) -> None:
        self.progress = ""
        self._trouble: Trouble | None = None
        self._thread = threading.Thread(target=self._build, name="building", daemon=True)
        if not (os.environ.get("RENDEZVOUS_LIVEKIT_SERVER") or shutil.which("livekit-server") or CACHED.is_file()):
            self.progress = "starting to build"
            self._thread.start()

    def wait(self, timeout_s: float) -> bool:
        """Whether it is there, after `timeout_s` at the longest. Raises `Trouble` when it could not be built."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        if self._trouble:
            raise self._trouble
        return not self._thread.is_alive()

    def _build(self) -> None:
        try:
            golang.build_beside(BUILT, CACHED, self._note)
        except Trouble as trouble:
            self._trouble = trouble
        self.progress = ""

    def _note(self, how_far: str) -> None:
        self.progress = how_far


def keys() -> Keys:
    """This machine's key and secret, made at the first call and kept readable for this person alone."""
    if not KEYS_FILE.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        made = {"key": "rdv" + secrets.token_hex(6), "secret": secrets.token_urlsafe(36)}
        descriptor = os.open(KEYS_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(made, file)
    return Keys(**json.loads(KEYS_FILE.read_text()))


def write_config(path: Path, at: Keys, port: int, tcp_port: int, udp_port: int, webhook_url: str) -> None:
    """The server's configuration: loopback only, rooms only when the backend makes them; it tells the backend at
    `webhook_url` who joins and who leaves.
    """
    loopback = {"linux": "lo", "darwin": "lo0"}.get(sys.platform)
    interfaces = {"interfaces": {"includes": [loopback]}} if loopback else {}
    config = {
        "port": port,
        "bind_addresses": ["127.0.0.1"],
        "keys": {at.key: at.secret},
        "room": {"auto_create": False, "empty_timeout": 3600, "departure_timeout": 120},
        "logging": {"level": "warn"},
        "webhook": {"api_key": at.key, "urls": [webhook_url]},
        "rtc": {
            "tcp_port": tcp_port,
            "udp_port": udp_port,
            "node_ip": "127.0.0.1",
            "enable_loopback_candidate": True,
            "stun_servers": ["127.0.0.1:3478"],  # not the public ones; Firefox refuses the ports of other services
            **interfaces,
        },
    }
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(config, file, indent=2)
