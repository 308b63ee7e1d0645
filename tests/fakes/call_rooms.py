"""Rooms without a media server."""

from backend.calls.ports import CallRoomsUnavailable, RoomPass


class FakeCallRooms:
    """`rooms` maps a name to who is in it; `passes` are those that tokens were minted for; `down`: nothing answers."""

    def __init__(self) -> None:
        self.rooms: dict[str, set[str]] = {}
        self.passes: list[RoomPass] = []
        self.kept_s: dict[str, int] = {}
        self.down = False
        self.asked = 0

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

    def identities(self, room_name: str) -> frozenset[str]:
        self._answer()
        return frozenset(self.rooms.get(room_name, ()))

    def delete_room(self, room_name: str) -> None:
        self._answer()
        self.rooms.pop(room_name, None)

    def _answer(self) -> None:
        self.asked += 1
        if self.down:
            raise CallRoomsUnavailable("down")
