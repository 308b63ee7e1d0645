"""What the calls need of a media server: rooms, and who may enter them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol


class CallRoomsUnavailable(Exception):
    """The media server did not answer, or answered with a fault of its own."""


@dataclass(frozen=True)
class RoomPass:
    """Who may enter which room: what a token says. `valid_for` limits joining, not staying."""

    room_name: str
    identity: str
    name: str
    role: str
    valid_for: timedelta


@dataclass(frozen=True)
class Attendee:
    """Someone in a room, by one connection: `sid` is the media server's name for it, new with every joining."""

    identity: str
    sid: str
    joined_at: datetime


class RoomEventKind(StrEnum):
    JOINED = "joined"
    LEFT = "left"


@dataclass(frozen=True)
class RoomEvent:
    """What the media server sends by itself. Comes twice, late and out of order; `event_id` stays the same."""

    event_id: str
    kind: RoomEventKind
    room_name: str
    attendee: Attendee
    occurred_at: datetime


class UntrustedWebhook(Exception):
    """This is not signed by our media server, or was changed on the way."""


class UntrustedToken(Exception):
    """This token was not minted by us for a person in a room, or was changed since."""


class ExpiredToken(UntrustedToken):
    """It was, and its time is over."""


@dataclass(frozen=True)
class TokenClaims:
    """Whom a token lets into which room."""

    room_name: str
    identity: str


class RoomWebhooks(Protocol):
    """The media server's signed webhooks."""

    def read(self, body: bytes, signature: str) -> RoomEvent | None:
        """What it says; None if it is about nothing that matters here. Raises `UntrustedWebhook`."""
        ...


class ServerRecordings(Protocol):
    """Recording on a server, of rooms that it can read. Each method calls it, and raises `CallRoomsUnavailable`."""

    def is_readable(self, room_name: str) -> bool:
        """Whether something is sent in the room, and none of it encrypted from device to device."""
        ...

    def start(self, room_name: str, file_name: str) -> None:
        """Records the whole room into this file of the storage; nothing happens when one is being made already."""
        ...

    def stop(self, room_name: str) -> None:
        """Ends what is being made of the room; nothing happens when nothing is."""
        ...


class CallRooms(Protocol):
    """The media server's rooms. All but `url` and what is about tokens call it, and raise `CallRoomsUnavailable`."""

    @property
    def url(self) -> str:
        """Where a participant connects (ws or wss)."""
        ...

    def ensure_room(self, room_name: str, *, keep_s: int) -> None:
        """Make the room for at most two participants if it is not there, to stay for `keep_s` even when empty."""
        ...

    def mint_token(self, room_pass: RoomPass) -> str:
        """A signed token that lets one participant join one room; no call to the server."""
        ...

    def read_token(self, token: str) -> TokenClaims:
        """What a token that somebody presents says, by its signature alone. ExpiredToken, UntrustedToken."""
        ...

    def attendees(self, room_name: str) -> Sequence[Attendee]:
        """Who is in the room now; empty when there is no such room."""
        ...

    def attendees_of(self, room_names: Collection[str]) -> Mapping[str, Sequence[Attendee]]:
        """Who is in each of these rooms now; empty where there is no such room. A room that could not be looked into is
        not in the answer; raises if that is true of all.
        """
        ...

    def delete_room(self, room_name: str) -> None:
        """Close the room and end everyone's stay; nothing happens when there is no such room."""
        ...
