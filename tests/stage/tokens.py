"""Credentials and rooms of a stage's LiveKit server, as the backend would give them."""

import secrets
from dataclasses import replace
from datetime import timedelta

from livekit import api

from app.call.contract.engine import CallCredentials
from tests.stage.livekit_server import LivekitServer

KEY = "a-key-for-tests-that-both-sides-of-a-call-have"
EMPTY_ROOM_S, DEPARTED_ROOM_S = 600, 120


def credentials(
    server: LivekitServer,
    room: str,
    identity: str,
    name: str = "",
    *,
    role: str = "user",
    secret: str = "",
    url: str = "",
    encryption_key: str = KEY,
) -> CallCredentials:
    """For one participant of one room. Another `secret` than the server's makes a token that it refuses."""
    given = credentials_at(url or server.url, server.key, secret or server.secret, room, identity, name, role)
    return replace(given, encryption_key=encryption_key)


def credentials_at(
    url: str, key: str, secret: str, room: str, identity: str, name: str = "", role: str = "user"
) -> CallCredentials:
    """As `credentials`, where there is no server object."""
    grants = api.VideoGrants(
        room_join=True,
        room=room,
        can_publish=True,
        can_subscribe=True,
        can_publish_data=True,
        can_update_own_metadata=True,
    )
    token = (
        api.AccessToken(key, secret)
        .with_identity(identity)
        .with_name(name or identity.title())
        .with_attributes({"role": role, "visit": secrets.token_hex(8)})
        .with_grants(grants)
        .with_ttl(timedelta(minutes=30))
        .to_jwt()
    )
    return CallCredentials(
        session_id=room.removeprefix("session_"),
        room_name=room,
        livekit_url=url,
        access_token=token,
        participant_identity=identity,
        participant_role=role,
        call_url="",
        encryption_key=KEY,
    )


async def create_room(server: LivekitServer, room: str, *, synchronised: bool = True) -> None:
    """Makes the room, or leaves it as it is. `synchronised` as the backend makes them."""
    await create_room_at(server.http_url, server.key, server.secret, room, synchronised=synchronised)


async def create_room_at(http_url: str, key: str, secret: str, room: str, *, synchronised: bool = True) -> None:
    """As `create_room`, where there is no server object."""
    async with api.LiveKitAPI(http_url, key, secret) as livekit:
        wanted = api.CreateRoomRequest(
            name=room,
            empty_timeout=EMPTY_ROOM_S,
            departure_timeout=DEPARTED_ROOM_S,
            sync_streams=synchronised,
        )
        await livekit.room.create_room(wanted)


async def delete_room(server: LivekitServer, room: str) -> None:
    """What the backend does when the session's time is over."""
    async with api.LiveKitAPI(server.http_url, server.key, server.secret) as livekit:
        await livekit.room.delete_room(api.DeleteRoomRequest(room=room))


async def people_in(server: LivekitServer, room: str) -> list[str]:
    """The identities that the server counts in."""
    async with api.LiveKitAPI(server.http_url, server.key, server.secret) as livekit:
        answer = await livekit.room.list_participants(api.ListParticipantsRequest(room=room))
    return [each.identity for each in answer.participants]
