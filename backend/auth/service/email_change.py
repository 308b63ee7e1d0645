"""Another address for an account. Sessions are the caller's; nothing here commits."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.auth import repository
from backend.auth.rules import Account, EmailTaken, email_form
from backend.auth.rules.codes import CodePurpose, minutes_of
from backend.auth.service import codes
from backend.auth.tables import AccountRow, EmailCodeRow
from backend.kit.database import violated_constraint
from backend.kit.errors import InvalidPayload
from backend.mail.repository import enqueue
from backend.mail.rules import MailKind
from backend.mail.rules.facts import ChangeCodeFacts, EmailChangedFacts


def begin(session: Session, account: Account, new_email: str, key: bytes, now: datetime) -> datetime:
    """Sends a code to the new address (normal form), and says until when it is good; an earlier one is no longer.

    InvalidPayload if it is the account's own already. Of an address that another account has nothing else can be seen
    from here: the same rows are written, but no code fits, and the mail tells its owner that somebody wanted it.
    """
    if email_form(account.email) == new_email:
        raise InvalidPayload({"email": "This is your e-mail already."})
    taken = _belongs_to_another(session, account.id, new_email)
    code = codes.new_code(session, account.id, CodePurpose.CHANGE, key, now, new_email=new_email, fits=not taken)
    row = session.get_one(EmailCodeRow, (account.id, CodePurpose.CHANGE.value))
    # Without the name: nobody is to send words of their own to whom they like.
    reader = repository.reader_of(session, account.id).model_copy(update={"email": new_email, "name": ""})
    facts = ChangeCodeFacts(code=code, minutes=minutes_of(CodePurpose.CHANGE), taken=taken)
    enqueue(session, MailKind.CHANGE_CODE, reader, facts, now, not_after=row.expires_at)
    return row.expires_at


def waiting(session: Session, account_id: UUID, now: datetime) -> tuple[str, datetime] | None:
    """The address whose code is waited for, and until when; None if nothing is."""
    row = session.get(EmailCodeRow, (account_id, CodePurpose.CHANGE.value))
    return (row.new_email, row.expires_at) if row and row.new_email and row.expires_at > now else None


def drop(session: Session, account_id: UUID) -> None:
    """The address stays as it is."""
    repository.lock_account(session, account_id)
    if (row := session.get(EmailCodeRow, (account_id, CodePurpose.CHANGE.value))) is not None:
        session.delete(row)
        session.flush()


def confirm(session: Session, account: Account, code: str, key: bytes, now: datetime) -> Account | None:
    """The account with its new address, which is verified, if the code is right; else None, and the attempt counts.

    The old address is told, and codes that were sent there are no longer good. EmailTaken: it was free at first.
    """
    new_email = codes.use_change_code(session, account.id, code, key, now)
    if new_email is None:
        return None
    if _belongs_to_another(session, account.id, new_email):
        raise EmailTaken
    former = repository.reader_of(session, account.id)
    row = session.get_one(AccountRow, account.id)
    row.email, row.email_form, row.email_verified_at = new_email, email_form(new_email), now
    try:
        session.flush()
    except IntegrityError as error:
        if violated_constraint(error) == "uq_accounts_email":
            raise EmailTaken from error
        raise
    repository.forget_codes(session, account.id)
    enqueue(session, MailKind.EMAIL_CHANGED, former, EmailChangedFacts(at=now), now)
    return repository.account_of(row)


def _belongs_to_another(session: Session, account_id: UUID, email: str) -> bool:
    return any(row.id != account_id for row in repository.accounts_by_email(session, email_form(email), email))
