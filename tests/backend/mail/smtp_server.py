"""A real SMTP server (aiosmtpd) on loopback, which does what a test says: takes mails, refuses them, is slow."""

import asyncio
import datetime as dt
import ssl
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.stage.livekit_server import free_ports

OK = "250 OK"


class SmtpServer:
    """`recipient_reply` and `data_reply` are what it answers; `taken` is what it has answered for. Until `go_on` is set
    it says nothing after a mail's text.
    """

    def __init__(self, certificate: ssl.SSLContext | None = None, password: str = "") -> None:
        (self.port,) = free_ports(1)
        self.taken: list[EmailMessage] = []
        self.encrypted: list[bool] = []
        self.recipient_reply = self.data_reply = OK
        self.replies_of: dict[str, str] = {}
        self.seen = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()
        self._certificate = certificate
        self._password = password
        self._controller: Controller | None = None

    def start(self) -> "SmtpServer":
        """Listens, on the same port each time."""
        server = self

        class Listening(Controller):
            def factory(self) -> SMTP:
                return SMTP(server, enable_SMTPUTF8=True, **server._options())

        self._controller = Listening(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()
        return self

    def stop(self) -> None:
        """Nobody listens there any more."""
        self.go_on.set()
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {"ident": "test"}
        if self._certificate is not None:
            options |= {"tls_context": self._certificate, "require_starttls": True}
        if self._password:
            options |= {"authenticator": self._authenticate, "auth_required": True}
        return options

    def _authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> Any:
        right = isinstance(data, LoginPassword) and data.password == self._password.encode()
        return AuthResult(success=right, handled=False)

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        reply = self.replies_of.get(address, self.recipient_reply)
        if reply == OK:
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:
        self.seen.set()
        await asyncio.to_thread(self.go_on.wait, 60)
        if self.data_reply == OK:
            content = envelope.content
            assert isinstance(content, bytes)
            self.taken.append(message_from_bytes(content, policy=policy.default))
            self.encrypted.append(session.ssl is not None)
        return self.data_reply


def certificate_for_loopback(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server on 127.0.0.1 shows, and what trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "smtp.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.load_cert_chain(pem)
    trusting = ssl.create_default_context(cadata=certificate.public_bytes(serialization.Encoding.PEM).decode())
    return shown, trusting
