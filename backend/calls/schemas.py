"""Calls on the wire."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict

from backend.auth.rules import Role


class CallLinkAnswer(BaseModel):
    """One participant's credentials; the token is also in the fragment of `call_url`, which no server sees."""

    model_config = ConfigDict(title="CallLink")

    session_id: UUID
    room_name: str
    livekit_url: str
    access_token: str
    participant_identity: str
    participant_role: Role
    call_url: str


class PresenceAnswer(BaseModel):
    """Who is in the room now."""

    model_config = ConfigDict(title="Presence")

    present: list[Role]


class CallCheckAnswer(BaseModel):
    """A way into a room of one's own, in which a connection can be tried before the call."""

    model_config = ConfigDict(title="CallCheck")

    room_name: str
    livekit_url: str
    access_token: str
