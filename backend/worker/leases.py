"""Leases on whole tasks: what is done once a day is done by one backend of several."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.kit.database import Base, UtcDateTime


class WorkerLeaseRow(Base):
    """Nobody begins `task` before `leased_until`."""

    __tablename__ = "worker_leases"

    task: Mapped[str] = mapped_column(String(40), primary_key=True)
    leased_until: Mapped[datetime] = mapped_column(UtcDateTime)


def claim(session: Session, task: str, until: datetime, now: datetime) -> bool:
    """Whether the caller may begin. One statement, so that of several that ask at once, the first time too, one may."""
    upsert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = upsert(WorkerLeaseRow).values(task=task, leased_until=until)
    claimed = statement.on_conflict_do_update(
        index_elements=[WorkerLeaseRow.task],
        set_={"leased_until": statement.excluded.leased_until},
        where=WorkerLeaseRow.leased_until <= now,
    ).returning(WorkerLeaseRow.task)
    return session.execute(claimed).first() is not None


def lease(session: Session, task: str, until: datetime) -> None:
    """Whoever has the lease gives it back earlier, or keeps it for longer."""
    row = session.get(WorkerLeaseRow, task, with_for_update=True)
    if row is not None:
        row.leased_until = until
        session.flush()
