"""Signing up, in and out, and one's own account, over HTTP."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Response

from backend.auth import repository, service
from backend.auth.access import BearerToken, CurrentAccount, PasswordHasherDep
from backend.auth.endpoints.proving import ProvingDep
from backend.auth.rules import (
    AccountBlocked,
    EmailTaken,
    NotSignedIn,
    WrongEmailOrPassword,
    check_new_password,
    first_language,
)
from backend.auth.rules.second_factor import SecondFactorNeeded
from backend.auth.rules.sign_ins import device_name
from backend.auth.schemas import AccountAnswer, AccountChanges, PasswordChange, SignedInAnswer, SignIn, SignUp
from backend.auth.service import PasswordHasher
from backend.kit.bulkheads import PASSWORDS, behind
from backend.kit.errors import InvalidPayload, ServiceUnavailable, TooManyAttempts, error_responses
from backend.kit.http import DatabaseDep, NowDep
from backend.kit.limits.access import Address, LimitsDep
from backend.kit.limits.counting import by_line
from backend.kit.limits.table import (
    EMAIL_TAKEN,
    SIGN_UP,
    SIGN_UP_DAY,
    SIGN_UP_NETWORK,
)

router = APIRouter(prefix="/auth", tags=["accounts"])
Device = Annotated[str, Header(description="What the person knows the device by, such as Firefox on Windows.")]
Languages = Annotated[str, Header(description="Mails write dates in the order of the first one's region.")]


@router.post("/sign-up", status_code=201, responses=error_responses(EmailTaken, TooManyAttempts, ServiceUnavailable))
@behind(PASSWORDS)
def sign_up(
    body: SignUp,
    database: DatabaseDep,
    passwords: PasswordHasherDep,
    limits: LimitsDep,
    address: Address,
    now: NowDep,
    accept_language: Languages = "",
    x_rendezvous_device: Device = "",
) -> SignedInAnswer:
    """A new account, signed in at once."""
    taken = by_line(address, EMAIL_TAKEN)
    limits.count(*by_line(address, SIGN_UP, SIGN_UP_DAY, SIGN_UP_NETWORK), also=taken)
    try:
        device = device_name(x_rendezvous_device)
        return _signed_up(body, database, passwords, first_language(accept_language), device, now)
    except EmailTaken:
        limits.count_failure(*taken)  # who asks for many addresses learns which of them have accounts
        raise


def _signed_up(
    body: SignUp, database: DatabaseDep, passwords: PasswordHasher, language: str, device: str, now: datetime
) -> SignedInAnswer:
    password_hash = passwords.hashed(body.password.get_secret_value())  # takes long: before the transaction
    with database.write() as session:
        account = service.sign_up(
            session,
            email=body.email,
            password_hash=password_hash,
            name=body.name,
            role=body.role,
            time_zone=body.time_zone,
            language=language,
            now=now,
        )
        token, expires_at = service.issue_token(session, account, now, device)
    return SignedInAnswer(token=token, expires_at=expires_at, account=AccountAnswer.model_validate(account))


@router.post(
    "/sign-in",
    responses=error_responses(
        WrongEmailOrPassword, SecondFactorNeeded, AccountBlocked, InvalidPayload, TooManyAttempts, ServiceUnavailable
    ),
)
@behind(PASSWORDS)
def sign_in(
    body: SignIn,
    database: DatabaseDep,
    proving: ProvingDep,
    now: NowDep,
    accept_language: Languages = "",
    x_rendezvous_device: Device = "",
) -> SignedInAnswer:
    """A token for an account's address and password. Its owner is told by mail.

    SecondFactorNeeded: they are right, and the same request has to come with `code`.
    """
    account = proving.who(body.email, body.password.get_secret_value(), body.code)
    with database.write() as session:
        service.note_sign_in(session, account, first_language(accept_language), now)
        token, expires_at = service.issue_token(session, account, now, device_name(x_rendezvous_device))
    return SignedInAnswer(token=token, expires_at=expires_at, account=AccountAnswer.model_validate(account))


@router.post("/sign-out", status_code=204, responses=error_responses(NotSignedIn))
def sign_out(_account: CurrentAccount, token: BearerToken, database: DatabaseDep) -> Response:
    """The token is revoked."""
    with database.write() as session:
        repository.revoke_token(session, service.token_digest(token))
    return Response(status_code=204)


@router.get("/me", responses=error_responses(NotSignedIn))
def me(account: CurrentAccount) -> AccountAnswer:
    """Whose token this is."""
    return AccountAnswer.model_validate(account)


@router.patch("/me", responses=error_responses(NotSignedIn))
def update_me(body: AccountChanges, account: CurrentAccount, database: DatabaseDep) -> AccountAnswer:
    """A new name or zone; what is left out stays."""
    with database.write() as session:
        changed = service.update_account(session, account, body.name, body.time_zone)
    return AccountAnswer.model_validate(changed)


@router.post(
    "/me/password", status_code=204, responses=error_responses(NotSignedIn, TooManyAttempts, ServiceUnavailable)
)
@behind(PASSWORDS)
def change_password(
    body: PasswordChange,
    account: CurrentAccount,
    token: BearerToken,
    database: DatabaseDep,
    passwords: PasswordHasherDep,
    proving: ProvingDep,
) -> Response:
    """A new password; every other token of the account is revoked."""
    if not proving.is_own_password(account, body.current_password.get_secret_value()):
        raise service.wrong_current_password()
    try:
        check_new_password(body.new_password.get_secret_value(), account.email, account.name)
    except ValueError as error:
        raise InvalidPayload({"new_password": str(error)}) from error
    password_hash = passwords.hashed(body.new_password.get_secret_value())
    with database.write() as session:
        service.change_password(session, account, password_hash, token)
    return Response(status_code=204)
