"""Codes that show that mail reaches somebody. Sessions are the caller's; nothing here commits."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from backend.auth import repository
from backend.auth.rules import check_new_password, email_form
from backend.auth.rules.codes import CODE_DIGITS, LIFETIME, MOST_TRIES, CodePurpose, minutes_of
from backend.auth.tables import AccountRow, EmailCodeRow, ResetRequestRow
from backend.kit.errors import InvalidPayload
from backend.mail.repository import enqueue, mails_since
from backend.mail.rules import MailKind
from backend.mail.rules.facts import CodeFacts

_KINDS = {CodePurpose.VERIFY: MailKind.VERIFY_CODE, CodePurpose.RESET: MailKind.RESET_CODE}
_NOBODY = UUID(int=0)
MOST_RESETS_A_DAY = 10
"""To one account, whoever asks: with five tries each nobody guesses one of a million codes."""


def send_code(session: Session, account_id: UUID, purpose: CodePurpose, key: bytes, now: datetime) -> None:
    """A new code by mail; an earlier one for the same purpose is no longer good."""
    code = new_code(session, account_id, purpose, key, now)
    facts = CodeFacts(code=code, minutes=minutes_of(purpose))
    reader = repository.reader_of(session, account_id)
    enqueue(session, _KINDS[purpose], reader, facts, now, not_after=now + LIFETIME[purpose])


def new_code(
    session: Session,
    account_id: UUID,
    purpose: CodePurpose,
    key: bytes,
    now: datetime,
    *,
    new_email: str | None = None,
    fits: bool = True,
) -> str:
    """A code for somebody to send, instead of an earlier one. Not `fits`: it is kept as one that nobody can type."""
    repository.lock_account(session, account_id)  # two requests at once would both make the first code
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    digest = _digest(key, account_id, purpose, code)
    session.merge(
        EmailCodeRow(
            account_id=account_id,
            purpose=purpose.value,
            digest=digest if fits else secrets.token_bytes(len(digest)),
            new_email=new_email,
            attempts=0,
            created_at=now,
            expires_at=now + LIFETIME[purpose],
        )
    )
    return code


def use_code(session: Session, account_id: UUID, purpose: CodePurpose, code: str, key: bytes, now: datetime) -> bool:
    """Whether this is the account's code; it is used up then. The attempt counts if the caller commits.

    The same statements for an account without a code, and for an id that is nobody's.
    """
    return _used(session, account_id, purpose, code, key, now) is not None


def use_change_code(session: Session, account_id: UUID, code: str, key: bytes, now: datetime) -> str | None:
    """The address that this code was sent to; None if it is another code. Otherwise as `use_code`."""
    row = _used(session, account_id, CodePurpose.CHANGE, code, key, now)
    return row.new_email if row else None


def _used(
    session: Session, account_id: UUID, purpose: CodePurpose, code: str, key: bytes, now: datetime
) -> EmailCodeRow | None:
    found = repository.try_code(session, account_id, purpose.value)
    wanted = _digest(key, account_id, purpose, code)
    if found is None or not hmac.compare_digest(found.digest, wanted):
        return None
    if found.attempts > MOST_TRIES or now >= found.expires_at:
        return None
    session.delete(found)
    session.flush()
    return found


def request_reset(session: Session, email: str, now: datetime) -> None:
    """Somebody says that they have forgotten the password of this address, which may be nobody's."""
    session.add(ResetRequestRow(email=email, created_at=now))


def answer_reset_request(session: Session, request_id: UUID, key: bytes, now: datetime) -> None:
    """Sends a code if the address has an account, and was not sent too many today; the request is done either way."""
    request = repository.locked_reset_request(session, request_id)
    if request is None:
        return
    row = _owner(session, request.email)
    since = now - timedelta(days=1)
    if row is not None and mails_since(session, row.id, MailKind.RESET_CODE, since) < MOST_RESETS_A_DAY:
        send_code(session, row.id, CodePurpose.RESET, key, now)
    session.delete(request)
    session.flush()


def reset_password(
    session: Session, email: str, code: str, password: str, password_hash: str, key: bytes, now: datetime
) -> bool:
    """Whether the code is right: then the hash is stored, and every device is signed out.

    InvalidPayload for a password that is the person's own name or address: the code can be used again then.
    """
    row = _owner(session, email)
    if not use_code(session, row.id if row else _NOBODY, CodePurpose.RESET, code, key, now) or row is None:
        return False
    try:
        check_new_password(password, row.email, row.name)
    except ValueError as error:
        raise InvalidPayload({"new_password": str(error)}) from error
    row.password_hash = password_hash
    row.email_verified_at = row.email_verified_at or now  # the code went there by mail
    repository.revoke_all_tokens(session, row.id)
    return True


def _owner(session: Session, email: str) -> AccountRow | None:
    """Of several older accounts of one form, the one whose address is spelled like this."""
    return next(iter(repository.accounts_by_email(session, email_form(email), email.strip().lower())), None)


def _digest(key: bytes, account_id: UUID, purpose: CodePurpose, code: str) -> bytes:
    """Keyed: a million codes are tried in no time by whoever reads the database, but not without the key."""
    return hmac.digest(key, b"\0".join((purpose.value.encode(), account_id.bytes, code.encode())), hashlib.sha256)
