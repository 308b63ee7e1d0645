"""What deploy/compose.yaml starts, as processes of one machine and with a second LiveKit node: the services' own
commands and environments, and the committed Caddyfile.

What differs from compose, because processes of one machine share its ports: each service listens at an address of its
own where compose gives a container one, and the second node has other ports for media. Certificates are Caddy's own
instead of a public authority's, Stripe and the mail server are the tests' own; the programs are Debian's and ours.
"""

import ipaddress
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.backend.mail.smtp_server import SmtpServer, certificate_for_loopback
from tests.fakes.stripe_server import KEY, WEBHOOK_SECRET, StripeServer
from tests.stage.backend_process import ROOT, environment
from tests.stage.deployed.caddy import Caddy
from tests.stage.deployed.compose import Compose
from tests.stage.deployed.lone_machine import LoneMachine
from tests.stage.livekit_server import livekit_binary
from tests.stage.postgres import PostgresServer
from tests.waiting import eventually
from tools import web_client
from tools.processes import DIE_WITH_PARENT

PUBLIC = "203.0.113.10"  # RFC 5737: an example's
_INSIDE = ipaddress.ip_network(Compose().subnet)
AT: Mapping[str, tuple[str, ...]] = {
    name: tuple(str(_INSIDE[number]) for number in numbers)
    for name, numbers in {
        "backend": (11, 12),
        "web": (21, 22),
        "postgres": (31,),
        "redis": (32,),
        "livekit": (41,),
        "livekit-2": (42,),
    }.items()
}
"""Where each service is; compose gives out addresses of this network as well."""
MAIL_PASSWORD = "of-the-mail-server"


def names(compose: Compose) -> list[tuple[str, str]]:
    """Who is where, as compose's own name server and the public one say it."""
    public = [(PUBLIC, compose.values[name]) for name in ("APP_DOMAIN", "WEB_DOMAIN", "LIVEKIT_DOMAIN")]
    return [*public, *((address, name) for name, addresses in AT.items() for address in addresses)]


class Topology:
    """Everything, from `start` to `stop`, both of which are to be called inside of `machine`, as is all that asks it
    for something.
    """

    def __init__(self, folder: Path, machine: LoneMachine, caddy: str, redis: str) -> None:
        self.machine = machine
        self.compose = Compose()
        self.caddy = Caddy(caddy, folder)
        self.backends: list[subprocess.Popen[bytes]] = []
        self.folder = folder
        self._redis = redis
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """In compose's order. Raises AssertionError naming what does not come up."""
        self.stripe = StripeServer().start()
        shown, _ = certificate_for_loopback(self.folder)
        self.mail = SmtpServer(shown, MAIL_PASSWORD).start()
        self.compose = Compose(
            {
                "PUBLIC_IP": PUBLIC,
                "LIVEKIT_NODES": "livekit:7880 livekit-2:7880",
                "STRIPE_SECRET_KEY": KEY,
                "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
                "SMTP_URL": f"smtp://rendezvous:{MAIL_PASSWORD}@127.0.0.1:{self.mail.port}",
            }
        )
        self._start_postgres()
        self._start_redis()
        own = {"HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder)}
        self._run("caddy", self.caddy.words, self.compose.environment("caddy") | own, (PUBLIC, 443))
        self._trusted = self._write_trusted()
        for number, name in enumerate(("livekit", "livekit-2")):
            self._start_livekit(name, number)
        self._start_backends()
        self._start_webs()

    def stop(self) -> None:
        """Ends all that was started, and nothing else."""
        for process in reversed(self._started):
            process.kill()
            process.wait()
        for each in ("mail", "stripe", "postgres"):
            if hasattr(self, each):
                getattr(self, each).stop()

    def log(self, name: str) -> str:
        """What a service has said so far."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    @property
    def app_url(self) -> str:
        """The backend's address for everybody."""
        return f"https://{self.compose.values['APP_DOMAIN']}"

    @property
    def web_url(self) -> str:
        """The app's for browsers."""
        return f"https://{self.compose.values['WEB_DOMAIN']}"

    def stranger(self, **more: Any) -> httpx.Client:
        """Somebody outside, who believes Caddy's authority alone and keeps cookies."""
        return httpx.Client(verify=self.caddy.trust, trust_env=False, timeout=20, **more)

    @property
    def database_url(self) -> str:
        """For looking behind the backends, by the address and password that they have."""
        return self.compose.environment("migrate")["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:", 1)

    def _start_postgres(self) -> None:
        settings = [word for word in self.compose.command("postgres")[1:] if word != "-c"]
        password = self.compose.values["POSTGRES_PASSWORD"]
        self.postgres = PostgresServer(address=AT["postgres"][0], password=password, settings=settings).start()
        self.postgres.database_named("rendezvous")

    def _start_redis(self) -> None:
        there = {"PATH": f"{Path(self._redis).parent}:{os.environ['PATH']}"}
        given = self.compose.environment("redis") | there
        self._run("redis", self.compose.command("redis"), given, (AT["redis"][0], 6379))

    def _start_livekit(self, name: str, number: int) -> None:
        (address,) = AT[name]
        config = livekit_of_many(self.compose.livekit_config, address, number)
        given = self.compose.environment("livekit") | {"LIVEKIT_CONFIG": json.dumps(config)}
        self._run(name, [str(livekit_binary())], given, (address, config["port"]))

    def _start_backends(self) -> None:
        """One that comes too early, then the command that brings the database to this version, then both."""
        words, first = [sys.executable, "-m", "backend"], AT["backend"][0]
        self.early = subprocess.run(words, env=self._backend(first), cwd=ROOT, capture_output=True, text=True)
        migrate = [sys.executable, *self.compose.command("migrate")[1:]]
        given = environment(**self.compose.environment("migrate"))
        self.migrated = subprocess.run(migrate, env=given, cwd=ROOT, capture_output=True, text=True)
        port = int(self.compose.environment("backend")["PORT"])
        for address in AT["backend"]:
            self.backends.append(self._run(f"backend-{address}", words, self._backend(address), (address, port)))

    def _backend(self, address: str) -> dict[str, str]:
        own = {"HOST": address, "METRICS_HOST": address}
        tests = {"STRIPE_API_BASE": self.stripe.url, "SSL_CERT_FILE": str(self._trusted)}
        return environment(**(self.compose.environment("backend") | own | tests))

    def _start_webs(self) -> None:
        given = web_client.settings() | self.compose.environment("web") | {"PYTHONPATH": str(ROOT)}
        port = int(given["RENDEZVOUS_PORT"])
        for address in AT["web"]:
            own = given | {"RENDEZVOUS_HOST": address}
            self._run(f"web-{address}", [sys.executable, "-m", "app"], own, (address, port))

    def _write_trusted(self) -> Path:
        """Whom the backends believe: Caddy's authority and the mail server."""
        mail = x509.load_pem_x509_certificate((self.folder / "smtp.pem").read_bytes())
        file = self.folder / "trusted.pem"
        file.write_bytes(self.caddy.root.read_bytes() + mail.public_bytes(Encoding.PEM))
        return file

    def _run(
        self, name: str, words: list[str], given: Mapping[str, str], at: tuple[str, int]
    ) -> subprocess.Popen[bytes]:
        """Starts a service and waits until it listens there."""
        log = self.folder / f"{name}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                words,
                env=os.environ | dict(given),
                cwd=self.folder,
                stdout=out,
                stderr=out,
                preexec_fn=DIE_WITH_PARENT,
            )
        self._started.append(process)

        def listens() -> bool:
            assert process.poll() is None, log.read_text(errors="replace")[-2000:]
            return _listens(*at)

        eventually(listens, f"{name} listens", limit_s=120)
        return process


def livekit_of_many(config: dict[str, Any], address: str, number: int) -> dict[str, Any]:
    """Compose's configuration for one of several nodes: signalling at an address, media at ports of its own. Its log
    also says whose signalling it carries.
    """
    rtc, turn = dict(config["rtc"]), dict(config["turn"])
    for ports, name, apart in (
        (rtc, "tcp_port", 10),
        (rtc, "udp_port", 10),
        (turn, "udp_port", 10),
        (turn, "relay_range_start", 100),
        (turn, "relay_range_end", 100),
    ):
        ports[name] += number * apart
    return config | {"bind_addresses": [address], "rtc": rtc, "turn": turn, "logging": {"level": "debug"}}


def _listens(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=1).close()
    except OSError:
        return False
    return True
