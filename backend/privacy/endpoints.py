"""A person's own data over HTTP: all of it in one answer, and the end of the account."""

from typing import Any

from fastapi import APIRouter, Response

from backend.auth.access import CurrentAccount
from backend.auth.endpoints.proving import ProvingDep
from backend.auth.rules import NotSignedIn
from backend.kit.bulkheads import PASSWORDS, behind
from backend.kit.errors import BusinessError, InvalidPayload, ServiceUnavailable, TooManyAttempts, error_responses
from backend.kit.http import DatabaseDep, NowDep
from backend.kit.money import CURRENCY, format_balance
from backend.privacy.schemas import DeleteAccount, DeletionAnswer
from backend.privacy.service.deleting import Outcome, delete_person, would_become
from backend.privacy.service.exporting import exported

router = APIRouter(prefix="/auth/me", tags=["accounts"])


class DeletionChanged(BusinessError):
    """What it would do is not what the person was shown."""

    status = 409
    detail = "Your sessions have changed. Please look again at what will happen."


@router.get("/export", responses=error_responses(NotSignedIn))
def export_me(account: CurrentAccount, database: DatabaseDep) -> dict[str, Any]:
    """Everything that is kept of this person, as JSON."""
    with database.read() as session:
        return exported(session, account)


@router.get("/deletion", responses=error_responses(NotSignedIn))
def deletion(account: CurrentAccount, database: DatabaseDep, now: NowDep) -> DeletionAnswer:
    """What deleting the account would do now; nothing changes."""
    with database.read() as session:
        return _answer(would_become(session, account, now))


@router.post(
    "/delete",
    status_code=204,
    responses=error_responses(NotSignedIn, DeletionChanged, TooManyAttempts, ServiceUnavailable),
)
@behind(PASSWORDS)
def delete_me(
    body: DeleteAccount, account: CurrentAccount, database: DatabaseDep, proving: ProvingDep, now: NowDep
) -> Response:
    """Deletes the account for good. What is coming is cancelled by the policy; money stays, without a name."""
    if not proving.is_own_password(account, body.password.get_secret_value()):
        raise InvalidPayload({"password": "This is not your password."})
    with database.write() as session:
        if would_become(session, account, now).cancelled != body.sessions:
            raise DeletionChanged
        delete_person(session, account, now)
    return Response(status_code=204)


def _answer(outcome: Outcome) -> DeletionAnswer:
    return DeletionAnswer(
        sessions=outcome.cancelled,
        refund=format_balance(outcome.refund_minor),
        currency=CURRENCY,
        kept=outcome.kept,
    )
