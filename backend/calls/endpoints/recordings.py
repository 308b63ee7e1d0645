"""Who asked to record a session's call and who agreed, over HTTP: of whoever is signed in, and of the call page."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from backend.auth.access import CurrentAccount
from backend.auth.rules import NotSignedIn
from backend.bookings.access import TermsDep
from backend.calls.endpoints.messages import Reader
from backend.calls.rules import NotPaid, SessionCancelled, SessionOver, TooEarlyToStart
from backend.calls.rules.recordings import NotYourRecording, TooManyRecordings
from backend.calls.schemas import NoteRecording, RecordingAnswer, RecordingsAnswer
from backend.calls.service import recordings
from backend.kit.errors import NotFound, TooManyAttempts, error_responses
from backend.kit.http import DatabaseDep, NowDep
from backend.kit.limits.access import limits_in
from backend.kit.limits.table import RECORDINGS

router = APIRouter(tags=["calls"])
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
    ),
)
def note_recording(
    session_id: UUID,
    said: NoteRecording,
    account: CurrentAccount,
    database: DatabaseDep,
    terms: TermsDep,
    now: NowDep,
    request: Request,
) -> Response:
    """Keeps what this person did: asked to record, began, ended; or agreed, refused, took it back. The same again
    changes nothing.
    """
    limits_in(request).count_look(RECORDINGS, str(account.id))
    with database.write() as session:
        recordings.note(session, account, session_id, said, terms, now)
    return Response(status_code=204)


@router.get(PATH, responses=error_responses(NotSignedIn, NotFound))
def session_recordings(session_id: UUID, account: CurrentAccount, database: DatabaseDep) -> RecordingsAnswer:
    """Who asked to record, who agreed and when, for both. The recordings themselves are on the people's devices."""
    with database.read() as session:
        kept = recordings.recordings_of(session, account, session_id)
        return RecordingsAnswer(recordings=[RecordingAnswer.model_validate(row) for row in kept])


@router.post("/call/{session_id:uuid}/recordings", status_code=204, include_in_schema=False)
def note_page_recording(
    session_id: UUID,
    said: NoteRecording,
    reader: Reader,
    database: DatabaseDep,
    terms: TermsDep,
    now: NowDep,
    request: Request,
) -> Response:
    """As `note_recording`. With the key's proof: the media server, which has the token, cannot claim an agreement."""
    limits_in(request).count_look(RECORDINGS, str(reader.id))
    with database.write() as session:
        recordings.note(session, reader, session_id, said, terms, now)
    return Response(status_code=204)
