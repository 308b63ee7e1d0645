"""A new password for whoever has forgotten theirs. Neither request says whether an address has an account: each does
the same work and answers the same for any.
"""

from fastapi import APIRouter, Response

from backend.auth.access import CodeKey, PasswordHasherDep
from backend.auth.rules import email_form
from backend.auth.rules.codes import WrongCode
from backend.auth.schemas import ForgottenPassword, NewPasswordByCode
from backend.auth.service import codes
from backend.kit.bulkheads import PASSWORDS, behind
from backend.kit.errors import InvalidPayload, ServiceUnavailable, TooManyAttempts, error_responses
from backend.kit.http import DatabaseDep, NowDep
from backend.kit.limits.access import Address, LimitsDep
from backend.kit.limits.counting import Counted, by_line
from backend.kit.limits.lines import line_of
from backend.kit.limits.table import FORGOTTEN, FORGOTTEN_LINE, FORGOTTEN_NETWORK, RESET, RESET_LINE

router = APIRouter(prefix="/auth", tags=["accounts"])


@router.post("/forgotten", status_code=204, responses=error_responses(TooManyAttempts))
def forgotten_password(
    body: ForgottenPassword, database: DatabaseDep, limits: LimitsDep, address: Address, now: NowDep
) -> Response:
    """Writes the request down, whatever the address is; the worker sends a code if it has an account."""
    person = Counted(FORGOTTEN, f"{line_of(address).line}\0{email_form(body.email)}")
    limits.count(person, *by_line(address, FORGOTTEN_LINE, FORGOTTEN_NETWORK))
    with database.write() as session:
        codes.request_reset(session, body.email, now)
    return Response(status_code=204)


@router.post("/reset", status_code=204, responses=error_responses(InvalidPayload, TooManyAttempts, ServiceUnavailable))
@behind(PASSWORDS)
def reset_password(
    body: NewPasswordByCode,
    database: DatabaseDep,
    passwords: PasswordHasherDep,
    limits: LimitsDep,
    address: Address,
    key: CodeKey,
    now: NowDep,
) -> Response:
    """The new password, if this is the code that was sent last. Every device is signed out; the code works once."""
    person = Counted(RESET, f"{line_of(address).line}\0{email_form(body.email)}")
    limits.count(person, *by_line(address, RESET_LINE))
    new_password = body.new_password.get_secret_value()
    password_hash = passwords.hashed(new_password)  # before anything is known, and so for every address
    with database.write() as session:
        right = codes.reset_password(session, body.email, body.code, new_password, password_hash, key, now)
    if not right:  # after the transaction, in which the attempt was counted
        raise WrongCode
    return Response(status_code=204)
