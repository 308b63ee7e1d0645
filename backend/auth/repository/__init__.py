"""Accounts and tokens in the database."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from backend.auth.rules import Account, Role
from backend.auth.rules.sign_ins import oldest_living
from backend.auth.tables import AccountRow, EmailCodeRow, ResetRequestRow, SearchTextRow, TokenRow
from backend.kit.text import searchable
from backend.mail.rules.facts import Reader

MOST_TWINS = 3
"""Each costs a hash at signing in; four spellings of one address that all have accounts were never seen."""


def account_of(row: AccountRow) -> Account:
    """The row without its secrets and its session."""
    return Account(
        row.id, Role(row.role), row.email, row.name, row.time_zone, email_verified=row.email_verified_at is not None
    )


def reader_of(session: Session, account_id: UUID) -> Reader:
    """The account as a mail's reader."""
    row = session.get_one(AccountRow, account_id)
    return Reader(
        account_id=row.id,
        email=row.email,
        name=row.name,
        professional=row.role == Role.PROFESSIONAL,
        time_zone=row.time_zone,
        language=row.language,
    )


def accounts_by_email(session: Session, form: str, typed: str) -> Sequence[AccountRow]:
    """Accounts whose address has this form: one, or a few that are older than the rule of one form.

    First the one whose address is stored as it was `typed` (lower case), then the oldest.
    """
    found = session.scalars(select(AccountRow).where(AccountRow.email_form == form)).all()
    return sorted(found, key=lambda row: (row.email != typed, row.created_at, row.id))[:MOST_TWINS]


def name_passes_for_another(session: Session, look: str, sort_name: str) -> bool:
    """Whether somebody's name has this look, but is written with other letters."""
    query = select(AccountRow.id).where(AccountRow.name_look == look, AccountRow.sort_name != sort_name)
    return session.scalar(query.limit(1)) is not None


def write_search_text(
    session: Session, account_id: UUID, *, name: str | None = None, profile: str | None = None
) -> None:
    """What a professional is found by; None leaves a part as it is."""
    row = session.scalar(select(SearchTextRow).where(SearchTextRow.account_id == account_id))
    if row is None:
        row = SearchTextRow(account_id=account_id, text="\n")
        session.add(row)
    name_part, _, profile_part = row.text.partition("\n")
    name_part = name_part if name is None else searchable(name)
    row.text = f"{name_part}\n{profile_part if profile is None else searchable(profile)}"


def is_blocked(session: Session, account_id: UUID) -> bool:
    """Whether nobody may sign in to it, find it or book it."""
    return session.scalar(select(AccountRow.blocked_at).where(AccountRow.id == account_id)) is not None


def replace_password_hash(session: Session, account_id: UUID, old: str, new: str) -> None:
    """Stores the hash, unless the password was changed meanwhile."""
    mine = update(AccountRow).where(AccountRow.id == account_id, AccountRow.password_hash == old)
    session.execute(mine.values(password_hash=new))


def lock_account(session: Session, account_id: UUID) -> None:
    """Makes what is checked and changed together for one account wait for each other, until the transaction ends.

    Taken before any other lock. Rows that only refer to the account can still be made meanwhile (FOR NO KEY UPDATE):
    a booking refers to its professional's.
    """
    session.get_one(AccountRow, account_id, with_for_update={"key_share": True})


def account_by_token(connection: Connection, digest: bytes, now: datetime) -> tuple[Account, datetime, datetime] | None:
    """The account of a live token, when that began, and when it was last seen as far as that is written down.

    Asked before every request, so without a session.
    """
    found = connection.execute(_BY_TOKEN, {"digest": digest, "now": now, "oldest": oldest_living(now)}).first()
    if found is None:
        return None
    row_id, role, email, name, time_zone, verified_at, began_at, seen_at = found
    account = Account(row_id, Role(role), email, name, time_zone, email_verified=verified_at is not None)
    return account, began_at, seen_at or began_at


_ACCOUNT, _TOKEN = AccountRow.__table__.c, TokenRow.__table__.c
_BY_TOKEN = (
    select(
        _ACCOUNT.id,
        _ACCOUNT.role,
        _ACCOUNT.email,
        _ACCOUNT.name,
        _ACCOUNT.time_zone,
        _ACCOUNT.email_verified_at,
        _TOKEN.created_at,
        _TOKEN.last_seen_at,
    )
    .join_from(AccountRow.__table__, TokenRow.__table__, _TOKEN.account_id == _ACCOUNT.id)
    .where(
        _TOKEN.digest == bindparam("digest"),
        _TOKEN.expires_at > bindparam("now"),
        _TOKEN.created_at > bindparam("oldest"),
    )
)


def note_seen(session: Session, digest: bytes, seen_at: datetime, expires_at: datetime) -> None:
    """A token was used, which moves its end."""
    mine = update(TokenRow).where(TokenRow.digest == digest)
    session.execute(mine.values(last_seen_at=seen_at, expires_at=expires_at))


def sign_ins(session: Session, account_id: UUID, now: datetime, limit: int) -> Sequence[TokenRow]:
    """The account's living tokens, those seen last first."""
    query = select(TokenRow).where(
        TokenRow.account_id == account_id, TokenRow.expires_at > now, TokenRow.created_at > oldest_living(now)
    )
    seen_at = func.coalesce(TokenRow.last_seen_at, TokenRow.created_at)
    return session.scalars(query.order_by(seen_at.desc(), TokenRow.created_at.desc()).limit(limit)).all()


def token_digests(session: Session, account_id: UUID) -> Sequence[bytes]:
    """Of every token of the account."""
    return session.scalars(select(TokenRow.digest).where(TokenRow.account_id == account_id)).all()


def verify_email(session: Session, account_id: UUID, now: datetime) -> Account:
    """The account, whose address is verified."""
    row = session.get_one(AccountRow, account_id)
    row.email_verified_at = row.email_verified_at or now
    session.flush()
    return account_of(row)


def try_code(session: Session, account_id: UUID, purpose: str) -> EmailCodeRow | None:
    """The account's code for this, with one attempt more; nobody else's to try until the transaction ends.

    The account is locked first, as where a code is sent: two that lock in different orders would wait for each other.
    """
    session.execute(select(AccountRow.id).where(AccountRow.id == account_id).with_for_update(key_share=True))
    mine = (EmailCodeRow.account_id == account_id, EmailCodeRow.purpose == purpose)
    session.execute(update(EmailCodeRow).where(*mine).values(attempts=EmailCodeRow.attempts + 1))
    return session.scalar(select(EmailCodeRow).where(*mine).execution_options(populate_existing=True))


def forget_codes(session: Session, account_id: UUID) -> None:
    """No code that was sent to the account is good any more."""
    session.execute(delete(EmailCodeRow).where(EmailCodeRow.account_id == account_id))


def reset_requests(session: Session, now: datetime, limit: int) -> Sequence[UUID]:
    """Requests for a new password that nobody has answered, the oldest first."""
    query = select(ResetRequestRow.id).where(ResetRequestRow.created_at <= now)
    return session.scalars(query.order_by(ResetRequestRow.created_at).limit(limit)).all()


def locked_reset_request(session: Session, request_id: UUID) -> ResetRequestRow | None:
    """The request; None if it is answered, or another worker is doing that."""
    query = select(ResetRequestRow).where(ResetRequestRow.id == request_id)
    return session.scalar(query.with_for_update(skip_locked=True))


def oldest_reset_request(session: Session, now: datetime) -> datetime | None:
    """When the oldest of them was made."""
    query = select(ResetRequestRow.created_at).where(ResetRequestRow.created_at <= now)
    return session.scalar(query.order_by(ResetRequestRow.created_at).limit(1))


def revoke_all_tokens(session: Session, account_id: UUID) -> None:
    """Signs every device out."""
    session.execute(delete(TokenRow).where(TokenRow.account_id == account_id))


def revoke_token(session: Session, digest: bytes) -> None:
    """Forgets one token."""
    session.execute(delete(TokenRow).where(TokenRow.digest == digest))


def revoke_other_tokens(session: Session, account_id: UUID, kept: bytes) -> None:
    """Forgets every token of the account but one."""
    session.execute(delete(TokenRow).where(TokenRow.account_id == account_id, TokenRow.digest != kept))


def forget_expired_tokens(session: Session, account_id: UUID, now: datetime) -> None:
    """Deletes one account's expired tokens."""
    session.execute(delete(TokenRow).where(TokenRow.account_id == account_id, TokenRow.expires_at <= now))
