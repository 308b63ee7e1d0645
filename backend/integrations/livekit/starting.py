"""LiveKit's rooms while the server behind them is still being built: only `make run` on a new machine knows that."""

from collections.abc import Callable

from backend.integrations.livekit.rooms import LiveKitCallRooms
from backend.kit.errors import ServiceUnavailable


class StartingCallRooms(LiveKitCallRooms):
    """While `preparing` says how far the server is, a room cannot be had, and the answer says that."""

    def __init__(self, url: str, key: str, secret: str, preparing: Callable[[], str]) -> None:
        super().__init__(url, key, secret)
        self._preparing = preparing

    def ensure_room(self, room_name: str, *, keep_s: int) -> None:
        if how_far := self._preparing():
            raise ServiceUnavailable(f"Calls are being set up on this computer: {how_far}. Try again in a minute.")
        super().ensure_room(room_name, keep_s=keep_s)
