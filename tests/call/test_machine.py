"""The two regions of a call's state machine, and the state that the screens show of both."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.call.contract.call_state import CallState, EndReason
from app.call.state.machine import (
    CONNECTION_TRANSITIONS,
    END_REASONS,
    PEER_EVENTS,
    PEER_TRANSITIONS,
    WITH_PEER,
    CallEvent,
    CallMachine,
    Connection,
    InvalidTransition,
    Presence,
)

_S, _E = CallState, CallEvent
ALONE = (_E.JOIN_STARTED, _E.JOINED)
IN_CALL = (*ALONE, _E.PEER_CAME)
PEER_AWAY = (*IN_CALL, _E.PEER_LOST)
NAMED = [
    ((), _E.PREVIEW_OPENED, _S.PREPARING),
    ((), _E.JOIN_STARTED, _S.CONNECTING),
    ((_E.PREVIEW_OPENED,), _E.JOIN_STARTED, _S.CONNECTING),
    ((_E.JOIN_STARTED,), _E.JOINED, _S.WAITING),
    ((_E.JOIN_STARTED,), _E.PEER_CAME, _S.CONNECTING),
    ((_E.JOIN_STARTED, _E.PEER_CAME), _E.JOINED, _S.IN_CALL),
    (ALONE, _E.PEER_CAME, _S.IN_CALL),
    (ALONE, _E.CONNECTION_INTERRUPTED, _S.RECONNECTING),
    (IN_CALL, _E.PEER_LEFT, _S.WAITING),
    (IN_CALL, _E.PEER_LOST, _S.PEER_RECONNECTING),
    (IN_CALL, _E.CONNECTION_INTERRUPTED, _S.RECONNECTING),
    (PEER_AWAY, _E.PEER_CAME, _S.IN_CALL),
    (PEER_AWAY, _E.PEER_LEFT, _S.WAITING),
    (PEER_AWAY, _E.PEER_GRACE_EXPIRED, _S.WAITING),
    (PEER_AWAY, _E.CONNECTION_INTERRUPTED, _S.RECONNECTING),
    # What the peer does while this side is cut off is not shown, and counts when the connection is back.
    ((*ALONE, _E.CONNECTION_INTERRUPTED), _E.PEER_CAME, _S.RECONNECTING),
    ((*IN_CALL, _E.CONNECTION_INTERRUPTED), _E.PEER_LEFT, _S.RECONNECTING),
    ((*IN_CALL, _E.CONNECTION_INTERRUPTED), _E.PEER_LOST, _S.RECONNECTING),
    ((*PEER_AWAY, _E.CONNECTION_INTERRUPTED), _E.PEER_GRACE_EXPIRED, _S.RECONNECTING),
    ((*ALONE, _E.CONNECTION_INTERRUPTED), _E.CONNECTION_RESTORED, _S.WAITING),
    ((*IN_CALL, _E.CONNECTION_INTERRUPTED), _E.CONNECTION_RESTORED, _S.IN_CALL),
    ((*PEER_AWAY, _E.CONNECTION_INTERRUPTED), _E.CONNECTION_RESTORED, _S.PEER_RECONNECTING),
    ((*ALONE, _E.CONNECTION_INTERRUPTED, _E.PEER_CAME), _E.CONNECTION_RESTORED, _S.IN_CALL),
    ((*IN_CALL, _E.CONNECTION_INTERRUPTED, _E.PEER_LEFT), _E.CONNECTION_RESTORED, _S.WAITING),
    ((*IN_CALL, _E.CONNECTION_INTERRUPTED, _E.PEER_LOST), _E.CONNECTION_RESTORED, _S.PEER_RECONNECTING),
    ((*PEER_AWAY, _E.CONNECTION_INTERRUPTED, _E.PEER_GRACE_EXPIRED), _E.CONNECTION_RESTORED, _S.WAITING),
]


def after(events: tuple[CallEvent, ...]) -> CallMachine:
    machine = CallMachine()
    for event in events:
        machine.post(event)
    return machine


@pytest.mark.parametrize(("before", "event", "state"), NAMED)
def test_each_named_transition_leads_to_its_state(
    before: tuple[CallEvent, ...], event: CallEvent, state: CallState
) -> None:
    machine = after(before)
    assert machine.post(event) is state
    assert machine.state is state


def test_every_transition_that_does_not_end_the_call_is_named_above() -> None:
    named = {(machine.connection, event) for before, event, _ in NAMED if (machine := after(before))}
    named_of_peer = {(machine.presence, event) for before, event, _ in NAMED if (machine := after(before))}
    for connection, row in CONNECTION_TRANSITIONS.items():
        for event, following in row.items():
            assert following is Connection.ENDED or (connection, event) in named
    for presence, moves in PEER_TRANSITIONS.items():
        assert {(presence, event) for event in moves} <= named_of_peer


@pytest.mark.parametrize(
    ("before", "event", "reason"),
    [
        ((), _E.LEFT, EndReason.LEFT),
        ((_E.PREVIEW_OPENED,), _E.LEFT, EndReason.LEFT),
        ((_E.JOIN_STARTED,), _E.LEFT, EndReason.LEFT),
        ((_E.JOIN_STARTED,), _E.JOIN_REFUSED, EndReason.REFUSED),
        ((_E.JOIN_STARTED,), _E.JOIN_FAILED, EndReason.COULD_NOT_CONNECT),
        ((_E.JOIN_STARTED,), _E.ROOM_CLOSED, EndReason.ROOM_CLOSED),
        *(
            (before, event, END_REASONS[event])
            for before in (ALONE, IN_CALL, PEER_AWAY, (*IN_CALL, _E.CONNECTION_INTERRUPTED))
            for event in (_E.LEFT, _E.JOINED_ELSEWHERE, _E.ROOM_CLOSED, _E.CONNECTION_LOST)
        ),
    ],
)
def test_each_end_has_its_reason(before: tuple[CallEvent, ...], event: CallEvent, reason: EndReason) -> None:
    machine = after(before)
    assert machine.post(event) is CallState.ENDED
    assert machine.end_reason is reason


def test_a_call_that_has_not_begun_has_no_reason_to_have_ended() -> None:
    assert CallMachine().end_reason is None


def test_every_way_to_the_end_has_a_reason_and_nothing_else_has() -> None:
    rows = CONNECTION_TRANSITIONS.values()
    assert {event for row in rows for event, state in row.items() if state is Connection.ENDED} == set(END_REASONS)
    assert set(END_REASONS.values()) == set(EndReason)


def test_every_event_belongs_to_one_region() -> None:
    of_connection = {event for row in CONNECTION_TRANSITIONS.values() for event in row}
    assert of_connection | PEER_EVENTS == set(CallEvent)
    assert not of_connection & PEER_EVENTS
    assert set(CONNECTION_TRANSITIONS) == set(Connection)
    assert set(PEER_TRANSITIONS) == set(Presence)


@pytest.mark.parametrize("event", sorted(PEER_EVENTS))
@pytest.mark.parametrize("before", [(), (_E.PREVIEW_OPENED,), (*IN_CALL, _E.LEFT)])
def test_nothing_is_known_of_a_peer_outside_the_room(before: tuple[CallEvent, ...], event: CallEvent) -> None:
    machine = after(before)
    assert machine.connection not in WITH_PEER
    with pytest.raises(InvalidTransition):
        machine.post(event)


def test_what_the_tables_do_not_name_is_refused_and_changes_nothing() -> None:
    machine = CallMachine()
    with pytest.raises(InvalidTransition, match="peer_came cannot happen in idle"):
        machine.post(CallEvent.PEER_CAME)
    assert machine.state is CallState.IDLE
    machine = after(IN_CALL)
    with pytest.raises(InvalidTransition, match="peer_grace_expired cannot happen in in_call"):
        machine.post(CallEvent.PEER_GRACE_EXPIRED)
    assert machine.state is CallState.IN_CALL


@given(st.lists(st.sampled_from(list(CallEvent)), max_size=60))
def test_no_order_of_events_leaves_the_tables_or_leaves_the_end(events: list[CallEvent]) -> None:
    machine = CallMachine()
    ended = False
    for event in events:
        try:
            machine.post(event)
        except InvalidTransition:
            continue
        assert not ended, "nothing happens after the end"
        ended = machine.ended
        assert (machine.end_reason is not None) == ended
