"""A server that records, without one."""

from collections.abc import Callable

from backend.calls.ports import CallRoomsUnavailable


class FakeServerRecordings:
    """`running` maps a room to its file; `readable`: what is sent is not encrypted; `down`: nothing answers."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """As at first."""
        self.running: dict[str, str] = {}
        self.readable, self.down = True, False
        self.meanwhile: Callable[[], object] = lambda: None
        """What happens while one is being started."""

    def is_readable(self, room_name: str) -> bool:
        self._answer()
        return self.readable

    def start(self, room_name: str, file_name: str) -> None:
        self._answer()
        self.meanwhile()
        self.running.setdefault(room_name, file_name)

    def stop(self, room_name: str) -> None:
        self._answer()
        self.running.pop(room_name, None)

    def _answer(self) -> None:
        if self.down:
            raise CallRoomsUnavailable("down")
