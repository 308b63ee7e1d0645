"""Starting a call over HTTP."""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, cast
from urllib.parse import urlencode
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool

from backend.auth.access import CurrentAccount
from backend.auth.rules import Account, NotSignedIn, Role
from backend.bookings.access import TermsDep
from backend.bookings.rules import Absent, Terms
from backend.calls.access import NO_CALLS, CallRoomsDep, RoomWebhooksDep, limits_of
from backend.calls.ports import CallRooms, CallRoomsUnavailable, RoomEvent, RoomPass, UntrustedWebhook
from backend.calls.rules import (
    DecisionFinal,
    JoinedElsewhere,
    NothingDecided,
    NotPaid,
    PaymentDisputed,
    SessionCancelled,
    SessionOver,
    TooEarlyToStart,
    role_of,
    room_name,
)
from backend.calls.schemas import (
    AttendanceAnswer,
    CallCheckAnswer,
    CallLinkAnswer,
    EnterCall,
    PresenceAnswer,
    ReportProblem,
    ReportQuality,
    SessionQualityAnswer,
)
from backend.calls.service import attending, deciding, entering, keys, reporting
from backend.kit.bulkheads import CALLS, Bulkhead, behind, bulkhead_of
from backend.kit.database import Database
from backend.kit.errors import NotFound, ServiceUnavailable, TooManyAttempts, error_responses
from backend.kit.http import DatabaseDep, NowDep
from backend.kit.limits.access import Address, LimitsDep, limits_in
from backend.kit.limits.counting import Counted, Limits, by_line
from backend.kit.limits.table import CALL_CHECK, CALL_CHECK_LINE, CALL_LINK, PRESENCE
from backend.kit.money import CURRENCY, format_price
from backend.settings import Settings

logger = logging.getLogger(__name__)
router = APIRouter(tags=["calls"])


@router.post(
    "/sessions/{session_id:uuid}/generate-call-link",
    responses=error_responses(
        NotSignedIn,
        NotFound,
        NotPaid,
        PaymentDisputed,
        TooEarlyToStart,
        SessionOver,
        SessionCancelled,
        JoinedElsewhere,
        TooManyAttempts,
        ServiceUnavailable,
    ),
)
@behind(CALLS)
def generate_call_link(
    session_id: UUID,
    account: CurrentAccount,
    database: DatabaseDep,
    rooms: CallRoomsDep,
    terms: TermsDep,
    now: NowDep,
    request: Request,
    said: EnterCall | None = None,
) -> CallLinkAnswer:
    """One participant's own credentials for the session's room, which is made if it is not there.

    A rejoin of a device that is not the person's newest is refused: JoinedElsewhere.
    """
    entered = enter_room(request, database, rooms, account, session_id, terms, now, said)
    in_fragment = {"livekit_url": rooms.url, "access_token": entered.token, "encryption_key": entered.key}
    public_url = cast(Settings, request.app.state.settings).public_url
    return CallLinkAnswer(
        session_id=session_id,
        room_name=entered.room_pass.room_name,
        livekit_url=rooms.url,
        access_token=entered.token,
        encryption_key=entered.key,
        participant_identity=entered.room_pass.identity,
        participant_role=account.role,
        call_url=f"{public_url}/call/{session_id}#{urlencode(in_fragment)}",
    )


@dataclass(frozen=True)
class Entered:
    """What lets one device into a room: the pass and its token, and the key of the session's encryption."""

    room_pass: RoomPass
    token: str = field(repr=False)
    key: str = field(repr=False)


def enter_room(
    request: Request,
    database: Database,
    rooms: CallRooms,
    account: Account,
    session_id: UUID,
    terms: Terms,
    now: datetime,
    said: EnterCall | None,
) -> Entered:
    """Lets a person's device into their booking's room. Raises what `entering.entry` does, JoinedElsewhere,
    TooManyAttempts and ServiceUnavailable.
    """
    limits_in(request).count_look(CALL_LINK, str(account.id))
    join = said or EnterCall(join_id=uuid4().hex)
    with database.read() as session:
        entry = entering.entry(session, account, session_id, terms, now)
        if join.rejoin:
            entering.check_newest(session, account, session_id, join.join_id)
    token = _let_in(entry, rooms)
    with database.write() as session:
        entering.note_join(session, account, session_id, join.join_id, now, rejoin=join.rejoin)
        key = keys.call_key(session, session_id, now + entry.room_pass.valid_for, now)
    return Entered(entry.room_pass, token, key)


def _let_in(entry: entering.Entry, rooms: CallRooms) -> str:
    try:
        rooms.ensure_room(entry.room_pass.room_name, keep_s=entry.keep_s)
    except CallRoomsUnavailable as fault:
        logger.error("no room could be made: %s", fault)
        raise ServiceUnavailable(NO_CALLS) from fault
    return rooms.mint_token(entry.room_pass)


@router.post("/calls/check", responses=error_responses(NotSignedIn, TooManyAttempts, ServiceUnavailable))
@behind(CALLS)
def check_call(account: CurrentAccount, rooms: CallRoomsDep, limits: LimitsDep, address: Address) -> CallCheckAnswer:
    """A room of one's own for two minutes, to try the connection to the media server before a call, at any time."""
    limits.count(Counted(CALL_CHECK, str(account.id)), *by_line(address, CALL_CHECK_LINE))
    entry = entering.check_entry(account, uuid4())
    token = _let_in(entry, rooms)
    return CallCheckAnswer(room_name=entry.room_pass.room_name, livekit_url=rooms.url, access_token=token)


@router.get(
    "/sessions/{session_id:uuid}/presence",
    responses=error_responses(NotSignedIn, NotFound, TooManyAttempts, ServiceUnavailable),
)
async def presence(
    session_id: UUID,
    account: CurrentAccount,
    database: DatabaseDep,
    rooms: CallRoomsDep,
    terms: TermsDep,
    now: NowDep,
    calls: Annotated[Bulkhead, Depends(bulkhead_of(CALLS))],
    request: Request,
) -> PresenceAnswer:
    """Who is in the room now. Outside the join window there is no room, and the media server is not asked."""
    limits = limits_in(request)
    if not await run_in_threadpool(_may_have_a_room, database, limits, account, session_id, terms, now):
        return PresenceAnswer(present=[])
    try:
        attendees = await calls.run(rooms.attendees, room_name(session_id))
    except CallRoomsUnavailable as fault:
        logger.warning("nobody knows who is in the room: %s", fault)
        raise ServiceUnavailable(NO_CALLS) from fault
    there = {role_of(attendee.identity) for attendee in attendees}
    return PresenceAnswer(present=[role for role in Role if role in there])


def _may_have_a_room(
    database: Database, limits: Limits, account: Account, session_id: UUID, terms: Terms, now: datetime
) -> bool:
    limits.count_look(PRESENCE, str(account.id))
    with database.read() as session:
        return entering.may_have_a_room(session, account, session_id, terms, now)


@router.put(
    "/sessions/{session_id:uuid}/quality",
    responses=error_responses(NotSignedIn, NotFound, NotPaid, TooEarlyToStart, SessionOver, SessionCancelled),
)
def report_quality(
    session_id: UUID, said: ReportQuality, account: CurrentAccount, database: DatabaseDep, terms: TermsDep, now: NowDep
) -> SessionQualityAnswer:
    """How the call ran on this person's side; of several reports the one that measured longest is kept."""
    with database.write() as session:
        return reporting.report(session, account, session_id, said, terms, now)


@router.get("/sessions/{session_id:uuid}/quality", responses=error_responses(NotSignedIn, NotFound))
def session_quality(session_id: UUID, account: CurrentAccount, database: DatabaseDep) -> SessionQualityAnswer:
    """How the call ran for each of the two, as their apps reported it."""
    with database.read() as session:
        return reporting.quality(session, account, session_id)


@router.get("/sessions/{session_id:uuid}/attendance", responses=error_responses(NotSignedIn, NotFound, NothingDecided))
def attendance(session_id: UUID, account: CurrentAccount, database: DatabaseDep) -> AttendanceAnswer:
    """Who kept the appointment, once the session is over."""
    with database.read() as session:
        return _attendance(deciding.decision_for(session, account, session_id))


@router.post(
    "/sessions/{session_id:uuid}/problem",
    responses=error_responses(NotSignedIn, NotFound, NothingDecided, DecisionFinal),
)
def report_problem(
    session_id: UUID, said: ReportProblem, account: CurrentAccount, database: DatabaseDep, now: NowDep, request: Request
) -> AttendanceAnswer:
    """Something went wrong: no money moves until it has been looked into. Saying it again replaces the reason."""
    limits = limits_of(cast(Settings, request.app.state.settings))
    with database.write() as session:
        return _attendance(deciding.object_to(session, account, session_id, said.reason, limits, now))


def _attendance(shown: deciding.ShownDecision) -> AttendanceAnswer:
    row = shown.row
    return AttendanceAnswer(
        absent=Absent(row.absent),
        judged_s=row.judged_s,
        kept_s=row.kept_s,
        professional_there_s=row.professional_there_s,
        user_there_s=row.user_there_s,
        late_s=row.late_s,
        unwatched_s=row.unwatched_s,
        decided_at=row.decided_at,
        decided_by="operator" if row.decided_by == "operator" else "rule",
        open_until=row.open_until,
        refund=format_price(row.refund_minor),
        currency=CURRENCY,
        final=row.final_at is not None,
        objected=shown.objected,
        reason=shown.reason,
    )


@router.post("/livekit/webhook", status_code=204, include_in_schema=False)
async def livekit_webhook(request: Request, database: DatabaseDep, webhooks: RoomWebhooksDep, now: NowDep) -> Response:
    """The media server tells who joined and who left; 400 for what it did not sign."""
    try:
        event = webhooks.read(await request.body(), request.headers.get("Authorization", ""))
    except UntrustedWebhook:
        return Response(status_code=400)
    if event is not None:
        await run_in_threadpool(_take, database, event, now)
    return Response(status_code=204)


def _take(database: Database, event: RoomEvent, now: datetime) -> None:
    with database.write() as session:
        attending.handle_webhook(session, event, now)
