"""The newest snapshot of a call, who is called when it changes, and the machine whose moves change it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.call.contract.call_state import CallPart, CallSnapshot, CallState
from app.call.state.machine import CallEvent, CallMachine, Connection, Presence

Listener = Callable[[CallSnapshot], None]


class SnapshotStore:
    """Changed on the media loop only; read from anywhere. Listeners are called on the loop on which they subscribed."""

    def __init__(self) -> None:
        self.snapshot = CallSnapshot()
        self._listeners: list[tuple[Listener, asyncio.AbstractEventLoop]] = []
        self._failing: set[tuple[CallPart, object]] = set()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """On the interface's loop. Returns the unsubscribe, after which the listener is not called any more."""
        entry = (listener, asyncio.get_running_loop())
        self._listeners.append(entry)

        def unsubscribe() -> None:
            if entry in self._listeners:
                self._listeners.remove(entry)

        return unsubscribe

    def update(self, **fields: Any) -> None:
        """A new snapshot with these fields; equal ones are not announced."""
        following = replace(self.snapshot, **fields)
        if following == self.snapshot:
            return
        self.snapshot = following
        for entry in list(self._listeners):
            try:
                entry[1].call_soon_threadsafe(self._notify, entry, following)
            except RuntimeError:  # that loop has closed, and its listener with it
                self._listeners.remove(entry)

    def fault_of(self, part: CallPart) -> Callable[[bool], None]:
        """An `OnFault` for `TaskScope.supervise` that puts `part` into the snapshot, and takes it out again: once each
        of the tasks that share it works.
        """
        task = object()

        def set_failing(failing: bool) -> None:
            self._failing.discard((part, task))
            if failing:
                self._failing.add((part, task))
            self.update(failing_parts=frozenset(each for each, _ in self._failing))

        return set_failing

    def _notify(self, entry: tuple[Listener, asyncio.AbstractEventLoop], snapshot: CallSnapshot) -> None:
        if entry in self._listeners:
            entry[0](snapshot)


class CallStatus:
    """Where the call stands. Moves on events only. `ended` is set once the call is over. Lives on the media loop."""

    def __init__(self, store: SnapshotStore, now: Callable[[], datetime]) -> None:
        self.store = store
        self.ended = asyncio.Event()
        self._machine = CallMachine()
        self._now = now

    @property
    def state(self) -> CallState:
        return self._machine.state

    @property
    def presence(self) -> Presence:
        """Of the peer; nobody else keeps it."""
        return self._machine.presence

    @property
    def in_room(self) -> bool:
        return self._machine.connection in (Connection.CONNECTED, Connection.RECONNECTING)

    def post(self, event: CallEvent) -> None:
        """Raises `InvalidTransition`, which is a fault of the poster."""
        was_in_room = self.in_room
        state = self._machine.post(event)
        now, before = self._now(), self.store.snapshot
        self.store.update(
            state=state,
            end_reason=self._machine.end_reason,
            joined_at=before.joined_at or (now if self.in_room and not was_in_room else None),
            in_call_since=before.in_call_since or (now if state is CallState.IN_CALL else None),
            reconnecting_since=(before.reconnecting_since or now) if state is CallState.RECONNECTING else None,
            reconnect_cause=before.reconnect_cause if state is CallState.RECONNECTING else None,
        )
        if state is CallState.ENDED:
            self.ended.set()
