"""Sending the outbox: a worker claims a mail for a few minutes, gives it to a server, and writes down what came of it.

Each mail is sent once, whatever is killed, but for one moment: a worker that dies after the server has taken a mail
and before that is written down leaves the row as it was, and the mail is sent again when the lease is over. Nothing
that speaks SMTP can close that gap (RFC 1047 is about it). The second copy has the same Message-ID, by which mail
programs tell that it is the same mail. A worker that dies earlier has sent nothing.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.mail import repository
from backend.mail.ports import MailPutOff, MailRefused, MailTransport, MailUnavailable
from backend.mail.rules import AGAIN_WHEN_UNREACHABLE, LEASE, MailKind, MailState, is_too_late, wait_after
from backend.mail.service.writing import Writer
from backend.mail.tables import MailRow

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Claimed:
    kind: MailKind
    reader: str
    facts: str
    attempts: int


def send_mail(database: Database, writer: Writer, transport: MailTransport, mail_id: UUID, now: Clock) -> None:
    """Sends one mail that is due, unless another worker has it. Opens its own short transactions.

    Raises MailUnavailable: no mail can be sent just now. What concerns this mail alone is written down and logged,
    with the mail's id and never with what it says or whom it is for.
    """
    claimed = _claim(database, mail_id, now())
    if claimed is None:
        return
    try:
        message = writer.write(mail_id, claimed.kind, claimed.reader, claimed.facts, now())
    except Exception as error:  # a fault of ours: another attempt would end the same way
        _settle(database, mail_id, MailState.GIVEN_UP, now(), f"cannot be written: {type(error).__name__}")
        raise
    try:
        transport.send(message)
    except MailRefused as refusal:
        _settle(database, mail_id, MailState.GIVEN_UP, now(), refusal.reason)
        logger.error("mail %s (%s) is given up: %s", mail_id, claimed.kind, refusal.reason)
    except MailPutOff as put_off:
        _wait(database, mail_id, now(), wait_after(claimed.attempts))
        logger.warning("mail %s (%s) has to wait: %s", mail_id, claimed.kind, put_off.reason)
    except MailUnavailable as trouble:
        _wait(database, mail_id, now(), AGAIN_WHEN_UNREACHABLE)
        logger.warning("no mail can be sent: %s", trouble)  # a transport says codes and kinds, never what a server said
        raise
    else:
        _settle(database, mail_id, MailState.SENT, now())


def _claim(database: Database, mail_id: UUID, now: datetime) -> _Claimed | None:
    """Leases the mail to this worker. None if another has it, or nobody wants it any more."""
    with database.write() as session:
        row = repository.locked_mail(session, mail_id)
        if row is None or row.status != MailState.PENDING or row.next_attempt_at > now:
            return None
        if is_too_late(row.not_after, row.created_at, now):
            tried = row.attempts and "it could not be delivered in time"
            repository.settle(row, MailState.GIVEN_UP if tried else MailState.DROPPED, now, tried or None)
            if tried:
                logger.error("mail %s (%s) is given up: it could not be delivered in time", row.id, row.kind)
            return None
        if repository.is_switched_off(session, row.account_id, row.kind):
            repository.settle(row, MailState.DROPPED, now)
            return None
        row.next_attempt_at = now + LEASE
        row.attempts += 1
        return _Claimed(MailKind(row.kind), row.reader, row.facts, row.attempts)


def _settle(database: Database, mail_id: UUID, state: MailState, now: datetime, failure: str | None = None) -> None:
    with database.write() as session:
        row = session.get(MailRow, mail_id, with_for_update=True)
        if row is not None:
            repository.settle(row, state, now, failure)


def _wait(database: Database, mail_id: UUID, now: datetime, length: timedelta) -> None:
    with database.write() as session:
        row = session.get(MailRow, mail_id, with_for_update=True)
        if row is not None and row.status == MailState.PENDING:
            row.next_attempt_at = now + length
