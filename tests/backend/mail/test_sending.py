"""Each mail once, whatever is killed; refused, put off, slow and gone servers (a real one, aiosmtpd)."""

import logging
import threading
from datetime import timedelta
from uuid import UUID

import pytest

from backend.auth.repository import reader_of
from backend.integrations.smtp import SmtpTransport, server_of
from backend.kit.database import Database
from backend.mail.repository import enqueue
from backend.mail.rules import LEASE, MailKind
from backend.mail.rules.facts import CodeFacts
from backend.mail.service.sending import send_mail
from backend.mail.service.writing import Writer
from backend.worker import Worker
from tests.backend.mail.outbox import codes_for, put, status
from tests.backend.mail.reading import row_of
from tests.backend.mail.smtp_server import SmtpServer
from tests.backend.money.mortal_database import Killed, MortalDatabase
from tests.backend.stage import START, Backend, MovableClock, Person


def test_what_is_rolled_back_sends_nothing(
    database: Database, user: Person, worker: Worker, server: SmtpServer
) -> None:
    def fail_after_enqueuing() -> None:
        with database.write() as session:
            facts = CodeFacts(code="123456", minutes=15)
            enqueue(session, MailKind.VERIFY_CODE, reader_of(session, UUID(user.id)), facts, START)
            raise RuntimeError("the change itself failed")

    with pytest.raises(RuntimeError):
        fail_after_enqueuing()
    worker.run("send mails")
    assert server.taken == []


def test_a_worker_that_dies_after_claiming_has_sent_nothing_and_the_mail_goes_out_once_later(
    database: Database,
    user: Person,
    worker: Worker,
    server: SmtpServer,
    clock: MovableClock,
    writer: Writer,
    transport: SmtpTransport,
) -> None:
    mail_id = put(database, user)
    mortal = MortalDatabase(database.url)
    mortal.die_at(1, before=False)  # right after the claim
    with pytest.raises(Killed):
        send_mail(mortal, writer, transport, mail_id, clock)
    mortal.dispose()
    worker.run("send mails")
    assert server.taken == [], "the lease keeps others away, who cannot know that the worker is dead"
    clock.move(minutes=LEASE / timedelta(minutes=1))
    for _ in range(2):
        worker.run("send mails")
    assert len(server.taken) == 1
    assert status(database, mail_id) == "sent"


def test_a_worker_that_dies_before_claiming_leaves_the_mail_to_the_next(
    database: Database,
    user: Person,
    worker: Worker,
    server: SmtpServer,
    clock: MovableClock,
    writer: Writer,
    transport: SmtpTransport,
) -> None:
    mail_id = put(database, user)
    mortal = MortalDatabase(database.url)
    mortal.die_at(1, before=True)
    with pytest.raises(Killed):
        send_mail(mortal, writer, transport, mail_id, clock)
    mortal.dispose()
    worker.run("send mails")
    assert len(server.taken) == 1


def test_only_a_death_between_the_servers_word_and_ours_sends_a_copy_with_the_same_message_id(
    database: Database,
    user: Person,
    worker: Worker,
    server: SmtpServer,
    clock: MovableClock,
    writer: Writer,
    transport: SmtpTransport,
) -> None:
    mail_id = put(database, user)
    mortal = MortalDatabase(database.url)
    mortal.die_at(2, before=True)  # the server has taken it; that was not written down
    with pytest.raises(Killed):
        send_mail(mortal, writer, transport, mail_id, clock)
    mortal.dispose()
    clock.move(minutes=LEASE / timedelta(minutes=1))
    worker.run("send mails")
    assert [str(mail["Message-ID"]) for mail in server.taken] == [f"<{mail_id}@rendezvous.invalid>"] * 2


def test_workers_that_send_at_once_send_each_mail_once(
    database: Database, user: Person, server: SmtpServer, clock: MovableClock, writer: Writer, transport: SmtpTransport
) -> None:
    mails = [put(database, user) for _ in range(6)]

    def send_all() -> None:
        own = Database(database.url)
        for mail_id in mails:
            send_mail(own, writer, transport, mail_id, clock)
        own.dispose()

    threads = [threading.Thread(target=send_all) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len({str(mail["Message-ID"]) for mail in server.taken}) == len(server.taken) == len(mails)


def test_a_refusal_for_good_gives_one_mail_up_with_its_reason_and_no_other(
    backend: Backend,
    database: Database,
    user: Person,
    worker: Worker,
    server: SmtpServer,
    clock: MovableClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    other = backend.user()
    refused, taken = put(database, user), put(database, other)
    server.replies_of[user.account["email"]] = "550 5.1.1 no such user here"
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            worker.run("send mails")
            clock.move(hours=1)
    assert (status(database, refused), row_of(database, refused).failure) == ("given_up", "SMTP reply 550")
    assert status(database, taken) == "sent"
    assert len(server.taken) == 1
    assert str(refused) in caplog.text
    assert worker.figures.snapshot()["send mails"].skipped is False


@pytest.mark.parametrize("where", ["recipient_reply", "data_reply"])
def test_a_mail_that_is_put_off_is_brought_again_with_growing_waits(
    database: Database, user: Person, worker: Worker, server: SmtpServer, clock: MovableClock, where: str
) -> None:
    mail_id = put(database, user)
    setattr(server, where, "451 4.7.1 come again later")
    waits = []
    for _ in range(4):
        worker.run("send mails")
        next_at = row_of(database, mail_id).next_attempt_at
        waits.append((next_at - clock()).total_seconds() / 60)
        clock.set(next_at)
    assert waits == [1, 2, 4, 8]
    setattr(server, where, "250 OK")
    worker.run("send mails")
    assert status(database, mail_id) == "sent"
    assert len(server.taken) == 1


def test_a_server_that_is_gone_for_an_hour_gets_every_mail_once_when_it_is_back(
    backend: Backend, database: Database, user: Person, worker: Worker, server: SmtpServer, clock: MovableClock
) -> None:
    mails = [put(database, person) for person in (user, backend.user(), backend.user())]
    server.stop()
    for _ in range(12):
        worker.run("send mails")
        clock.move(minutes=5)
    assert worker.figures.snapshot()["send mails"].failed == len(mails)
    assert {status(database, mail_id) for mail_id in mails} == {"pending"}
    assert worker.figures.snapshot()["send mails"].oldest_due_at is None, "they wait for their next attempt"
    server.start()
    for _ in range(2):
        worker.run("send mails")
    assert len(server.taken) == len(mails)
    assert {status(database, mail_id) for mail_id in mails} == {"sent"}


def test_a_slow_server_is_left_after_the_deadline_and_holds_up_nothing_else(
    database: Database, user: Person, server: SmtpServer, worker: Worker, clock: MovableClock, writer: Writer
) -> None:
    mail_id = put(database, user)
    hasty = SmtpTransport(server_of(f"smtp+plain://127.0.0.1:{server.port}"), step_timeout_s=60, deadline_s=0.5)
    server.go_on.clear()
    with pytest.raises(Exception, match="SMTPServerDisconnected") as caught:
        send_mail(database, writer, hasty, mail_id, clock)
    assert type(caught.value).__name__ == "MailUnavailable"
    with database.write():
        pass  # no transaction is open meanwhile
    server.stop()
    server.taken.clear()  # aiosmtpd finishes what it had begun
    server.start()
    clock.move(minutes=1)
    worker.run("send mails")
    assert len(server.taken) == 1
    assert status(database, mail_id) == "sent"


def test_a_mail_that_nobody_takes_for_two_days_is_given_up(
    database: Database, user: Person, worker: Worker, server: SmtpServer, clock: MovableClock
) -> None:
    mail_id = put(database, user)
    server.recipient_reply = "451 4.7.1 come again later"
    for _ in range(60):
        worker.run("send mails")
        clock.move(hours=1)
    row = row_of(database, mail_id)
    assert (row.status, row.failure) == ("given_up", "it could not be delivered in time")
    assert server.taken == []


def test_a_code_that_is_over_is_not_sent(
    database: Database, user: Person, worker: Worker, server: SmtpServer, clock: MovableClock
) -> None:
    mail_id = put(database, user, not_after=START + timedelta(minutes=15))
    clock.move(minutes=15)
    worker.run("send mails")
    assert (server.taken, status(database, mail_id)) == ([], "dropped")


def test_what_a_mail_said_is_forgotten_once_it_is_settled(
    database: Database, user: Person, worker: Worker, server: SmtpServer
) -> None:
    mail_id = put(database, user)
    assert codes_for(database, user.account["email"]) == ["123456"]
    worker.run("send mails")
    row = row_of(database, mail_id)
    assert (row.reader, row.facts) == ("{}", "{}")


def test_no_log_names_a_reader_or_says_what_was_sent(
    database: Database,
    user: Person,
    worker: Worker,
    server: SmtpServer,
    clock: MovableClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        for reply in ("250 OK", "451 <user@example.com> later", "550 <user@example.com> never"):
            put(database, user)
            server.recipient_reply = reply
            worker.run("send mails")
        put(database, user)
        server.stop()
        worker.run("send mails")
        clock.move(days=3)
        worker.run("send mails")
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("backend")]
    assert any("given up" in line for line in ours)
    assert not [line for line in ours if "@" in line or "123456" in line or user.account["name"] in line]
