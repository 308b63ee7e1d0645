"""Caddy with deploy/Caddyfile as it is committed, and certificates by an authority of its own that nobody else knows.

https://caddyserver.com/docs/caddyfile/options: the options that stand before it are all that is not deploy's.
"""

import base64
import hashlib
import re
import ssl
import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.stage.deployed.compose import DEPLOY

SENDS_ON = (2, 11, 2)
OPTIONS = """{{
	local_certs
	skip_install_trust
	admin off
	storage file_system "{storage}"
}}
import "{caddyfile}"
"""


class Caddy:
    """`words` start it."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program = program
        self._authority = folder / "caddy" / "pki" / "authorities" / "local"
        file = folder / "Caddyfile"
        file.write_text(OPTIONS.format(storage=folder / "caddy", caddyfile=DEPLOY / "Caddyfile"))
        self.words = [program, "run", "--adapter", "caddyfile", "--config", str(file)]

    @property
    def sends_on(self) -> bool:
        """Whether a request with a body goes to another backend where the first is gone, as with compose's version.
        Older ones answer 502 (https://github.com/caddyserver/caddy/issues/7546); one that Go has built for somebody
        names no version.
        """
        said = subprocess.run([self._program, "version"], capture_output=True, text=True, check=True).stdout
        version = re.match(r"v?(\d+)\.(\d+)\.(\d+)", said)
        return version is None or tuple(int(number) for number in version.groups()) >= SENDS_ON

    @property
    def root(self) -> Path:
        """The certificate that whoever trusts it needs."""
        return self._authority / "root.crt"

    @property
    def trust(self) -> ssl.SSLContext:
        """For a client that trusts this authority and no other."""
        return ssl.create_default_context(cafile=self.root)

    @property
    def chromium_flag(self) -> str:
        """Lets Chromium take chains with this authority's intermediate, and nobody else's, without a trust store."""
        certificate = x509.load_pem_x509_certificate((self._authority / "intermediate.crt").read_bytes())
        key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return f"--ignore-certificate-errors-spki-list={base64.b64encode(hashlib.sha256(key).digest()).decode()}"
