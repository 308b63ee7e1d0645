"""Mails leave encrypted, to the server that is meant, with our password (a real one, aiosmtpd)."""

from pathlib import Path

import pytest

from backend.integrations.smtp import SmtpTransport, server_of
from backend.kit.database import Database
from backend.mail.service.sending import send_mail
from backend.mail.service.writing import Writer
from tests.backend.mail.outbox import put, status
from tests.backend.mail.smtp_server import SmtpServer, certificate_for_loopback
from tests.backend.stage import MovableClock, Person


def test_encryption_is_demanded_and_the_servers_name_is_checked(
    database: Database, user: Person, clock: MovableClock, writer: Writer, tmp_path: Path
) -> None:
    shown, trusting = certificate_for_loopback(tmp_path)
    server = SmtpServer(shown).start()
    try:
        url = f"smtp://127.0.0.1:{server.port}"
        distrustful = put(database, user)
        with pytest.raises(Exception, match="SSLCertVerificationError"):
            send_mail(database, writer, SmtpTransport(server_of(url)), distrustful, clock)
        assert server.taken == []
        clock.move(minutes=1)
        send_mail(database, writer, SmtpTransport(server_of(url), trust=trusting), distrustful, clock)
        assert server.encrypted == [True]
    finally:
        server.stop()


def test_nothing_is_sent_in_the_clear_to_a_server_without_encryption(
    database: Database, user: Person, clock: MovableClock, writer: Writer, server: SmtpServer
) -> None:
    mail_id = put(database, user)
    with pytest.raises(Exception, match="no encryption"):
        send_mail(database, writer, SmtpTransport(server_of(f"smtp://127.0.0.1:{server.port}")), mail_id, clock)
    assert (server.taken, status(database, mail_id)) == ([], "pending")


@pytest.mark.parametrize(("password", "outcome"), [("right%20one", "sent"), ("wrong", "pending")])
def test_a_wrong_password_of_ours_lets_every_mail_wait(
    database: Database, user: Person, clock: MovableClock, writer: Writer, tmp_path: Path, password: str, outcome: str
) -> None:
    shown, trusting = certificate_for_loopback(tmp_path)
    server = SmtpServer(shown, password="right one").start()
    try:
        mail_id = put(database, user)
        transport = SmtpTransport(server_of(f"smtp://us:{password}@127.0.0.1:{server.port}"), trust=trusting)
        if outcome == "sent":
            send_mail(database, writer, transport, mail_id, clock)
        else:
            with pytest.raises(Exception, match="SMTP reply 535"):
                send_mail(database, writer, transport, mail_id, clock)
        assert status(database, mail_id) == outcome
    finally:
        server.stop()
