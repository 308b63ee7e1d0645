"""Where one is signed in, and ending that, over HTTP."""

from uuid import UUID

from fastapi import APIRouter, Response

from backend.auth import repository, service
from backend.auth.access import BearerToken, CurrentAccount
from backend.auth.rules import NotSignedIn
from backend.auth.rules.sign_ins import sign_in_id
from backend.auth.schemas import SignInAnswer, SignInsAnswer
from backend.kit.errors import NotFound, error_responses
from backend.kit.http import DatabaseDep, NowDep

router = APIRouter(prefix="/auth/me/sign-ins", tags=["accounts"], responses=error_responses(NotSignedIn))
MOST_LISTED = 100


@router.get("")
def sign_ins(account: CurrentAccount, token: BearerToken, database: DatabaseDep, now: NowDep) -> SignInsAnswer:
    """Those that have not ended, the last used first; a hundred at most."""
    this = service.token_digest(token)
    with database.read() as session:
        rows = repository.sign_ins(session, account.id, now, MOST_LISTED)
    items = [
        SignInAnswer(
            id=sign_in_id(row.digest),
            device=row.device,
            began_at=row.created_at,
            last_seen_at=row.last_seen_at or row.created_at,
            is_this=row.digest == this,
        )
        for row in rows
    ]
    return SignInsAnswer(items=items)


@router.delete("/{sign_in}", status_code=204, responses=error_responses(NotFound))
def end_sign_in(sign_in: UUID, account: CurrentAccount, database: DatabaseDep) -> Response:
    """Ends one at once, as signing out there would; this one too. NotFound for what is not this person's."""
    with database.write() as session:
        digests = repository.token_digests(session, account.id)
        found = next((digest for digest in digests if sign_in_id(digest) == sign_in), None)
        if found is None:
            raise NotFound
        repository.revoke_token(session, found)
    return Response(status_code=204)


@router.delete("", status_code=204)
def end_other_sign_ins(account: CurrentAccount, token: BearerToken, database: DatabaseDep) -> Response:
    """Ends every one but this, at once."""
    with database.write() as session:
        repository.revoke_other_tokens(session, account.id, service.token_digest(token))
    return Response(status_code=204)
