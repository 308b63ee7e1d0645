"""The way into a call's room: the credentials that the backend gives this participant."""

import secrets
from functools import partial

from app.api.client import ApiClient
from app.api.error_names import ErrorName, is_named
from app.api.models import Booking, CallLink
from app.call.contract.call_state import EndReason
from app.call.contract.engine import CallCredentials, RejoinRefused
from app.errors import Problem
from app.state.core.paging import first_that

JOIN_CLOSED: tuple[ErrorName, ...] = ("SessionOver", "SessionCancelled", "NotPaid", "NotFound")
"""What the backend says of a room that nobody will enter any more."""


def credentials_of(link: CallLink) -> CallCredentials:
    """What `generate-call-link` answered, for the engine."""
    return CallCredentials(
        session_id=link.session_id,
        room_name=link.room_name,
        livekit_url=link.livekit_url,
        access_token=link.access_token,
        participant_identity=link.participant_identity,
        participant_role=link.participant_role,
        call_url=link.call_url,
        encryption_key=link.encryption_key,
    )


def new_join_id() -> str:
    """Names one join of this device, so that the backend can tell its rejoins from another device's join."""
    return secrets.token_hex(16)


async def fresh_credentials(api: ApiClient, session_id: str, join_id: str) -> CallCredentials:
    """For an engine that has lost its connection for good. Raises `RejoinRefused` once the session is over or
    cancelled, or the person has joined on another device since, and `AppError` when the backend cannot say.
    """
    try:
        return credentials_of(await api.call_link(session_id, join_id, rejoin=True))
    except Problem as problem:
        if is_named(problem, "JoinedElsewhere"):
            raise RejoinRefused(EndReason.JOINED_ELSEWHERE) from None
        if is_named(problem, *JOIN_CLOSED):
            raise RejoinRefused(EndReason.ROOM_CLOSED) from None
        raise


async def next_session(api: ApiClient, session_id: str) -> Booking | None:
    """The confirmed session that a professional has after this one. AppError."""
    upcoming = partial(api.professional_sessions, "upcoming")
    return await first_that(upcoming, lambda each: each.id != session_id and each.status == "confirmed")
