"""The states of a call and the events that move it, as one table; what the table does not name is refused.

Pure: who posts the events and what follows from a state is the engine's business.
"""

from enum import StrEnum

from app.call.contract.call_state import CallState, EndReason


class CallEvent(StrEnum):
    """What can happen to a call."""

    PREVIEW_OPENED = "preview_opened"
    JOIN_STARTED = "join_started"
    JOINED_ALONE = "joined_alone"
    JOINED_WITH_OTHER = "joined_with_other"
    JOIN_REFUSED = "join_refused"
    JOIN_FAILED = "join_failed"
    OTHER_CAME = "other_came"  # for the first time, again, or sending again after a silence
    OTHER_LEFT = "other_left"  # they said goodbye
    OTHER_VANISHED = "other_vanished"  # without a goodbye: a peer's full reconnect looks the same
    OTHER_GRACE_ENDED = "other_grace_ended"
    LINK_INTERRUPTED = "link_interrupted"
    LINK_RESTORED_ALONE = "link_restored_alone"
    LINK_RESTORED_WITH_OTHER = "link_restored_with_other"
    LINK_RESTORED_OTHER_AWAY = "link_restored_other_away"
    JOINED_ELSEWHERE = "joined_elsewhere"
    ROOM_CLOSED = "room_closed"
    LINK_LOST = "link_lost"
    LEFT = "left"


class ImpossibleMove(Exception):
    """The table names no move for this event in this state: a fault of the engine, never of the person."""

    def __init__(self, state: CallState, event: CallEvent) -> None:
        super().__init__(f"{event} cannot happen in {state}")
        self.state = state
        self.event = event


END_REASONS: dict[CallEvent, EndReason] = {
    CallEvent.LEFT: EndReason.LEFT,
    CallEvent.JOINED_ELSEWHERE: EndReason.JOINED_ELSEWHERE,
    CallEvent.ROOM_CLOSED: EndReason.ROOM_CLOSED,
    CallEvent.JOIN_REFUSED: EndReason.REFUSED,
    CallEvent.JOIN_FAILED: EndReason.COULD_NOT_CONNECT,
    CallEvent.LINK_LOST: EndReason.CONNECTION_LOST,
}
"""Events that end a call, and the reason that the person is given."""

_S, _E = CallState, CallEvent
_ENDS_IN_ROOM = {
    _E.LEFT: _S.ENDED,
    _E.JOINED_ELSEWHERE: _S.ENDED,
    _E.ROOM_CLOSED: _S.ENDED,
    _E.LINK_LOST: _S.ENDED,
}

MOVES: dict[CallState, dict[CallEvent, CallState]] = {
    _S.IDLE: {
        _E.PREVIEW_OPENED: _S.PREPARING,
        _E.JOIN_STARTED: _S.CONNECTING,
        _E.LEFT: _S.ENDED,
    },
    _S.PREPARING: {
        _E.JOIN_STARTED: _S.CONNECTING,
        _E.LEFT: _S.ENDED,
    },
    _S.CONNECTING: {
        _E.JOINED_ALONE: _S.WAITING,
        _E.JOINED_WITH_OTHER: _S.IN_CALL,
        _E.JOIN_REFUSED: _S.ENDED,
        _E.JOIN_FAILED: _S.ENDED,
        _E.ROOM_CLOSED: _S.ENDED,
        _E.LEFT: _S.ENDED,
    },
    _S.WAITING: {
        _E.OTHER_CAME: _S.IN_CALL,
        _E.LINK_INTERRUPTED: _S.RECONNECTING,
        **_ENDS_IN_ROOM,
    },
    _S.IN_CALL: {
        _E.OTHER_LEFT: _S.WAITING,
        _E.OTHER_VANISHED: _S.OTHER_RECONNECTING,
        _E.LINK_INTERRUPTED: _S.RECONNECTING,
        **_ENDS_IN_ROOM,
    },
    _S.OTHER_RECONNECTING: {
        _E.OTHER_CAME: _S.IN_CALL,
        _E.OTHER_LEFT: _S.WAITING,
        _E.OTHER_GRACE_ENDED: _S.WAITING,
        _E.LINK_INTERRUPTED: _S.RECONNECTING,
        **_ENDS_IN_ROOM,
    },
    _S.RECONNECTING: {
        # What is heard of the other while this side is cut off counts when the link is back.
        _E.OTHER_CAME: _S.RECONNECTING,
        _E.OTHER_LEFT: _S.RECONNECTING,
        _E.OTHER_VANISHED: _S.RECONNECTING,
        _E.OTHER_GRACE_ENDED: _S.RECONNECTING,
        _E.LINK_RESTORED_ALONE: _S.WAITING,
        _E.LINK_RESTORED_WITH_OTHER: _S.IN_CALL,
        _E.LINK_RESTORED_OTHER_AWAY: _S.OTHER_RECONNECTING,
        **_ENDS_IN_ROOM,
    },
    _S.ENDED: {},
}


class CallMachine:
    """One call's place in the table."""

    def __init__(self) -> None:
        self.state = CallState.IDLE
        self.end_reason: EndReason | None = None

    @property
    def ended(self) -> bool:
        return self.state is CallState.ENDED

    def post(self, event: CallEvent) -> CallState:
        """Moves. Raises `ImpossibleMove` for what the table does not name, and then nothing has changed."""
        try:
            following = MOVES[self.state][event]
        except KeyError:
            raise ImpossibleMove(self.state, event) from None
        self.state = following
        self.end_reason = END_REASONS[event] if following is CallState.ENDED else None
        return following
