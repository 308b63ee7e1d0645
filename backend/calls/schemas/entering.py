"""The way into a call on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from backend.auth.rules import Role
from backend.kit.text import Payload


class EnterCall(Payload):
    """How this device names its join, the same for every rejoin after it. Without a name every request is a new join.

    `rejoin`: its connection was lost; it must not evict a device on which the person has joined since.
    """

    join_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16,64}$")]
    rejoin: Annotated[bool, Field(strict=True)] = False


class CallLinkAnswer(BaseModel):
    """One participant's credentials. `encryption_key` is the session's, the same for both. It and the token are also in
    the fragment of `call_url`, which no server sees.
    """

    model_config = ConfigDict(title="CallLink")

    session_id: UUID
    room_name: str
    livekit_url: str
    access_token: str
    encryption_key: str
    participant_identity: str
    participant_role: Role
    call_url: str


class PresenceAnswer(BaseModel):
    """Who is in the room now."""

    model_config = ConfigDict(title="Presence")

    present: list[Role]


class PageFactsAnswer(BaseModel):
    """A session as the call page shows it. `problem`: the name of what keeps this person out now; `now` is the server's
    time; `app_url`: where the app shows the session, empty where there is no web app.
    """

    own_name: str
    own_role: Role
    other_name: str
    other_photo: str | None
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    closes_at: datetime
    now: datetime
    problem: str | None
    app_url: str


class PageJoinAnswer(BaseModel):
    """One join's credentials, for the call page. Not the key: the media server has the token too."""

    livekit_url: str
    access_token: str


class CallCheckAnswer(BaseModel):
    """A way into a room of one's own, in which a connection can be tried before the call."""

    model_config = ConfigDict(title="CallCheck")

    room_name: str
    livekit_url: str
    access_token: str
