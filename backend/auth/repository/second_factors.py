"""Second factors in the database."""

from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, func, select
from sqlalchemy.orm import Session

from backend.auth.tables import RecoveryCodeRow, SecondFactorRow


def locked(session: Session, account_id: UUID) -> SecondFactorRow | None:
    """The account's, on or being set up; nobody else's to use until the transaction ends."""
    query = select(SecondFactorRow).where(SecondFactorRow.account_id == account_id).with_for_update()
    return session.scalar(query.execution_options(populate_existing=True))


def found(session: Session, account_id: UUID) -> SecondFactorRow | None:
    """The account's that is on."""
    query = select(SecondFactorRow).where(
        SecondFactorRow.account_id == account_id, SecondFactorRow.on_since.is_not(None)
    )
    return session.scalar(query)


def recovery_codes_left(session: Session, account_id: UUID) -> int:
    """How many were not used yet."""
    query = select(func.count()).select_from(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id)
    return session.scalar(query) or 0


def use_recovery_code(session: Session, account_id: UUID, digest: bytes) -> bool:
    """Whether there is such a code; it is gone then."""
    mine = (RecoveryCodeRow.account_id == account_id, RecoveryCodeRow.digest == digest)
    done = session.execute(delete(RecoveryCodeRow).where(*mine))
    return cast(CursorResult[Any], done).rowcount == 1


def forget(session: Session, account_id: UUID) -> None:
    """The account asks for its password alone from now on."""
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id))
    session.execute(delete(SecondFactorRow).where(SecondFactorRow.account_id == account_id))
