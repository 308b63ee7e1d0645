"""Another address for one's account: a code goes to the new one and is typed in the app."""

from datetime import datetime

from fastapi import APIRouter, Response

from backend.auth.access import CodeKey, CurrentAccount
from backend.auth.endpoints.proving import ProvingDep
from backend.auth.rules import Account, EmailTaken, NotSignedIn
from backend.auth.rules.codes import WrongCode
from backend.auth.rules.second_factor import SecondFactorNeeded
from backend.auth.schemas import AccountAnswer, EmailChange, EmailChangeAnswer, TypedCode
from backend.auth.service import email_change
from backend.kit.bulkheads import PASSWORDS, behind
from backend.kit.database import Database
from backend.kit.errors import InvalidPayload, ServiceUnavailable, TooManyAttempts, error_responses
from backend.kit.http import DatabaseDep, NowDep
from backend.kit.limits.access import LimitsDep
from backend.kit.limits.counting import Counted
from backend.kit.limits.table import CODE_SENT, CODE_SENT_DAY, CODE_TRIED

router = APIRouter(prefix="/auth/me/email-change", tags=["accounts"], responses=error_responses(NotSignedIn))


@router.post("", responses=error_responses(SecondFactorNeeded, InvalidPayload, TooManyAttempts, ServiceUnavailable))
@behind(PASSWORDS)
def begin_email_change(
    body: EmailChange,
    account: CurrentAccount,
    proving: ProvingDep,
    database: DatabaseDep,
    limits: LimitsDep,
    key: CodeKey,
    now: NowDep,
) -> EmailChangeAnswer:
    """Sends a code to the new address; an earlier one is no longer good. The same answer if it has an account."""
    proving.check_own(account, body.password.get_secret_value(), body.code)
    limits.count(Counted(CODE_SENT, str(account.id)), Counted(CODE_SENT_DAY, str(account.id)))
    with database.write() as session:
        code_until = email_change.begin(session, account, body.email, key, now)
    return EmailChangeAnswer(email=body.email, code_until=code_until)


@router.get("")
def waiting_email_change(account: CurrentAccount, database: DatabaseDep, now: NowDep) -> EmailChangeAnswer:
    """The address whose code is waited for."""
    with database.read() as session:
        found = email_change.waiting(session, account.id, now)
    email, code_until = found or (None, None)
    return EmailChangeAnswer(email=email, code_until=code_until)


@router.delete("", status_code=204)
def drop_email_change(account: CurrentAccount, database: DatabaseDep) -> Response:
    """The address stays as it is; nothing happens if nothing is waited for."""
    with database.write() as session:
        email_change.drop(session, account.id)
    return Response(status_code=204)


@router.post("/confirm", responses=error_responses(InvalidPayload, EmailTaken, TooManyAttempts))
def confirm_email_change(
    body: TypedCode, account: CurrentAccount, database: DatabaseDep, limits: LimitsDep, key: CodeKey, now: NowDep
) -> AccountAnswer:
    """The account has the new address, if this is the code that was sent there last. The old one is told by mail."""
    limits.count(Counted(CODE_TRIED, str(account.id)))
    changed = _confirmed(database, account, body.code, key, now)
    if changed is None:  # after the transaction, in which the attempt was counted
        raise WrongCode
    return AccountAnswer.model_validate(changed)


def _confirmed(database: Database, account: Account, code: str, key: bytes, now: datetime) -> Account | None:
    with database.write() as session:
        return email_change.confirm(session, account, code, key, now)
