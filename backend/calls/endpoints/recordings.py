"""Who asked to record a session's call and who agreed, over HTTP: of whoever is signed in, and of the call page."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, TypeVar, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool

from backend.auth.access import CurrentAccount
from backend.auth.rules import Account, NotSignedIn
from backend.bookings.access import TermsDep
from backend.bookings.rules import Terms
from backend.calls.access import NO_CALLS
from backend.calls.endpoints.messages import Reader
from backend.calls.ports import CallRoomsUnavailable, ServerRecordings
from backend.calls.rules import NotPaid, SessionCancelled, SessionOver, TooEarlyToStart, room_name
from backend.calls.rules.recordings import (
    ENDINGS,
    CallEncrypted,
    NotAgreed,
    NotOffered,
    NotYourRecording,
    TooManyRecordings,
)
from backend.calls.schemas import NoteRecording, RecordingAnswer, RecordingsAnswer
from backend.calls.service import recordings
from backend.kit.bulkheads import CALLS, Bulkhead, behind, bulkhead_of
from backend.kit.database import Database
from backend.kit.errors import NotFound, ServiceUnavailable, TooManyAttempts, error_responses
from backend.kit.http import DatabaseDep, NowDep
from backend.kit.limits.access import limits_in
from backend.kit.limits.table import RECORDINGS

router = APIRouter(tags=["calls"])
T = TypeVar("T")
CallsBulkhead = Annotated[Bulkhead, Depends(bulkhead_of(CALLS))]
PATH = "/sessions/{session_id:uuid}/recordings"


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
        NotYourRecording,
        TooManyRecordings,
        TooManyAttempts,
        ServiceUnavailable,
    ),
)
async def note_recording(
    session_id: UUID,
    said: NoteRecording,
    account: CurrentAccount,
    database: DatabaseDep,
    terms: TermsDep,
    now: NowDep,
    calls: CallsBulkhead,
    request: Request,
) -> Response:
    """Keeps what this person did: asked to record, began, ended; or agreed, refused, took it back. The same again
    changes nothing.
    """
    await run_in_threadpool(_keep, request, account, session_id, said, database, terms, now)
    await _end_with_consent(request, session_id, said, calls)
    return Response(status_code=204)


@router.get(PATH, responses=error_responses(NotSignedIn, NotFound))
def session_recordings(session_id: UUID, account: CurrentAccount, database: DatabaseDep) -> RecordingsAnswer:
    """Who asked to record, who agreed and when, for both. The recordings themselves are on the people's devices."""
    with database.read() as session:
        kept = recordings.recordings_of(session, account, session_id)
        return RecordingsAnswer(recordings=[RecordingAnswer.model_validate(row) for row in kept])


@router.post(
    f"{PATH}/{{ask_id:uuid}}/server",
    status_code=204,
    responses=error_responses(
        NotSignedIn,
        NotFound,
        NotOffered,
        NotYourRecording,
        NotAgreed,
        CallEncrypted,
        TooManyAttempts,
        ServiceUnavailable,
    ),
)
@behind(CALLS)
def record_on_server(
    session_id: UUID, ask_id: UUID, account: CurrentAccount, database: DatabaseDep, request: Request
) -> Response:
    """A server of the operator's records the call, for whoever asked and was agreed to, where it is not encrypted from
    device to device. It ends with `ended` or `withdrawn`.
    """
    limits_in(request).count_look(RECORDINGS, str(account.id))
    with database.read() as session:
        recordings.check_asker(session, account, session_id, ask_id)
    server = _server(request)
    if server is None:
        raise NotOffered
    room = room_name(session_id)
    if not _told(lambda: server.is_readable(room)):
        raise CallEncrypted
    _told(lambda: server.start(room, f"{session_id}/{ask_id}.mp4"))
    try:
        with database.read() as session:  # the yes may have been taken back while it was being started
            recordings.check_asker(session, account, session_id, ask_id)
    except NotAgreed:
        _told(lambda: server.stop(room))
        raise
    return Response(status_code=204)


@router.post("/call/{session_id:uuid}/recordings", status_code=204, include_in_schema=False)
async def note_page_recording(
    session_id: UUID,
    said: NoteRecording,
    reader: Reader,
    database: DatabaseDep,
    terms: TermsDep,
    now: NowDep,
    calls: CallsBulkhead,
    request: Request,
) -> Response:
    """As `note_recording`. With the key's proof: the media server, which has the token, cannot claim an agreement."""
    await run_in_threadpool(_keep, request, reader, session_id, said, database, terms, now)
    await _end_with_consent(request, session_id, said, calls)
    return Response(status_code=204)


def _keep(
    request: Request,
    account: Account,
    session_id: UUID,
    said: NoteRecording,
    database: Database,
    terms: Terms,
    now: datetime,
) -> None:
    limits_in(request).count_look(RECORDINGS, str(account.id))
    with database.write() as session:
        recordings.note(session, account, session_id, said, terms, now)


async def _end_with_consent(request: Request, session_id: UUID, said: NoteRecording, calls: Bulkhead) -> None:
    """What a server makes ends with the consent; where it cannot be told, the client is, and says it again."""
    server = _server(request)
    if server is not None and said.event in ENDINGS:
        await calls.run(_told, lambda: server.stop(room_name(session_id)))


def _told(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except CallRoomsUnavailable as fault:
        raise ServiceUnavailable(NO_CALLS) from fault


def _server(request: Request) -> ServerRecordings | None:
    return cast("ServerRecordings | None", request.app.state.server_recordings)
