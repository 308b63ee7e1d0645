"""The outbox as tests fill it, and the codes that it holds until they are sent."""

from uuid import UUID

from fastapi import FastAPI
from sqlalchemy import select

from backend.auth.repository import reader_of, reset_requests
from backend.auth.service.codes import answer_reset_request
from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.mail.repository import enqueue
from backend.mail.rules import MailKind
from backend.mail.rules.facts import CodeFacts, Reader
from backend.mail.tables import MailRow
from tests.backend.mail.reading import by_kind, row_of
from tests.backend.stage import START, Person


def answer_reset_requests(app: FastAPI, now: Clock) -> None:
    """What the worker does about requests for a new password."""
    with app.state.database.write() as session:
        for request_id in reset_requests(session, now(), 50):
            answer_reset_request(session, request_id, app.state.settings.key_of_mails, now())


CODE_MAILS = ("verify_code", "reset_code", "change_code")


def codes_for(database: Database, email: str) -> list[str]:
    """Every code that waits to be sent there, the newest last."""
    query = select(MailRow).where(MailRow.status == "pending", MailRow.kind.in_(CODE_MAILS))
    with database.read() as session:
        rows = session.scalars(query.order_by(MailRow.created_at)).all()
    return [
        CodeFacts.model_validate_json(row.facts).code
        for row in rows
        if Reader.model_validate_json(row.reader).email == email
    ]


def put(database: Database, person: Person, **more: object) -> UUID:
    """A mail in the outbox."""
    with database.write() as session:
        facts = CodeFacts(code="123456", minutes=15)
        enqueue(session, MailKind.VERIFY_CODE, reader_of(session, UUID(person.id)), facts, START, **more)  # type: ignore[arg-type]  # as given
    return by_kind(database, "verify_code")[-1].id


def status(database: Database, mail_id: UUID) -> str:
    return row_of(database, mail_id).status
