"""Showing that one's address is one's own: a code goes there by mail and is typed in the app."""

from datetime import datetime

from fastapi import APIRouter, Response

from backend.auth import repository
from backend.auth.access import CodeKey, CurrentAccount
from backend.auth.rules import Account, NotSignedIn
from backend.auth.rules.codes import CodePurpose, WrongCode
from backend.auth.schemas import AccountAnswer, TypedCode
from backend.auth.service import codes
from backend.kit.database import Database
from backend.kit.errors import InvalidPayload, TooManyAttempts, error_responses
from backend.kit.http import DatabaseDep, NowDep
from backend.kit.limits.access import LimitsDep
from backend.kit.limits.counting import Counted
from backend.kit.limits.table import CODE_SENT, CODE_SENT_DAY, CODE_TRIED

router = APIRouter(
    prefix="/auth/me/email-code", tags=["accounts"], responses=error_responses(NotSignedIn, TooManyAttempts)
)


@router.post("", status_code=204)
def send_email_code(
    account: CurrentAccount, database: DatabaseDep, limits: LimitsDep, key: CodeKey, now: NowDep
) -> Response:
    """Sends a code to the account's address; an earlier one is no longer good. Nothing is sent to a verified one."""
    if not account.email_verified:
        limits.count(Counted(CODE_SENT, str(account.id)), Counted(CODE_SENT_DAY, str(account.id)))
        with database.write() as session:
            codes.send_code(session, account.id, CodePurpose.VERIFY, key, now)
    return Response(status_code=204)


@router.post("/confirm", responses=error_responses(InvalidPayload))
def confirm_email(
    body: TypedCode, account: CurrentAccount, database: DatabaseDep, limits: LimitsDep, key: CodeKey, now: NowDep
) -> AccountAnswer:
    """The address is verified, if this is the code that was sent there last."""
    if account.email_verified:
        return AccountAnswer.model_validate(account)
    limits.count(Counted(CODE_TRIED, str(account.id)))
    verified = _confirmed(database, account, body.code, key, now)
    if verified is None:  # after the transaction, in which the attempt was counted
        raise WrongCode
    return AccountAnswer.model_validate(verified)


def _confirmed(database: Database, account: Account, code: str, key: bytes, now: datetime) -> Account | None:
    with database.write() as session:
        if not codes.use_code(session, account.id, CodePurpose.VERIFY, code, key, now):
            return None
        return repository.verify_email(session, account.id, now)
