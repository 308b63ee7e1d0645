"""Signing up, in and out, and one's own account, over HTTP."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Response

from backend.auth import repository, service
from backend.auth.access import BearerToken, CurrentAccount, PasswordHasherDep
from backend.auth.rules import (
    Account,
    AccountBlocked,
    EmailTaken,
    NotSignedIn,
    WrongEmailOrPassword,
    check_new_password,
    email_form,
    first_language,
)
from backend.auth.schemas import AccountAnswer, AccountChanges, PasswordChange, SignedInAnswer, SignIn, SignUp
from backend.auth.service import PasswordHasher
from backend.kit.bulkheads import PASSWORDS, behind
from backend.kit.database import Database
from backend.kit.errors import InvalidPayload, ServiceUnavailable, TooManyAttempts, error_responses
from backend.kit.http import DatabaseDep, NowDep
from backend.kit.limits.access import Address, LimitsDep
from backend.kit.limits.counting import Counted, Limits, by_line
from backend.kit.limits.lines import line_of
from backend.kit.limits.table import (
    EMAIL_TAKEN,
    PASSWORD,
    PASSWORD_LINE,
    PASSWORD_NETWORK,
    SIGN_UP,
    SIGN_UP_DAY,
    SIGN_UP_NETWORK,
)

router = APIRouter(prefix="/auth", tags=["accounts"])
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
) -> SignedInAnswer:
    """A new account, signed in at once."""
    taken = by_line(address, EMAIL_TAKEN)
    limits.count(*by_line(address, SIGN_UP, SIGN_UP_DAY, SIGN_UP_NETWORK), also=taken)
    try:
        return _signed_up(body, database, passwords, first_language(accept_language), now)
    except EmailTaken:
        limits.count_failure(*taken)  # who asks for many addresses learns which of them have accounts
        raise


def _signed_up(
    body: SignUp, database: DatabaseDep, passwords: PasswordHasher, language: str, now: datetime
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
        token, expires_at = service.issue_token(session, account, now)
    return SignedInAnswer(token=token, expires_at=expires_at, account=AccountAnswer.model_validate(account))


@router.post(
    "/sign-in", responses=error_responses(WrongEmailOrPassword, AccountBlocked, TooManyAttempts, ServiceUnavailable)
)
@behind(PASSWORDS)
def sign_in(
    body: SignIn,
    database: DatabaseDep,
    passwords: PasswordHasherDep,
    limits: LimitsDep,
    address: Address,
    now: NowDep,
    accept_language: Languages = "",
) -> SignedInAnswer:
    """A token for an account's address and password. Its owner is told by mail."""
    account = _checked(database, passwords, limits, body.email, address, body.password.get_secret_value())
    with database.write() as session:
        service.note_sign_in(session, account, first_language(accept_language), now)
        token, expires_at = service.issue_token(session, account, now)
    return SignedInAnswer(token=token, expires_at=expires_at, account=AccountAnswer.model_validate(account))


def _checked(
    database: DatabaseDep,
    passwords: PasswordHasher,
    limits: Limits,
    email: str,
    address: str,
    password: str,
) -> Account:
    # One person, whichever way the e-mail is typed. Never by the e-mail alone: anybody could lock its owner out.
    person = Counted(PASSWORD, f"{line_of(address).line}\0{email_form(email)}")
    everyone = by_line(address, PASSWORD_LINE, PASSWORD_NETWORK)
    limits.count(person, also=everyone)  # before the password is checked, so that many at once cannot slip by
    try:
        account = service.check_password(database, passwords, email, password)
    except WrongEmailOrPassword:
        limits.count_failure(*everyone)
        raise
    limits.forget(person)
    return account


def is_own_password(
    database: Database, passwords: PasswordHasher, limits: Limits, account: Account, address: str, password: str
) -> bool:
    """Whether somebody who is signed in knows the password too, counted as signing in is; TooManyAttempts."""
    try:
        found = _checked(database, passwords, limits, account.email, address, password)
    except WrongEmailOrPassword:
        return False
    return found.id == account.id  # not an older account of the same address, whose password this is


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
    limits: LimitsDep,
    address: Address,
) -> Response:
    """A new password; every other token of the account is revoked."""
    if not is_own_password(database, passwords, limits, account, address, body.current_password.get_secret_value()):
        raise service.wrong_current_password()
    try:
        check_new_password(body.new_password.get_secret_value(), account.email, account.name)
    except ValueError as error:
        raise InvalidPayload({"new_password": str(error)}) from error
    password_hash = passwords.hashed(body.new_password.get_secret_value())
    with database.write() as session:
        service.change_password(session, account, password_hash, token)
    return Response(status_code=204)
