"""Leases on whole tasks: what is done once a day is done by one backend of several."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.kit.database import Base, UtcDateTime


class WorkerLeaseRow(Base):
    """Nobody begins `task` before `leased_until`."""

    __tablename__ = "worker_leases"

    task: Mapped[str] = mapped_column(String(40), primary_key=True)
    leased_until: Mapped[datetime] = mapped_column(UtcDateTime)


def claim(session: Session, task: str, until: datetime, now: datetime) -> bool:
    """Whether the caller may begin. Two that ask for the first time ever at once: the database refuses one."""
    lease = session.get(WorkerLeaseRow, task, with_for_update=True)
    if lease is None:
        session.add(WorkerLeaseRow(task=task, leased_until=until))
    elif lease.leased_until > now:
        return False
    else:
        lease.leased_until = until
    session.flush()
    return True


def lease(session: Session, task: str, until: datetime) -> None:
    """Whoever has the lease gives it back earlier, or keeps it for longer."""
    row = session.get(WorkerLeaseRow, task, with_for_update=True)
    if row is not None:
        row.leased_until = until
        session.flush()
