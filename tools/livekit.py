"""LiveKit's server: found, or built from its pinned version, and started on loopback with keys of this machine.

Configuration: LiveKit's config-sample.yaml of the same version. JSON is YAML, so the standard library writes it.
"""

import json
import os
import secrets
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tools import golang
from tools.console import Trouble
from tools.paths import BIN, HOME, KEYS_FILE, WINDOWS

VERSION = "1.13.5"
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
    cached = BIN / f"livekit-server-{VERSION}{'.exe' if WINDOWS else ''}"
    if not cached.is_file():
        golang.build(BUILT, cached)
    return cached


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
            "stun_servers": ["127.0.0.1:9"],  # the default names public ones; nothing leaves here
            **interfaces,
        },
    }
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(config, file, indent=2)
