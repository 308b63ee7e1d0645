"""LiveKit's room service and tokens behind `CallRooms`.

livekit-api speaks asyncio and the endpoints do not, so this adapter owns one event loop in a thread of its own,
started with the first call and ended by `close`.
"""

import asyncio
import secrets
import threading
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import aiohttp
import jwt
from anyio.from_thread import BlockingPortal, start_blocking_portal
from livekit import api

from backend.calls.ports import (
    Attendee,
    CallRoomsUnavailable,
    ExpiredToken,
    RoomEvent,
    RoomEventKind,
    RoomPass,
    TokenClaims,
    UntrustedToken,
    UntrustedWebhook,
)
from backend.kit.telemetry.metrics import timed

MAX_PARTICIPANTS = 2
# Below five seconds livekit-api does not retry by itself; a person waits for this answer.
TIMEOUT_S = 4.0
ROOMS_AT_ONCE = 16
"""How many rooms are looked into at the same time."""
# Everything that a call of two consists of, and nothing else may be published.
SOURCES = ["camera", "microphone", "screen_share", "screen_share_audio"]

T = TypeVar("T")


class LiveKitCallRooms:
    """One LiveKit server (or LiveKit Cloud project). `close` ends the loop; a later call would start a new one."""

    def __init__(self, url: str, api_key: str, api_secret: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self._url = url
        self._key = api_key
        self._secret = api_secret
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._portal: BlockingPortal | None = None
        self._running: AbstractContextManager[BlockingPortal] | None = None
        self._client: api.LiveKitAPI | None = None

    @property
    def url(self) -> str:
        return self._url

    def ensure_room(self, room_name: str, *, keep_s: int) -> None:
        """Creating a room that exists gives that room back, so nothing is asked beforehand.

        Synchronised streams: else the server gives each track a group of its own, and the receiving WebRTC, which
        synchronises within a group only, lets the lips lead the voice (docs/decisions/0026).
        """
        wanted = api.CreateRoomRequest(
            name=room_name,
            max_participants=MAX_PARTICIPANTS,
            empty_timeout=keep_s,
            departure_timeout=keep_s,
            sync_streams=True,
        )
        self.ask(lambda client: client.room.create_room(wanted))

    def mint_token(self, room_pass: RoomPass) -> str:
        grants = api.VideoGrants(
            room_join=True,
            room=room_pass.room_name,
            can_publish=True,
            can_publish_sources=list(SOURCES),
            can_publish_data=True,
            can_subscribe=True,
            can_update_own_metadata=True,  # attributes tell the other side which devices fail here (docs/call.md)
        )
        token = api.AccessToken(self._key, self._secret).with_identity(room_pass.identity).with_name(room_pass.name)
        # Tells one visit from the next: who said goodbye does not seem to come back by a connection that is still made.
        attributes = {"role": room_pass.role, "visit": secrets.token_hex(8)}
        token = token.with_attributes(attributes).with_grants(grants).with_ttl(room_pass.valid_for)
        return token.to_jwt()

    def read_token(self, token: str) -> TokenClaims:
        verifier = api.TokenVerifier(self._key, self._secret, leeway=timedelta())
        try:
            claims = verifier.verify(token)
        except jwt.ExpiredSignatureError as error:
            raise ExpiredToken from error
        except Exception as error:  # whatever the SDK and its parts raise: this is not to be trusted
            raise UntrustedToken(type(error).__name__) from error
        grants = claims.video
        if grants is None or not grants.room_join or not grants.room:
            raise UntrustedToken("no room")
        return TokenClaims(grants.room, claims.identity)

    def attendees(self, room_name: str) -> Sequence[Attendee]:
        wanted = api.ListParticipantsRequest(room=room_name)
        nobody = api.ListParticipantsResponse()
        answer = self.ask(lambda client: client.room.list_participants(wanted), missing=nobody)
        return [_attendee(participant) for participant in answer.participants]

    def attendees_of(self, room_names: Collection[str]) -> Mapping[str, Sequence[Attendee]]:
        """One request for the rooms that exist, then one for each of them, several at a time."""
        wanted = api.ListRoomsRequest(names=list(room_names))
        there = self.ask(lambda client: client.room.list_rooms(wanted))
        existing = {room.name for room in there.rooms} & set(room_names)
        found: dict[str, Sequence[Attendee]] = {name: [] for name in room_names if name not in existing}
        if existing:
            found |= self._portal_call(lambda client: self._looked_into(client, existing))
        return found

    async def _looked_into(self, client: api.LiveKitAPI, room_names: Collection[str]) -> dict[str, Sequence[Attendee]]:
        turn = asyncio.Semaphore(ROOMS_AT_ONCE)
        found: dict[str, Sequence[Attendee]] = {}
        troubles: list[CallRoomsUnavailable] = []

        async def ask(name: str) -> None:
            wanted = api.ListParticipantsRequest(room=name)
            nobody = api.ListParticipantsResponse()
            async with turn:
                try:
                    answer = await self._asked(client, lambda c: c.room.list_participants(wanted), nobody)
                except CallRoomsUnavailable as trouble:
                    troubles.append(trouble)
                else:
                    found[name] = [_attendee(participant) for participant in answer.participants]

        await asyncio.gather(*(ask(name) for name in room_names))
        if troubles and not found:
            raise troubles[0]
        return found

    def delete_room(self, room_name: str) -> None:
        wanted = api.DeleteRoomRequest(room=room_name)
        self.ask(lambda client: client.room.delete_room(wanted), missing=api.DeleteRoomResponse())

    def answers(self) -> bool:
        """Whether the server answers at all and knows our key (for readiness)."""
        try:
            self.ask(lambda client: client.room.list_rooms(api.ListRoomsRequest(names=["readiness"])))
        except CallRoomsUnavailable:
            return False
        return True

    def close(self) -> None:
        """Close the connection and end the loop's thread; may be called twice."""
        with self._lock:
            portal, running, client = self._portal, self._running, self._client
            self._portal = self._running = self._client = None
        if portal and client:
            # livekit-api leaves this method untyped.
            portal.call(client.aclose)  # type: ignore[no-untyped-call,unused-ignore]
        if running:
            running.__exit__(None, None, None)

    def ask(self, ask: Callable[[api.LiveKitAPI], Awaitable[T]], missing: T | None = None) -> T:
        """One question to the server; `missing` is the answer where it knows no such thing. CallRoomsUnavailable."""
        return self._portal_call(lambda client: self._asked(client, ask, missing))

    def _portal_call(self, ask: Callable[[api.LiveKitAPI], Awaitable[T]]) -> T:
        portal, client = self._started()
        return portal.call(ask, client)

    async def _asked(
        self, client: api.LiveKitAPI, ask: Callable[[api.LiveKitAPI], Awaitable[T]], missing: T | None
    ) -> T:
        try:
            # livekit-api 1.2 hands aiohttp `timeout=None` with each request, which means none: not the session's.
            async with asyncio.timeout(self._timeout_s):
                with timed("livekit"):
                    return await _or_missing(ask(client), missing)
        except api.ServerError as refused:
            raise CallRoomsUnavailable(f"LiveKit answered {refused.code}") from refused
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise CallRoomsUnavailable(f"LiveKit cannot be reached ({type(fault).__name__})") from fault

    def _started(self) -> tuple[BlockingPortal, api.LiveKitAPI]:
        with self._lock:
            if self._portal is None or self._client is None:
                running = start_blocking_portal(name="livekit-api")
                self._portal = running.__enter__()
                self._running = running
                self._client = self._portal.call(self._connected)
            return self._portal, self._client

    async def _connected(self) -> api.LiveKitAPI:
        timeout = aiohttp.ClientTimeout(total=self._timeout_s)
        return api.LiveKitAPI(self._url, self._key, self._secret, timeout=timeout)


async def _or_missing(asked: Awaitable[T], missing: T | None) -> T:
    """That there is no such room is an answer like any other, where `missing` says so."""
    try:
        return await asked
    except api.ServerError as refused:
        if missing is not None and refused.code == "not_found":
            return missing
        raise


_KINDS = {
    "participant_joined": RoomEventKind.JOINED,
    "participant_left": RoomEventKind.LEFT,
    "participant_connection_aborted": RoomEventKind.LEFT,
}


class LiveKitWebhooks:
    """LiveKit's webhooks: a token signed with our key names the body's SHA-256 (docs.livekit.io, Webhooks)."""

    def __init__(self, api_key: str, api_secret: str) -> None:
        self._receiver = api.WebhookReceiver(api.TokenVerifier(api_key, api_secret))

    def read(self, body: bytes, signature: str) -> RoomEvent | None:
        try:
            event = self._receiver.receive(body.decode(), signature.removeprefix("Bearer "))
        except Exception as error:  # the SDK raises what its parts raise: whatever it is, this is not to be trusted
            raise UntrustedWebhook(type(error).__name__) from error
        kind = _KINDS.get(event.event)
        if kind is None or not event.participant.sid:
            return None
        return RoomEvent(
            event_id=event.id,
            kind=kind,
            room_name=event.room.name,
            attendee=_attendee(event.participant),
            occurred_at=_instant(event.created_at * 1000),
        )


def _attendee(participant: api.ParticipantInfo) -> Attendee:
    joined_ms = participant.joined_at_ms or participant.joined_at * 1000
    return Attendee(participant.identity, participant.sid, _instant(joined_ms))


def _instant(unix_ms: int) -> datetime:
    return datetime.fromtimestamp(unix_ms / 1000, UTC)
