"""The table of a call's states and events."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.call.contract.call_state import CallState, EndReason
from app.call.state.machine import END_REASONS, TRANSITIONS, CallEvent, CallMachine, InvalidTransition


def test_every_state_has_its_row_and_can_be_reached() -> None:
    reached = {state for row in TRANSITIONS.values() for state in row.values()}
    assert set(TRANSITIONS) == set(CallState)
    assert reached | {CallState.IDLE} == set(CallState)


def test_every_event_moves_something() -> None:
    assert {event for row in TRANSITIONS.values() for event in row} == set(CallEvent)


def test_every_way_to_the_end_has_a_reason_and_nothing_else_has() -> None:
    ending = {event for row in TRANSITIONS.values() for event, state in row.items() if state is CallState.ENDED}
    assert ending == set(END_REASONS)
    assert set(END_REASONS.values()) == set(EndReason)


def test_a_person_can_leave_from_every_state() -> None:
    for state, row in TRANSITIONS.items():
        assert state is CallState.ENDED or row[CallEvent.LEFT] is CallState.ENDED


def test_what_the_table_does_not_name_is_refused_and_changes_nothing() -> None:
    machine = CallMachine()
    with pytest.raises(InvalidTransition, match="peer_came cannot happen in idle"):
        machine.post(CallEvent.PEER_CAME)
    assert machine.state is CallState.IDLE


def test_a_vanished_other_who_returns_finds_the_call_and_one_who_does_not_is_waited_for() -> None:
    machine = CallMachine()
    for event in (CallEvent.JOIN_STARTED, CallEvent.JOINED_WITH_PEER, CallEvent.PEER_LOST, CallEvent.PEER_CAME):
        machine.post(event)
    assert machine.state is CallState.IN_CALL
    machine.post(CallEvent.PEER_LOST)
    assert machine.post(CallEvent.PEER_GRACE_EXPIRED) is CallState.WAITING


@given(st.lists(st.sampled_from(list(CallEvent)), max_size=60))
def test_no_order_of_events_leaves_the_table_or_leaves_the_end(events: list[CallEvent]) -> None:
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
