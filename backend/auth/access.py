"""Who is asking: dependencies for every domain's endpoints."""

from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from backend.auth.rules import Account, NotSignedIn, Role, WrongRole
from backend.auth.service import account_for_token
from backend.kit.http import DatabaseOf, Now

_bearer = HTTPBearer(auto_error=False, description="The token of sign-up or sign-in.")


async def bearer_token(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> str:
    """The token as presented; NotSignedIn without one."""
    if credentials is None or not credentials.credentials:
        raise NotSignedIn
    return credentials.credentials


def signed_in(token: Annotated[str, Depends(bearer_token)], database: DatabaseOf, now: Now) -> Account:
    """Whoever the token belongs to; NotSignedIn."""
    account = account_for_token(database, token, now)
    if account is None:
        raise NotSignedIn
    return account


SignedIn = Annotated[Account, Depends(signed_in)]


async def require_professional(account: SignedIn) -> Account:
    """A professional; NotSignedIn, WrongRole."""
    return _with_role(account, Role.PROFESSIONAL)


async def require_user(account: SignedIn) -> Account:
    """A user; NotSignedIn, WrongRole."""
    return _with_role(account, Role.USER)


def _with_role(account: Account, role: Role) -> Account:
    if account.role is not role:
        raise WrongRole
    return account


PresentedToken = Annotated[str, Depends(bearer_token)]
Professional = Annotated[Account, Depends(require_professional)]
User = Annotated[Account, Depends(require_user)]
