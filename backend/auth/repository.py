"""Accounts and tokens in the database."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from backend.auth.rules import Account, Role
from backend.auth.tables import AccountRow, TokenRow


def account_of(row: AccountRow) -> Account:
    """The row without its secrets and its session."""
    return Account(row.id, Role(row.role), row.email, row.name, row.time_zone)


def account_by_email(session: Session, email: str) -> AccountRow | None:
    """The account with this normal address."""
    return session.scalar(select(AccountRow).where(AccountRow.email == email))


def account_by_id(session: Session, account_id: UUID) -> Account | None:
    """Any account, whichever its role."""
    row = session.get(AccountRow, account_id)
    return None if row is None else account_of(row)


def account_by_token(session: Session, digest: bytes, now: datetime) -> tuple[Account, datetime] | None:
    """Whom a live token belongs to and when it ends."""
    query = (
        select(AccountRow, TokenRow.expires_at)
        .join(TokenRow, TokenRow.account_id == AccountRow.id)
        .where(TokenRow.digest == digest, TokenRow.expires_at > now)
    )
    found = session.execute(query).first()
    return None if found is None else (account_of(found[0]), found[1])


def renew_token(session: Session, digest: bytes, expires_at: datetime) -> None:
    """Moves a token's end."""
    session.execute(update(TokenRow).where(TokenRow.digest == digest).values(expires_at=expires_at))


def revoke_token(session: Session, digest: bytes) -> None:
    """Forgets one token."""
    session.execute(delete(TokenRow).where(TokenRow.digest == digest))


def revoke_other_tokens(session: Session, account_id: UUID, kept: bytes) -> None:
    """Forgets every token of the account but one."""
    session.execute(delete(TokenRow).where(TokenRow.account_id == account_id, TokenRow.digest != kept))


def forget_expired_tokens(session: Session, account_id: UUID, now: datetime) -> None:
    """Tidies one account's tokens that are over."""
    session.execute(delete(TokenRow).where(TokenRow.account_id == account_id, TokenRow.expires_at <= now))
