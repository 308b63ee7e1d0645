"""One's own notes of a session over HTTP: of whoever is signed in, and of the call page."""

from uuid import UUID

from fastapi import APIRouter, Request

from backend.auth.access import CurrentAccount
from backend.auth.rules import Account, NotSignedIn
from backend.calls.endpoints.messages import Reader
from backend.calls.rules import NotPaid
from backend.calls.rules.notes import NoteChanged
from backend.calls.schemas import NoteAnswer, SaveNote
from backend.calls.service import notes
from backend.kit.database import Database
from backend.kit.errors import NotFound, TooManyAttempts, error_responses
from backend.kit.http import DatabaseDep, NowDep
from backend.kit.limits.access import limits_in
from backend.kit.limits.table import NOTES

router = APIRouter(tags=["calls"])
PATH = "/sessions/{session_id:uuid}/note"
PAGE_PATH = "/call/{session_id:uuid}/note"


@router.get(PATH, responses=error_responses(NotSignedIn, NotFound))
def private_note(session_id: UUID, account: CurrentAccount, database: DatabaseDep) -> NoteAnswer:
    """What this person keeps of the session for themselves; nobody else reads it."""
    return _note(database, account, session_id)


@router.put(PATH, responses=error_responses(NotSignedIn, NotFound, NotPaid, NoteChanged, TooManyAttempts))
def save_private_note(
    session_id: UUID, said: SaveNote, account: CurrentAccount, database: DatabaseDep, now: NowDep, request: Request
) -> NoteAnswer:
    """Saves the whole text, if it was written over the newest one. Saving the same again changes nothing."""
    limits_in(request).count_look(NOTES, str(account.id))
    with database.write() as session:
        return notes.save(session, account, session_id, said, now)


@router.get(PAGE_PATH, include_in_schema=False)
def page_note(session_id: UUID, reader: Reader, database: DatabaseDep) -> NoteAnswer:
    """As `private_note`."""
    return _note(database, reader, session_id)


@router.put(PAGE_PATH, include_in_schema=False)
def save_page_note(
    session_id: UUID, said: SaveNote, reader: Reader, database: DatabaseDep, now: NowDep, request: Request
) -> NoteAnswer:
    """As `save_private_note`."""
    limits_in(request).count_look(NOTES, str(reader.id))
    with database.write() as session:
        return notes.save(session, reader, session_id, said, now)


def _note(database: Database, account: Account, session_id: UUID) -> NoteAnswer:
    with database.read() as session:
        return notes.note_of(session, account, session_id)
