"""Credentials and rooms of a stage's LiveKit server, as the backend would give them."""

from datetime import timedelta

from livekit import api

from app.call.ports import CallCredentials
from tests.stage.livekit_server import LivekitServer


def credentials(
    server: LivekitServer,
    room: str,
    identity: str,
    name: str = "",
    *,
    role: str = "user",
    secret: str = "",
    url: str = "",
) -> CallCredentials:
    """For one participant of one room. Another `secret` than the server's makes a token that it refuses."""
    grants = api.VideoGrants(room_join=True, room=room, can_publish=True, can_subscribe=True, can_publish_data=True)
    token = (
        api.AccessToken(server.key, secret or server.secret)
        .with_identity(identity)
        .with_name(name or identity.title())
        .with_grants(grants)
        .with_ttl(timedelta(minutes=30))
        .to_jwt()
    )
    return CallCredentials(
        session_id=room.removeprefix("session_"),
        room_name=room,
        livekit_url=url or server.url,
        access_token=token,
        participant_identity=identity,
        participant_role=role,
        call_url="",
    )


async def create_room(server: LivekitServer, room: str) -> None:
    """Makes the room, or leaves it as it is."""
    async with api.LiveKitAPI(server.http_url, server.key, server.secret) as livekit:
        await livekit.room.create_room(api.CreateRoomRequest(name=room, empty_timeout=600, departure_timeout=120))


async def delete_room(server: LivekitServer, room: str) -> None:
    """What the backend does when the session's time is over."""
    async with api.LiveKitAPI(server.http_url, server.key, server.secret) as livekit:
        await livekit.room.delete_room(api.DeleteRoomRequest(room=room))
