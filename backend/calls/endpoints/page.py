"""The call page for browsers and phones (`callpage/`): its files, and the few questions that it asks.

The page has no account's token, only the one for its room, which came in the address's fragment: with it, and for that
one session, it may ask who is there, join, and say how the call ran. It and the backend are one release, so these
questions are not in the OpenAPI document.
"""

import logging
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool

from backend.auth.access import bearer_token
from backend.auth.rules import Account
from backend.bookings.access import TermsDep
from backend.calls.access import NO_CALLS, CallRoomsDep
from backend.calls.endpoints import enter_room
from backend.calls.endpoints.page_files import page_files, page_headers
from backend.calls.ports import CallRooms, CallRoomsUnavailable, TokenClaims
from backend.calls.rules import role_of, room_name
from backend.calls.schemas import (
    EnterCall,
    PageFactsAnswer,
    PageJoinAnswer,
    PresenceAnswer,
    ReportQuality,
    SessionQualityAnswer,
)
from backend.calls.service import page_guests, reporting
from backend.kit.bulkheads import CALLS, Bulkhead, behind, bulkhead_of
from backend.kit.errors import NotFound, ServiceUnavailable, error_responses
from backend.kit.http import DatabaseDep, NowDep
from backend.kit.limits.access import limits_in
from backend.kit.limits.counting import Limits
from backend.kit.limits.table import PRESENCE
from backend.kit.pages import our_path, page
from backend.settings import Settings

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/call", tags=["calls"])
_PAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {"schema": {"type": "string"}}}, "description": "The page."}
}
_NOT_BUILT = (
    '<main>\n<p class="brand">Rendezvous</p>\n<section class="card">\n'
    "<h1>Calls cannot be opened in a browser here</h1>\n"
    "<p>The call page is missing on this server. Open Rendezvous on a computer, go to your sessions and press "
    "<strong>Start</strong>.</p>\n</section>\n</main>"
)
_FORGET_FRAGMENT = 'if (location.hash) history.replaceState(null, "", location.pathname);'


def _settings(request: Request) -> Settings:
    return cast(Settings, request.app.state.settings)


@router.get("/{session_id:uuid}", response_class=Response, responses={**_PAGE, **error_responses(NotFound)})
def call_page(session_id: UUID, request: Request) -> Response:
    """The call in a browser. The page tells nothing of the session; whoever has the address may look."""
    settings = _settings(request)
    files = page_files(settings.call_page_folder)
    if files.index is None:
        logger.warning("The call page is not built (callpage/build): no call in a browser.")
        return page("Your call", _NOT_BUILT, script=_FORGET_FRAGMENT)
    rooms = cast("CallRooms | None", request.app.state.call_rooms)
    headers = page_headers(rooms.url if rooms else "")
    return Response(files.index, media_type="text/html; charset=utf-8", headers=headers)


@router.get("/assets/{name}", include_in_schema=False)
def call_page_asset(name: str, request: Request) -> Response:
    """One of the page's files."""
    files = page_files(_settings(request).call_page_folder)
    found = files.asset(name, request.headers.get("Accept-Encoding", ""))
    if found is None:
        raise NotFound
    return found


@router.get("/{session_id:uuid}/way-back", include_in_schema=False)
def way_back(session_id: UUID, request: Request) -> dict[str, str]:
    """Where the app shows this session, for a page that was opened without a token; empty where there is no web app."""
    return {"app_url": _app_url(request, session_id)}


def _app_url(request: Request, session_id: UUID) -> str:
    at = _settings(request).web_app_url
    return f"{at}/session/{session_id}" if at else ""


async def _claims(session_id: UUID, rooms: CallRoomsDep, token: Annotated[str, Depends(bearer_token)]) -> TokenClaims:
    return page_guests.claims_of(rooms, token, session_id)


def _guest(session_id: UUID, claims: Annotated[TokenClaims, Depends(_claims)], database: DatabaseDep) -> Account:
    with database.read() as session:
        return page_guests.guest(session, claims, session_id)


Guest = Annotated[Account, Depends(_guest)]
"""Who is at the page; CallLinkExpired, CallLinkInvalid, or NotSignedIn where there is no token at all."""


@router.get("/{session_id:uuid}/facts", include_in_schema=False)
def call_facts(
    session_id: UUID,
    guest: Guest,
    database: DatabaseDep,
    rooms: CallRoomsDep,
    terms: TermsDep,
    now: NowDep,
    request: Request,
) -> PageFactsAnswer:
    """What the page shows before, during and after the call."""
    with database.read() as session:
        facts = page_guests.facts(session, guest, session_id, terms, now)
    return PageFactsAnswer(
        own_name=facts.own_name,
        own_role=facts.own_role,
        other_name=facts.other_name,
        other_photo=our_path(request, facts.photo) if facts.photo else None,
        starts_at=facts.starts_at,
        ends_at=facts.ends_at,
        opens_at=facts.opens_at,
        closes_at=facts.closes_at,
        now=now,
        problem=facts.problem,
        app_url=_app_url(request, session_id),
    )


@router.post("/{session_id:uuid}/join", include_in_schema=False)
@behind(CALLS)
def join_call(
    session_id: UUID,
    said: EnterCall,
    guest: Guest,
    database: DatabaseDep,
    rooms: CallRoomsDep,
    terms: TermsDep,
    now: NowDep,
    request: Request,
) -> PageJoinAnswer:
    """A token for one join, as `generate-call-link` gives the app: a page is one more device of this person."""
    entered = enter_room(request, database, rooms, guest, session_id, terms, now, said)
    return PageJoinAnswer(livekit_url=rooms.url, access_token=entered.token)


@router.get("/{session_id:uuid}/presence", include_in_schema=False)
async def call_presence(
    session_id: UUID,
    guest: Guest,
    rooms: CallRoomsDep,
    calls: Annotated[Bulkhead, Depends(bulkhead_of(CALLS))],
    request: Request,
) -> PresenceAnswer:
    """Who is in the room now."""
    await run_in_threadpool(_count, limits_in(request), guest)
    try:
        attendees = await calls.run(rooms.attendees, room_name(session_id))
    except CallRoomsUnavailable as fault:
        raise ServiceUnavailable(NO_CALLS) from fault
    there = {role for attendee in attendees if (role := role_of(attendee.identity))}
    return PresenceAnswer(present=sorted(there))


def _count(limits: Limits, guest: Account) -> None:
    limits.count_look(PRESENCE, str(guest.id))


@router.put("/{session_id:uuid}/quality", include_in_schema=False)
def report_page_quality(
    session_id: UUID, said: ReportQuality, guest: Guest, database: DatabaseDep, terms: TermsDep, now: NowDep
) -> SessionQualityAnswer:
    """How the call ran on this person's side."""
    with database.write() as session:
        return reporting.report(session, guest, session_id, said, terms, now)
