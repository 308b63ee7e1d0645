"""Starting a call over HTTP."""

import logging
from functools import cache
from importlib.resources import files
from typing import Annotated, cast
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from backend.auth.access import SignedIn
from backend.auth.rules import NotSignedIn, Role
from backend.bookings.access import TermsOf
from backend.calls import service
from backend.calls.ports import CallRooms, CallRoomsUnavailable
from backend.calls.rules import NotPaid, SessionCancelled, SessionOver, TooEarlyToStart, role_of, room_name
from backend.calls.schemas import CallLinkAnswer, PresenceAnswer
from backend.kit.errors import NotFound, ServiceUnavailable, answers
from backend.kit.http import DatabaseOf, Now
from backend.kit.pages import page
from backend.settings import Settings

logger = logging.getLogger(__name__)
router = APIRouter(tags=["calls"])

_NO_CALLS = "Calls are not available at the moment. Please try again shortly."


async def _rooms(request: Request) -> CallRooms:
    rooms = cast("CallRooms | None", request.app.state.call_rooms)
    if rooms is None:
        raise ServiceUnavailable(_NO_CALLS)
    return rooms


RoomsOf = Annotated[CallRooms, Depends(_rooms)]


@router.post(
    "/sessions/{session_id:uuid}/generate-call-link",
    responses=answers(
        NotSignedIn, NotFound, NotPaid, TooEarlyToStart, SessionOver, SessionCancelled, ServiceUnavailable
    ),
)
def generate_call_link(
    session_id: UUID,
    account: SignedIn,
    database: DatabaseOf,
    rooms: RoomsOf,
    terms: TermsOf,
    now: Now,
    request: Request,
) -> CallLinkAnswer:
    """One participant's own credentials for the session's room, which is made if it is not there."""
    with database.read() as session:
        entry = service.entry(session, account, session_id, terms, now)
    try:
        rooms.ensure_room(entry.room_pass.room_name, keep_s=entry.keep_s)
    except CallRoomsUnavailable as fault:
        logger.error("no room could be made: %s", fault)
        raise ServiceUnavailable(_NO_CALLS) from fault
    token = rooms.mint_token(entry.room_pass)
    public_url = cast(Settings, request.app.state.settings).public_url
    return CallLinkAnswer(
        session_id=session_id,
        room_name=entry.room_pass.room_name,
        livekit_url=rooms.url,
        access_token=token,
        participant_identity=entry.room_pass.identity,
        participant_role=account.role,
        call_url=f"{public_url}/call/{session_id}#{urlencode({'livekit_url': rooms.url, 'access_token': token})}",
    )


@router.get("/sessions/{session_id:uuid}/presence", responses=answers(NotSignedIn, NotFound, ServiceUnavailable))
def presence(
    session_id: UUID, account: SignedIn, database: DatabaseOf, rooms: RoomsOf, terms: TermsOf, now: Now
) -> PresenceAnswer:
    """Who is in the room now. Outside the join window there is no room, and the media server is not asked."""
    with database.read() as session:
        possible = service.may_have_a_room(session, account, session_id, terms, now)
    if not possible:
        return PresenceAnswer(present=[])
    try:
        identities = rooms.identities(room_name(session_id))
    except CallRoomsUnavailable as fault:
        logger.warning("nobody knows who is in the room: %s", fault)
        raise ServiceUnavailable(_NO_CALLS) from fault
    there = {role_of(identity) for identity in identities}
    return PresenceAnswer(present=[role for role in Role if role in there])


@cache
def _call_page() -> tuple[str, str]:
    folder = files("backend.calls").joinpath("pages")
    return folder.joinpath("call.html").read_text("utf-8"), folder.joinpath("call.js").read_text("utf-8")


@router.get("/call/{session_id:uuid}", response_class=HTMLResponse)
def call_page(session_id: UUID) -> HTMLResponse:
    """Says that the call is joined in the app. Tells nothing of the session; whoever has the address may look."""
    body, script = _call_page()
    return page("Your call", body, script=script)
