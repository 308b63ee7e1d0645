"""Codes as the outbox holds them until they are sent."""

from sqlalchemy import select

from backend.kit.database import Database
from backend.mail.rules.facts import CodeFacts, Reader
from backend.mail.tables import MailRow


def codes_for(database: Database, email: str) -> list[str]:
    """Every code that waits to be sent there, the newest last."""
    query = select(MailRow).where(MailRow.status == "pending", MailRow.kind.in_(("verify_code", "reset_code")))
    with database.read() as session:
        rows = session.scalars(query.order_by(MailRow.created_at)).all()
    return [
        CodeFacts.model_validate_json(row.facts).code
        for row in rows
        if Reader.model_validate_json(row.reader).email == email
    ]
