"""What the professional sends after a session, over HTTP."""

from uuid import UUID

from fastapi import APIRouter, Request

from backend.auth.access import CurrentAccount, CurrentProfessional
from backend.auth.rules import NotSignedIn, WrongRole
from backend.calls.rules import NotPaid, SessionCancelled, SessionOver
from backend.calls.rules.files import FileMissing
from backend.calls.rules.notes import FollowUpSent, SessionNotOver
from backend.calls.schemas import SendFollowUp, SentFollowUpAnswer
from backend.calls.service import follow_ups
from backend.kit.errors import NotFound, TooManyAttempts, error_responses
from backend.kit.http import DatabaseDep, NowDep
from backend.kit.limits.access import limits_in
from backend.kit.limits.table import NOTES

router = APIRouter(tags=["calls"])
PATH = "/sessions/{session_id:uuid}/follow-up"


@router.get(PATH, responses=error_responses(NotSignedIn, NotFound))
def session_follow_up(session_id: UUID, account: CurrentAccount, database: DatabaseDep) -> SentFollowUpAnswer:
    """What the professional sent after the session, for both."""
    with database.read() as session:
        return follow_ups.follow_up_of(session, account, session_id)


@router.put(
    PATH,
    responses=error_responses(
        NotSignedIn,
        WrongRole,
        NotFound,
        NotPaid,
        SessionCancelled,
        SessionNotOver,
        SessionOver,
        FollowUpSent,
        FileMissing,
        TooManyAttempts,
    ),
)
def send_follow_up(
    session_id: UUID,
    said: SendFollowUp,
    professional: CurrentProfessional,
    database: DatabaseDep,
    now: NowDep,
    request: Request,
) -> SentFollowUpAnswer:
    """Sends the session's one follow-up, for good; the user gets a mail. The same again changes nothing."""
    limits_in(request).count_look(NOTES, str(professional.id))
    with database.write() as session:
        return follow_ups.send(session, professional, session_id, said.text, said.files, now)
