"""The states of a call and the transitions between them, as one table; what the table does not name is refused.

Pure: who posts the events and what follows from a state is the engine's business.
"""

from enum import StrEnum

from app.call.contract.call_state import CallState, EndReason


class CallEvent(StrEnum):
    """What can happen to a call."""

    PREVIEW_OPENED = "preview_opened"
    JOIN_STARTED = "join_started"
    JOINED_ALONE = "joined_alone"
    JOINED_WITH_PEER = "joined_with_peer"
    JOIN_REFUSED = "join_refused"
    JOIN_FAILED = "join_failed"
    PEER_CAME = "peer_came"  # for the first time, again, or sending again after a silence
    PEER_LEFT = "peer_left"  # they announced it
    PEER_LOST = "peer_lost"  # without announcing it: a peer's full reconnect is the same
    PEER_GRACE_EXPIRED = "peer_grace_expired"
    CONNECTION_INTERRUPTED = "connection_interrupted"
    CONNECTION_RESTORED_ALONE = "connection_restored_alone"
    CONNECTION_RESTORED_WITH_PEER = "connection_restored_with_peer"
    CONNECTION_RESTORED_PEER_AWAY = "connection_restored_peer_away"
    JOINED_ELSEWHERE = "joined_elsewhere"
    ROOM_CLOSED = "room_closed"
    CONNECTION_LOST = "connection_lost"
    LEFT = "left"


class InvalidTransition(Exception):
    """The table names no transition for this event in this state: a fault of the engine, never of the person."""

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
    CallEvent.CONNECTION_LOST: EndReason.CONNECTION_LOST,
}
"""Events that end a call, and the reason that the person is given."""

_S, _E = CallState, CallEvent
_ENDS_IN_ROOM = {
    _E.LEFT: _S.ENDED,
    _E.JOINED_ELSEWHERE: _S.ENDED,
    _E.ROOM_CLOSED: _S.ENDED,
    _E.CONNECTION_LOST: _S.ENDED,
}

TRANSITIONS: dict[CallState, dict[CallEvent, CallState]] = {
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
        _E.JOINED_WITH_PEER: _S.IN_CALL,
        _E.JOIN_REFUSED: _S.ENDED,
        _E.JOIN_FAILED: _S.ENDED,
        _E.ROOM_CLOSED: _S.ENDED,
        _E.LEFT: _S.ENDED,
    },
    _S.WAITING: {
        _E.PEER_CAME: _S.IN_CALL,
        _E.CONNECTION_INTERRUPTED: _S.RECONNECTING,
        **_ENDS_IN_ROOM,
    },
    _S.IN_CALL: {
        _E.PEER_LEFT: _S.WAITING,
        _E.PEER_LOST: _S.PEER_RECONNECTING,
        _E.CONNECTION_INTERRUPTED: _S.RECONNECTING,
        **_ENDS_IN_ROOM,
    },
    _S.PEER_RECONNECTING: {
        _E.PEER_CAME: _S.IN_CALL,
        _E.PEER_LEFT: _S.WAITING,
        _E.PEER_GRACE_EXPIRED: _S.WAITING,
        _E.CONNECTION_INTERRUPTED: _S.RECONNECTING,
        **_ENDS_IN_ROOM,
    },
    _S.RECONNECTING: {
        # What is known of the peer while this side is cut off counts when the connection is back.
        _E.PEER_CAME: _S.RECONNECTING,
        _E.PEER_LEFT: _S.RECONNECTING,
        _E.PEER_LOST: _S.RECONNECTING,
        _E.PEER_GRACE_EXPIRED: _S.RECONNECTING,
        _E.CONNECTION_RESTORED_ALONE: _S.WAITING,
        _E.CONNECTION_RESTORED_WITH_PEER: _S.IN_CALL,
        _E.CONNECTION_RESTORED_PEER_AWAY: _S.PEER_RECONNECTING,
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
        """Moves. Raises `InvalidTransition` for what the table does not name, and then nothing has changed."""
        try:
            following = TRANSITIONS[self.state][event]
        except KeyError:
            raise InvalidTransition(self.state, event) from None
        self.state = following
        self.end_reason = END_REASONS[event] if following is CallState.ENDED else None
        return following
