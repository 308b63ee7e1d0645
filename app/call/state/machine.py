"""The states of a call and the transitions between them, as two tables: this side's connection, and the peer.

What the tables do not name is refused. `CallState`, which the screens show, is derived from the two regions. Pure: who
posts the events and what follows from a state is the engine's business.
"""

from enum import StrEnum

from app.call.contract.call_state import CallState, EndReason


class CallEvent(StrEnum):
    """What can happen to a call."""

    PREVIEW_OPENED = "preview_opened"
    JOIN_STARTED = "join_started"
    JOINED = "joined"
    JOIN_REFUSED = "join_refused"
    JOIN_FAILED = "join_failed"
    PEER_CAME = "peer_came"  # for the first time, again, or sending again after a silence
    PEER_LEFT = "peer_left"  # they announced it
    PEER_LOST = "peer_lost"  # without announcing it: a peer's full reconnect is the same
    PEER_GRACE_EXPIRED = "peer_grace_expired"
    CONNECTION_INTERRUPTED = "connection_interrupted"
    CONNECTION_RESTORED = "connection_restored"
    JOINED_ELSEWHERE = "joined_elsewhere"
    ROOM_CLOSED = "room_closed"
    CONNECTION_LOST = "connection_lost"
    LEFT = "left"


class Connection(StrEnum):
    """This side's own region."""

    IDLE = "idle"
    PREPARING = "preparing"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"
    ENDED = "ended"


class Presence(StrEnum):
    """The peer's region."""

    ABSENT = "absent"  # not come yet, or left for good
    PRESENT = "present"
    AWAY = "away"  # lost without an announcement; their grace is running


class InvalidTransition(Exception):
    """The table names no transition for this event in this state: a fault of the engine, never of the person."""

    def __init__(self, state: CallState, event: CallEvent) -> None:
        super().__init__(f"{event} cannot happen in {state}")


END_REASONS: dict[CallEvent, EndReason] = {
    CallEvent.LEFT: EndReason.LEFT,
    CallEvent.JOINED_ELSEWHERE: EndReason.JOINED_ELSEWHERE,
    CallEvent.ROOM_CLOSED: EndReason.ROOM_CLOSED,
    CallEvent.JOIN_REFUSED: EndReason.REFUSED,
    CallEvent.JOIN_FAILED: EndReason.COULD_NOT_CONNECT,
    CallEvent.CONNECTION_LOST: EndReason.CONNECTION_LOST,
}
"""Events that end a call, and the reason that the person is given."""

_C, _P, _E = Connection, Presence, CallEvent
_ENDS_IN_ROOM = {
    _E.LEFT: _C.ENDED,
    _E.JOINED_ELSEWHERE: _C.ENDED,
    _E.ROOM_CLOSED: _C.ENDED,
    _E.CONNECTION_LOST: _C.ENDED,
}

CONNECTION_TRANSITIONS: dict[Connection, dict[CallEvent, Connection]] = {
    _C.IDLE: {
        _E.PREVIEW_OPENED: _C.PREPARING,
        _E.JOIN_STARTED: _C.CONNECTING,
        _E.LEFT: _C.ENDED,
    },
    _C.PREPARING: {
        _E.JOIN_STARTED: _C.CONNECTING,
        _E.LEFT: _C.ENDED,
    },
    _C.CONNECTING: {
        _E.JOINED: _C.CONNECTED,
        _E.JOIN_REFUSED: _C.ENDED,
        _E.JOIN_FAILED: _C.ENDED,
        _E.ROOM_CLOSED: _C.ENDED,
        _E.LEFT: _C.ENDED,
    },
    _C.CONNECTED: {
        _E.CONNECTION_INTERRUPTED: _C.RECONNECTING,
        **_ENDS_IN_ROOM,
    },
    _C.RECONNECTING: {
        _E.CONNECTION_RESTORED: _C.CONNECTED,
        **_ENDS_IN_ROOM,
    },
    _C.ENDED: {},
}

PEER_TRANSITIONS: dict[Presence, dict[CallEvent, Presence]] = {
    _P.ABSENT: {_E.PEER_CAME: _P.PRESENT},
    _P.PRESENT: {
        _E.PEER_LEFT: _P.ABSENT,
        _E.PEER_LOST: _P.AWAY,
    },
    _P.AWAY: {
        _E.PEER_CAME: _P.PRESENT,
        _E.PEER_LEFT: _P.ABSENT,
        _E.PEER_GRACE_EXPIRED: _P.ABSENT,
    },
}
PEER_EVENTS = frozenset(event for row in PEER_TRANSITIONS.values() for event in row)
WITH_PEER = frozenset((Connection.CONNECTING, Connection.CONNECTED, Connection.RECONNECTING))
"""Where something of a peer can be known: before the join is complete, and while this side is cut off too."""

_CONNECTED: dict[Presence, CallState] = {
    _P.ABSENT: CallState.WAITING,
    _P.PRESENT: CallState.IN_CALL,
    _P.AWAY: CallState.PEER_RECONNECTING,
}


class CallMachine:
    """One call's place in the two tables."""

    def __init__(self) -> None:
        self.connection = Connection.IDLE
        self.presence = Presence.ABSENT
        self.end_reason: EndReason | None = None

    @property
    def state(self) -> CallState:
        """Both regions in one: what the peer does shows only while this side is connected."""
        if self.connection is Connection.CONNECTED:
            return _CONNECTED[self.presence]
        return CallState(self.connection.value)

    @property
    def ended(self) -> bool:
        return self.connection is Connection.ENDED

    def post(self, event: CallEvent) -> CallState:
        """Moves. Raises `InvalidTransition` for what the tables do not name, and then nothing has changed."""
        try:
            if event not in PEER_EVENTS:
                self.connection = CONNECTION_TRANSITIONS[self.connection][event]
            elif self.connection in WITH_PEER:
                self.presence = PEER_TRANSITIONS[self.presence][event]
            else:
                raise InvalidTransition(self.state, event)
        except KeyError:
            raise InvalidTransition(self.state, event) from None
        self.end_reason = END_REASONS[event] if self.ended else None
        return self.state
