"""The worker's tasks about mail. Each takes its `Round`, and says whether more of the same is due at once."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from backend.auth import repository as accounts
from backend.auth.service.codes import answer_reset_request
from backend.bookings.repository import due
from backend.bookings.service.news import remind
from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.mail import repository as outbox
from backend.mail.ports import MailTransport
from backend.mail.rules import REMINDERS, MailKind
from backend.mail.service.sending import send_mail
from backend.mail.service.writing import Writer
from backend.worker.rounds import Round

AT_ONCE = 50
"""How many items a run takes; if there are more, the next run follows without a pause."""


@dataclass(frozen=True)
class Post:
    """Who writes mails, and what they leave through."""

    writer: Writer
    transport: MailTransport


class MailTasks:
    """`post` is None where nothing takes mails: they stay in the outbox then."""

    def __init__(self, database: Database, post: Post | None, now: Clock) -> None:
        self._database = database
        self._post = post
        self._now = now

    def remind(self, round_: Round) -> bool:
        """Puts the reminders that are due into the outbox, those of a day first."""
        full = False
        for kind in REMINDERS:
            with self._database.read() as session:
                found = due.to_remind_of(session, kind, self._now(), AT_ONCE)
            round_.each(found, partial(self._remind, kind))
            full = full or len(found) == AT_ONCE
        return full

    def _remind(self, kind: MailKind, booking_id: UUID) -> None:
        with self._database.write() as session:
            remind(session, kind, booking_id, self._now())

    def answer_reset_requests(self, round_: Round) -> bool:
        """Sends codes to those who have forgotten their password, if there is such an account."""
        post = self._post
        if post is None:
            return False
        with self._database.read() as session:
            found = accounts.reset_requests(session, self._now(), AT_ONCE)

        def answer(request_id: UUID) -> None:
            with self._database.write() as session:
                answer_reset_request(session, request_id, post.writer.key, self._now())

        round_.each(found, answer)
        return len(found) == AT_ONCE

    def oldest_reset_request(self, session: Session) -> datetime | None:
        """When the oldest request was made that nobody has answered."""
        return accounts.oldest_reset_request(session, self._now())

    def send_mails(self, round_: Round) -> bool:
        """Sends what is in the outbox, each mail by itself."""
        post = self._post
        if post is None:
            return False
        with self._database.read() as session:
            found = outbox.due_mails(session, self._now(), AT_ONCE)
        round_.each(found, lambda mail: send_mail(self._database, post.writer, post.transport, mail, self._now))
        return len(found) == AT_ONCE

    def oldest_mail(self, session: Session) -> datetime | None:
        """Since when the oldest mail waits to be sent."""
        return outbox.oldest_due_mail(session, self._now())
