"""Mails through an SMTP server (RFC 5321, RFC 6409): encrypted, unless the setting's own words say otherwise."""

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from backend.mail.ports import MailPutOff, MailRefused, MailUnavailable

STEP_TIMEOUT_S = 20.0
"""How long one answer of the server may take."""
DEADLINE_S = 90.0
"""How long a mail may take altogether: a server that answers a byte at a time is never too slow for a single step."""
DEFAULT_PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


@dataclass(frozen=True)
class SmtpServer:
    """`scheme`: "smtp" demands STARTTLS, "smtps" is TLS from the first byte, "smtp+plain" is not encrypted."""

    scheme: str
    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)


def server_of(url: str) -> SmtpServer:
    """The server of an address such as smtp://user:password@mail.example.com:587, which the settings have checked."""
    parts = urlsplit(url)
    return SmtpServer(
        parts.scheme,
        parts.hostname or "",
        parts.port or DEFAULT_PORTS[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


class SmtpTransport:
    """A connection for each mail: a worker sends few, and none waits behind a connection that died meanwhile."""

    def __init__(
        self,
        server: SmtpServer,
        *,
        trust: ssl.SSLContext | None = None,
        step_timeout_s: float = STEP_TIMEOUT_S,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._server = server
        self._trust = trust or ssl.create_default_context()
        self._step_timeout_s = step_timeout_s
        self._deadline_s = deadline_s

    def send(self, message: EmailMessage) -> None:
        """Returns when the server has taken the mail; MailUnavailable, MailPutOff, MailRefused.

        A server that refuses us (the password, the sender, no encryption) is unavailable: that is nothing about the
        mail, which waits until somebody has put the setting right.
        """
        try:
            with self._connected() as smtp:
                smtp.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, _words = next(iter(error.recipients.values()))
            raise _about_the_mail(code) from None  # the cause quotes the address
        except smtplib.SMTPNotSupportedError:
            raise MailRefused("the server takes no address with letters beyond ASCII (SMTPUTF8)") from None
        except smtplib.SMTPDataError as error:
            raise _about_the_mail(error.smtp_code) from None
        except smtplib.SMTPResponseException as error:
            raise MailUnavailable(f"SMTP reply {error.smtp_code}") from None
        except (smtplib.SMTPException, OSError) as error:
            raise MailUnavailable(type(error).__name__) from None

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        watch = _Watch(self._deadline_s)
        smtp = self._open(watch)
        try:
            if self._server.scheme == "smtp":
                try:
                    smtp.starttls(context=self._trust)
                except smtplib.SMTPNotSupportedError:
                    raise MailUnavailable("the server offers no encryption (STARTTLS)") from None
                watch.socket = smtp.sock
            if self._server.username:
                try:
                    smtp.login(self._server.username, self._server.password)
                except smtplib.SMTPNotSupportedError:
                    raise MailUnavailable("the server takes no password") from None
            yield smtp
            watch.stop()  # the mail is taken: nothing may turn that into a failure
            _say_goodbye(smtp)
        finally:
            watch.stop()
            smtp.close()

    def _open(self, watch: "_Watch") -> smtplib.SMTP:
        server, timeout = self._server, self._step_timeout_s
        smtp = (
            smtplib.SMTP_SSL(timeout=timeout, context=self._trust)
            if server.scheme == "smtps"
            else smtplib.SMTP(timeout=timeout)
        )
        smtp._host = server.host  # type: ignore[attr-defined]  # connect() alone does not name it to TLS
        code, _words = smtp.connect(server.host, server.port)
        watch.socket = smtp.sock
        if code != 220:  # service ready (RFC 5321, 4.2.3)
            smtp.close()
            raise smtplib.SMTPConnectError(code, "")
        return smtp


class _Watch:
    """Ends a connection that takes too long, by its socket: whoever reads from it then gets an error."""

    def __init__(self, deadline_s: float) -> None:
        self.socket: socket.socket | None = None
        self._timer = threading.Timer(deadline_s, self._end)
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> None:
        self._timer.cancel()

    def _end(self) -> None:
        if self.socket is not None:
            try:
                self.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it has ended by itself


def _say_goodbye(smtp: smtplib.SMTP) -> None:
    try:
        smtp.quit()
    except (smtplib.SMTPException, OSError):
        return  # it has the mail already


def _about_the_mail(code: int) -> MailRefused | MailPutOff | MailUnavailable:
    """RFC 5321, 4.2.1: 5yz is for good, 4yz for now; with 421 the server closes."""
    reason = f"SMTP reply {code}"
    if code == 421:
        return MailUnavailable(reason)
    return MailRefused(reason) if code >= 500 else MailPutOff(reason)
