"""The messages of a session over HTTP: of whoever is signed in, and of the call page."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response

from backend.auth.access import CurrentAccount
from backend.auth.rules import Account, NotSignedIn
from backend.bookings.access import TermsDep
from backend.calls.endpoints.page import Guest
from backend.calls.rules import CallLinkInvalid, NotPaid, SessionCancelled, SessionOver, TooEarlyToStart
from backend.calls.rules.messages import TooManyMessages, proves
from backend.calls.schemas import KeepMessages, MessageAnswer, MessagesAnswer
from backend.calls.service import messages
from backend.calls.service.keys import kept_key
from backend.kit.database import Database
from backend.kit.errors import NotFound, TooManyAttempts, error_responses
from backend.kit.http import DatabaseDep, NowDep
from backend.kit.limits.access import limits_in
from backend.kit.limits.table import MESSAGES

router = APIRouter(tags=["calls"])
PATH = "/sessions/{session_id:uuid}/messages"
PAGE_PATH = "/call/{session_id:uuid}/messages"


@router.post(
    PATH,
    status_code=204,
    responses=error_responses(
        NotSignedIn,
        NotFound,
        NotPaid,
        TooEarlyToStart,
        SessionOver,
        SessionCancelled,
        TooManyMessages,
        TooManyAttempts,
    ),
)
def keep_messages(
    session_id: UUID,
    said: KeepMessages,
    account: CurrentAccount,
    database: DatabaseDep,
    terms: TermsDep,
    now: NowDep,
    request: Request,
) -> Response:
    """Keeps what this person wrote in the call, for both. Sending the same again changes nothing."""
    limits_in(request).count_look(MESSAGES, str(account.id))
    with database.write() as session:
        messages.keep(session, account, session_id, said.messages, terms, now)
    return Response(status_code=204)


@router.get(PATH, responses=error_responses(NotSignedIn, NotFound))
def session_messages(session_id: UUID, account: CurrentAccount, database: DatabaseDep) -> MessagesAnswer:
    """What both wrote in the call, in the order in which it was sent."""
    return _all_of(database, account, session_id)


@router.delete(PATH, status_code=204, responses=error_responses(NotSignedIn, NotFound))
def delete_messages(session_id: UUID, account: CurrentAccount, database: DatabaseDep) -> Response:
    """Deletes all that both wrote, for both."""
    with database.write() as session:
        messages.delete_all(session, account, session_id)
    return Response(status_code=204)


def _reader(
    session_id: UUID, guest: Guest, database: DatabaseDep, proof: Annotated[str, Header(alias="Call-Key-Proof")] = ""
) -> Account:
    """A page that has the session's key beside its token, which the media server knows too; CallLinkInvalid."""
    with database.read() as session:
        key = kept_key(session, session_id)
    if not proves(key, proof):
        raise CallLinkInvalid
    return guest


Reader = Annotated[Account, Depends(_reader)]


@router.post(PAGE_PATH, status_code=204, include_in_schema=False)
def keep_page_messages(
    session_id: UUID,
    said: KeepMessages,
    reader: Reader,
    database: DatabaseDep,
    terms: TermsDep,
    now: NowDep,
    request: Request,
) -> Response:
    """As `keep_messages`."""
    limits_in(request).count_look(MESSAGES, str(reader.id))
    with database.write() as session:
        messages.keep(session, reader, session_id, said.messages, terms, now)
    return Response(status_code=204)


@router.get(PAGE_PATH, include_in_schema=False)
def page_messages(session_id: UUID, reader: Reader, database: DatabaseDep) -> MessagesAnswer:
    """As `session_messages`."""
    return _all_of(database, reader, session_id)


def _all_of(database: Database, account: Account, session_id: UUID) -> MessagesAnswer:
    with database.read() as session:
        kept = messages.kept_of(session, account, session_id)
        return MessagesAnswer(messages=[MessageAnswer.model_validate(row) for row in kept])
