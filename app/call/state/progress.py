"""Where one call stands: the machine, and the snapshot that says so."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from app.call.contract.engine import CallState
from app.call.state.machine import CallEvent, CallMachine
from app.call.state.store import Board

IN_ROOM = frozenset((CallState.WAITING, CallState.IN_CALL, CallState.OTHER_RECONNECTING, CallState.RECONNECTING))


class Progress:
    """Moves on events only. `ended` is set once the call is over. Lives on the media loop."""

    def __init__(self, board: Board, now: Callable[[], datetime]) -> None:
        self.board = board
        self.ended = asyncio.Event()
        self._machine = CallMachine()
        self._now = now

    @property
    def state(self) -> CallState:
        return self._machine.state

    @property
    def in_room(self) -> bool:
        return self._machine.state in IN_ROOM

    def post(self, event: CallEvent) -> None:
        """Raises `ImpossibleMove`, which is a fault of the poster."""
        was_in_room = self.in_room
        state = self._machine.post(event)
        now, before = self._now(), self.board.snapshot
        self.board.change(
            state=state,
            end_reason=self._machine.end_reason,
            joined_at=before.joined_at or (now if self.in_room and not was_in_room else None),
            in_call_since=before.in_call_since or (now if state is CallState.IN_CALL else None),
            reconnecting_since=(before.reconnecting_since or now) if state is CallState.RECONNECTING else None,
            link_trouble=before.link_trouble if state is CallState.RECONNECTING else None,
        )
        if state is CallState.ENDED:
            self.ended.set()
