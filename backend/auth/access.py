"""Who is asking: dependencies for every domain's endpoints."""

from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from backend.auth.rules import Account, NotSignedIn, Role, WrongRole
from backend.auth.service import PasswordHasher, account_for_token
from backend.auth.service.second_factor import Sealer
from backend.kit.telemetry.context import note_account
from backend.settings import Settings

_bearer = HTTPBearer(auto_error=False, description="The token of sign-up or sign-in.")


_Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


async def bearer_token(credentials: _Credentials) -> str:
    """The token as presented; NotSignedIn without one."""
    if credentials is None or not credentials.credentials:
        raise NotSignedIn
    return credentials.credentials


def signed_in(request: Request, credentials: _Credentials) -> Account:
    """Whoever the token belongs to; NotSignedIn.

    It, and those for a role, take what they need from the request: FastAPI takes as long to solve four small
    dependencies as SQLAlchemy to run a query, and this is before every request.
    """
    if credentials is None or not credentials.credentials:
        raise NotSignedIn
    state = request.app.state
    account = account_for_token(state.database, credentials.credentials, state.now())
    if account is None:
        raise NotSignedIn
    note_account(account.id)
    return account


CurrentAccount = Annotated[Account, Depends(signed_in)]


def require_professional(request: Request, credentials: _Credentials) -> Account:
    """A professional; NotSignedIn, WrongRole."""
    return _with_role(signed_in(request, credentials), Role.PROFESSIONAL)


def require_user(request: Request, credentials: _Credentials) -> Account:
    """A user; NotSignedIn, WrongRole."""
    return _with_role(signed_in(request, credentials), Role.USER)


def _with_role(account: Account, role: Role) -> Account:
    if account.role is not role:
        raise WrongRole
    return account


async def _passwords(request: Request) -> PasswordHasher:
    return cast(PasswordHasher, request.app.state.passwords)


async def _code_key(request: Request) -> bytes:
    return cast(Settings, request.app.state.settings).key_of_mails


async def _sealer(request: Request) -> Sealer:
    return Sealer(cast(Settings, request.app.state.settings).keys_of_second_factors)


SealerDep = Annotated[Sealer, Depends(_sealer)]
PasswordHasherDep = Annotated[PasswordHasher, Depends(_passwords)]
CodeKey = Annotated[bytes, Depends(_code_key)]
BearerToken = Annotated[str, Depends(bearer_token)]
CurrentProfessional = Annotated[Account, Depends(require_professional)]
CurrentUser = Annotated[Account, Depends(require_user)]
