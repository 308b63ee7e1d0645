"""The outbox in the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, exists, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backend.kit.database import Base
from backend.mail.rules import NOWHERE, REMINDERS, MailKind, MailState
from backend.mail.rules.facts import Facts, Reader
from backend.mail.tables import WAITING, MailOptOutRow, MailRow


def enqueue(
    session: Session,
    kind: MailKind,
    reader: Reader,
    facts: Facts,
    now: datetime,
    *,
    about: UUID | None = None,
    version: int = 0,
    not_after: datetime | None = None,
    dropped: bool = False,
) -> None:
    """A mail to be sent if the caller's transaction is committed. Nothing happens if there is one of this kind for this
    reader, `about` and `version` already, sent or not. `dropped`: it is not sent, and no other one takes its place; nor
    is one to somebody whose account is deleted.
    """
    dropped = dropped or reader.email.endswith(NOWHERE)
    statement = _insert(session, MailRow).values(
        id=uuid4(),
        account_id=reader.account_id,
        kind=kind.value,
        about=about,
        version=version,
        reader="{}" if dropped else reader.model_dump_json(),
        facts="{}" if dropped else facts.model_dump_json(),
        status=(MailState.DROPPED if dropped else MailState.PENDING).value,
        attempts=0,
        next_attempt_at=now,
        not_after=not_after,
        created_at=now,
        settled_at=now if dropped else None,
    )
    session.execute(statement.on_conflict_do_nothing(index_elements=["about", "account_id", "kind", "version"]))


def last_told(session: Session, about: UUID) -> datetime | None:
    """When the people of a booking were last told its time; None if that was before there were mails."""
    told = (MailKind.BOOKED, MailKind.MOVED)
    query = select(MailRow.created_at).where(MailRow.about == about, MailRow.kind.in_(told))
    return max(session.scalars(query), default=None)


def mails_since(session: Session, account_id: UUID, kind: MailKind, since: datetime) -> int:
    """How many mails of this kind an account was sent, or is to be sent."""
    query = select(func.count()).select_from(MailRow)
    return session.scalars(
        query.where(MailRow.account_id == account_id, MailRow.kind == kind.value, MailRow.created_at > since)
    ).one()


def drop_reminders(session: Session, about: UUID, now: datetime) -> None:
    """Reminders that wait to be sent are no longer wanted: the booking is cancelled or moved."""
    query = select(MailRow).where(
        MailRow.about == about, MailRow.kind.in_(REMINDERS), MailRow.status == MailState.PENDING.value
    )
    for row in session.scalars(query.with_for_update()):
        settle(row, MailState.DROPPED, now)
    session.flush()


def settle(row: MailRow, state: MailState, now: datetime, failure: str | None = None) -> None:
    """Nothing more happens to the mail, so what it said is forgotten."""
    row.status, row.settled_at, row.failure = state.value, now, failure and failure[:200]
    row.reader = row.facts = "{}"


def due_mails(session: Session, now: datetime, limit: int) -> Sequence[UUID]:
    """Mails to be sent now, those that wait longest first."""
    query = select(MailRow.id).where(text(WAITING), MailRow.next_attempt_at <= now)
    return session.scalars(query.order_by(MailRow.next_attempt_at).limit(limit)).all()


def oldest_due_mail(session: Session, now: datetime) -> datetime | None:
    """Since when the mail waits that is due longest."""
    query = select(MailRow.next_attempt_at).where(text(WAITING), MailRow.next_attempt_at <= now)
    return session.scalar(query.order_by(MailRow.next_attempt_at).limit(1))


def locked_mail(session: Session, mail_id: UUID) -> MailRow | None:
    """The mail as it is now; None while another worker is claiming it."""
    query = select(MailRow).where(MailRow.id == mail_id).with_for_update(skip_locked=True)
    return session.scalar(query.execution_options(populate_existing=True))


def switched_off(session: Session, account_id: UUID) -> set[str]:
    """The kinds that this account does not want."""
    return set(session.scalars(select(MailOptOutRow.kind).where(MailOptOutRow.account_id == account_id)))


def is_switched_off(session: Session, account_id: UUID, kind: str) -> bool:
    """Whether this account does not want this kind."""
    query = exists().where(MailOptOutRow.account_id == account_id, MailOptOutRow.kind == kind)
    return bool(session.scalar(select(query)))


def switch(session: Session, account_id: UUID, kind: MailKind, *, on: bool) -> None:
    """Whether mails of this kind are wanted, from now on; those that wait already too."""
    mine = {"account_id": account_id, "kind": kind.value}
    if on:
        session.execute(delete(MailOptOutRow).filter_by(**mine))
    else:
        session.execute(_insert(session, MailOptOutRow).values(**mine).on_conflict_do_nothing())


def _insert(session: Session, table: type[Base]) -> Any:
    """SQLAlchemy has `on_conflict_do_nothing` twice: in each dialect's own statement."""
    return (postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert)(table)


def mails_waiting(session: Session) -> int:
    """How many are in the outbox."""
    return session.scalar(select(func.count()).select_from(MailRow).where(text(WAITING))) or 0
