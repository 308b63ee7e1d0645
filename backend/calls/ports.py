"""What the calls need of a media server: rooms, and who may enter them."""

from dataclasses import dataclass
from datetime import timedelta
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


class CallRooms(Protocol):
    """The media server's rooms. All but `url` and `mint_token` call it, and raise `CallRoomsUnavailable`."""

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

    def identities(self, room_name: str) -> frozenset[str]:
        """Who is in the room now; empty when there is no such room."""
        ...

    def delete_room(self, room_name: str) -> None:
        """Close the room and end everyone's stay; nothing happens when there is no such room."""
        ...
