"""Accounts over HTTP."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request, Response

from backend.auth import repository, service
from backend.auth.access import PresentedToken, SignedIn
from backend.auth.rules import Account, EmailTaken, NotSignedIn, WrongEmailOrPassword, check_new_password, email_form
from backend.auth.schemas import AccountAnswer, AccountChanges, PasswordChange, SignedInAnswer, SignIn, SignUp
from backend.auth.service import Passwords, SignInLimits
from backend.kit.bulkheads import PASSWORDS, behind
from backend.kit.errors import InvalidPayload, ServiceUnavailable, TooManyAttempts, answers
from backend.kit.http import DatabaseOf, Now

router = APIRouter(prefix="/auth", tags=["accounts"])


async def _passwords(request: Request) -> Passwords:
    return cast(Passwords, request.app.state.passwords)


async def _limits(request: Request) -> SignInLimits:
    return cast(SignInLimits, request.app.state.sign_in_limits)


async def _address(request: Request) -> str:
    return request.client.host if request.client else ""


PasswordsOf = Annotated[Passwords, Depends(_passwords)]
LimitsOf = Annotated[SignInLimits, Depends(_limits)]
Address = Annotated[str, Depends(_address)]


@router.post("/sign-up", status_code=201, responses=answers(EmailTaken, ServiceUnavailable))
@behind(PASSWORDS)
def sign_up(body: SignUp, database: DatabaseOf, passwords: PasswordsOf, now: Now) -> SignedInAnswer:
    """A new account, signed in at once."""
    password_hash = passwords.hashed(body.password.get_secret_value())  # takes long: before the transaction
    with database.write() as session:
        account = service.sign_up(
            session,
            email=body.email,
            password_hash=password_hash,
            name=body.name,
            role=body.role,
            time_zone=body.time_zone,
            now=now,
        )
        token, expires_at = service.issue_token(session, account, now)
    return SignedInAnswer(token=token, expires_at=expires_at, account=AccountAnswer.model_validate(account))


@router.post("/sign-in", responses=answers(WrongEmailOrPassword, TooManyAttempts, ServiceUnavailable))
@behind(PASSWORDS)
def sign_in(
    body: SignIn,
    database: DatabaseOf,
    passwords: PasswordsOf,
    limits: LimitsOf,
    address: Address,
    now: Now,
) -> SignedInAnswer:
    """A token for an account's address and password."""
    account = _checked(database, passwords, limits, body.email, address, body.password.get_secret_value())
    with database.write() as session:
        token, expires_at = service.issue_token(session, account, now)
    return SignedInAnswer(token=token, expires_at=expires_at, account=AccountAnswer.model_validate(account))


def _checked(
    database: DatabaseOf,
    passwords: Passwords,
    limits: SignInLimits,
    email: str,
    address: str,
    password: str,
) -> Account:
    counted = email_form(email)  # one person, whichever way the address is typed
    limits.attempt(counted, address)
    try:
        account = service.check_password(database, passwords, email, password)
    except WrongEmailOrPassword:
        limits.failed(address)
        raise
    limits.succeeded(counted, address)
    return account


@router.post("/sign-out", status_code=204, responses=answers(NotSignedIn))
def sign_out(_account: SignedIn, token: PresentedToken, database: DatabaseOf) -> Response:
    """The token is revoked."""
    with database.write() as session:
        repository.revoke_token(session, service.token_digest(token))
    return Response(status_code=204)


@router.get("/me", responses=answers(NotSignedIn))
def me(account: SignedIn) -> AccountAnswer:
    """Whose token this is."""
    return AccountAnswer.model_validate(account)


@router.patch("/me", responses=answers(NotSignedIn))
def update_me(body: AccountChanges, account: SignedIn, database: DatabaseOf) -> AccountAnswer:
    """A new name or zone; what is left out stays."""
    with database.write() as session:
        changed = service.update_account(session, account, body.name, body.time_zone)
    return AccountAnswer.model_validate(changed)


@router.post("/me/password", status_code=204, responses=answers(NotSignedIn, TooManyAttempts, ServiceUnavailable))
@behind(PASSWORDS)
def change_password(
    body: PasswordChange,
    account: SignedIn,
    token: PresentedToken,
    database: DatabaseOf,
    passwords: PasswordsOf,
    limits: LimitsOf,
    address: Address,
) -> Response:
    """A new password; every other token of the account is revoked."""
    try:
        found = _checked(database, passwords, limits, account.email, address, body.current_password.get_secret_value())
    except WrongEmailOrPassword as error:
        raise service.wrong_current_password() from error
    if found.id != account.id:  # an older account of the same address, whose password this is
        raise service.wrong_current_password()
    try:
        check_new_password(body.new_password.get_secret_value(), account.email, account.name)
    except ValueError as error:
        raise InvalidPayload({"new_password": str(error)}) from error
    password_hash = passwords.hashed(body.new_password.get_secret_value())
    with database.write() as session:
        service.change_password(session, account, password_hash, token)
    return Response(status_code=204)
