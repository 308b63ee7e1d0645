"""The newest snapshot of a call, and who is told when it changes."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.call.contract.engine import CallSnapshot

Listener = Callable[[CallSnapshot], None]


class Board:
    """Changed on the media loop only; read from anywhere. Listeners are called on the loop on which they subscribed."""

    def __init__(self) -> None:
        self.snapshot = CallSnapshot()
        self._listeners: list[tuple[Listener, asyncio.AbstractEventLoop]] = []

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """On the interface's loop. Returns the unsubscribe, after which the listener is not called any more."""
        entry = (listener, asyncio.get_running_loop())
        self._listeners.append(entry)

        def unsubscribe() -> None:
            if entry in self._listeners:
                self._listeners.remove(entry)

        return unsubscribe

    def change(self, **fields: Any) -> None:
        """A new snapshot with these fields; equal ones are not announced."""
        following = replace(self.snapshot, **fields)
        if following == self.snapshot:
            return
        self.snapshot = following
        for entry in list(self._listeners):
            try:
                entry[1].call_soon_threadsafe(self._tell, entry, following)
            except RuntimeError:  # that loop has closed, and its listener with it
                self._listeners.remove(entry)

    def _tell(self, entry: tuple[Listener, asyncio.AbstractEventLoop], snapshot: CallSnapshot) -> None:
        if entry in self._listeners:
            entry[0](snapshot)
