"""deploy/compose.yaml as compose reads it with a filled-in .env, held against other files or run."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from tools.paths import ROOT

DEPLOY = ROOT / "deploy"
COMPOSE_TEXT = (DEPLOY / "compose.yaml").read_text()
VARIABLE = re.compile(r"\$\{(\w+)(:[?-])?([^}]*)\}")
FILLED_IN = {
    "APP_DOMAIN": "api.example.com",
    "WEB_DOMAIN": "app.example.com",
    "LIVEKIT_DOMAIN": "livekit.example.com",
    "PUBLIC_IP": "127.0.0.1",
    "POSTGRES_PASSWORD": "p" * 48,
    "REDIS_PASSWORD": "r" * 48,
    "LIVEKIT_API_KEY": "rendezvous",
    "LIVEKIT_API_SECRET": "s" * 48,
    "SECOND_FACTOR_SECRET": "f" * 48,
    "STRIPE_SECRET_KEY": "sk_test_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
    "SMTP_URL": "smtp://us:secret@mail.example.com:587",
    "MAIL_FROM": "no-reply@example.com",
    "SUPPORT_CONTACT": "support@example.com",
}
"""A value for each variable that has to be given one."""


class Compose:
    """The file with the values of `FILLED_IN`, or others in their place."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self.values = FILLED_IN | dict(values or {})
        self.read: dict[str, Any] = yaml.safe_load(VARIABLE.sub(self._value, COMPOSE_TEXT).replace("$$", "$"))

    def _value(self, found: re.Match[str]) -> str:
        return self.values.get(found[1]) or (found[3] if found[2] == ":-" else "")

    def service(self, name: str) -> dict[str, Any]:
        """What is said of one service."""
        found: dict[str, Any] = self.read["services"][name]
        return found

    def environment(self, name: str) -> dict[str, str]:
        """The variables of one service, as its process has them."""
        return {variable: str(value) for variable, value in self.service(name)["environment"].items()}

    def command(self, name: str) -> list[str]:
        """The words of one service's own command."""
        return [str(word) for word in self.service(name)["command"]]

    @property
    def subnet(self) -> str:
        """The network in which only the services are."""
        (network,) = self.read["networks"]["inside"]["ipam"]["config"]
        return str(network["subnet"])

    @property
    def livekit_config(self) -> dict[str, Any]:
        """LiveKit's configuration."""
        read: dict[str, Any] = yaml.safe_load(self.environment("livekit")["LIVEKIT_CONFIG"])
        return read
