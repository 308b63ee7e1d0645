"""Rooms without a media server."""

from collections.abc import Collection
from uuid import uuid4

from backend.calls.ports import Attendee, CallRoomsUnavailable, ExpiredToken, RoomPass, TokenClaims, UntrustedToken
from backend.kit.clock import Clock, utc_now


class FakeCallRooms:
    """`rooms` maps a name to who is in it; `passes` are those that tokens were minted for; `expired` are
    tokens whose time is over; `down`: nothing answers."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """As at first."""
        self.rooms: dict[str, set[str]] = {}
        self.passes: list[RoomPass] = []
        self.expired: set[str] = set()
        self.kept_s: dict[str, int] = {}
        self.down = False
        self.asked = 0
        self.now: Clock = utc_now
        self.connections: dict[tuple[str, str], Attendee] = {}

    @property
    def url(self) -> str:
        return "ws://livekit.test"

    def ensure_room(self, room_name: str, *, keep_s: int) -> None:
        self._answer()
        self.rooms.setdefault(room_name, set())
        self.kept_s[room_name] = keep_s

    def mint_token(self, room_pass: RoomPass) -> str:
        self.passes.append(room_pass)
        return f"token-{len(self.passes)}"

    def read_token(self, token: str) -> TokenClaims:
        if token in self.expired:
            raise ExpiredToken
        number = token.removeprefix("token-")
        if not number.isdecimal() or int(number) > len(self.passes):
            raise UntrustedToken(token)
        room_pass = self.passes[int(number) - 1]
        return TokenClaims(room_pass.room_name, room_pass.identity)

    def attendees(self, room_name: str) -> list[Attendee]:
        self._answer()
        return [
            self.connections.setdefault((room_name, identity), Attendee(identity, f"PA_{uuid4().hex}", self.now()))
            for identity in sorted(self.rooms.get(room_name, ()))
        ]

    def attendees_of(self, room_names: Collection[str]) -> dict[str, list[Attendee]]:
        self._answer()
        self.asked -= len(room_names)  # one question, however many rooms
        return {name: self.attendees(name) for name in room_names}

    def delete_room(self, room_name: str) -> None:
        self._answer()
        self.rooms.pop(room_name, None)

    def _answer(self) -> None:
        self.asked += 1
        if self.down:
            raise CallRoomsUnavailable("down")
