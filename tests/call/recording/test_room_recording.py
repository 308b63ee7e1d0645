"""A recording over the room: nothing is written that the other does not agree to now, whatever happens to the call."""

import asyncio
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.call.contract.call_state import CallState
from app.call.contract.recording import OwnRecording, PeerRecording, RecordingEnd, RecordingState
from app.call.recording.consent import (
    LARGEST_PACKET,
    PACKETS_AT_ONCE,
    STALE_AFTER_S,
    TOPIC,
    RecordingPacket,
    recording_packet,
)
from app.call.room.messages import recording
from tests.call.recording.room import FILE, PEER, THEIR_ASK, Room, recording_now, running, slow_to_open
from tests.waiting import until


async def test_it_is_written_after_the_yes_into_the_file_that_was_chosen_and_the_other_is_shown_so() -> None:
    async with running() as room:
        room.topic.ask(FILE)
        assert (room.shown.state, room.shown.file) == (RecordingState.ASKING, FILE)
        room.say()
        await until(lambda: room.last_sent and room.last_sent.ask_id == room.shown.ask_id, "they are asked")
        assert not room.made, "nothing is even opened"
        room.say(True)
        await room.is_shown(RecordingState.RECORDING)
        assert (room.recorder.file, room.recorder.told) == (Path(FILE), [True])
        await until(lambda: room.last_sent and room.last_sent.writing, "they are shown that it is written")


async def test_a_no_writes_nothing_and_opens_nothing() -> None:
    async with running() as room:
        room.topic.ask(FILE)
        room.say(False)
        await room.ended(RecordingEnd.REFUSED)
        assert (room.made, room.shown.file) == ([], "")
        room.say(True)
        await until(lambda: room.last_sent and room.last_sent.ask_id is None, "nothing is asked any more")
        assert not room.made


async def test_a_yes_to_another_question_is_none() -> None:
    async with running() as room:
        room.topic.ask(FILE)
        room.at_ms = 1
        room.receive(recording_packet(RecordingPacket(1, None, False, THEIR_ASK, True)))
        room.topic.check()
        assert (room.shown.state, room.made) == (RecordingState.ASKING, [])


async def test_what_is_taken_back_stops_the_writing_in_the_same_turn() -> None:
    async with recording_now() as room:
        room.say(False)
        assert room.recorder.told == [True, False], "without waiting for anything"
        await room.ended(RecordingEnd.WITHDRAWN)
        assert (room.shown.file, room.recorder.finished) == (FILE, 1)
        room.say(True)
        room.topic.check()
        assert room.recorder.told == [True, False]


async def test_what_is_taken_back_while_the_file_is_opened_is_not_written() -> None:
    room = Room()
    room.makes = slow_to_open
    room.topic.ask(FILE)
    room.say(True)
    await until(lambda: room.made, "it is being opened")
    room.say(False)
    for _ in range(10):
        await asyncio.sleep(0)
    assert not room.recorder.finished, "it is not open yet"
    room.recorder.opens.set()
    await room.ended(RecordingEnd.WITHDRAWN)
    assert (room.recorder.told, room.recorder.finished, room.shown.file) == ([], 1, "")


@pytest.mark.parametrize("state", [CallState.RECONNECTING, CallState.PEER_RECONNECTING])
async def test_while_either_is_cut_off_nothing_is_written_and_afterwards_once_the_yes_is_repeated(
    state: CallState,
) -> None:
    async with recording_now() as room:
        room.status.state = state
        room.topic.check()
        assert room.recorder.told == [True, False], "their yes counts still, and is not enough"
        assert room.shown.state is RecordingState.PAUSED
        room.status.state = CallState.IN_CALL
        room.restorations += 1
        sent = len(room.sent)
        await until(lambda: len(room.sent) > sent, "they are told again how it stands")
        assert room.shown.state is RecordingState.PAUSED, "nobody has repeated the yes"
        room.say(True)
        await room.is_shown(RecordingState.RECORDING)
        assert (room.recorder.told, len(room.made)) == ([True, False, True], 1)


async def test_a_change_of_the_call_is_followed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async with recording_now() as room:
        monkeypatch.setattr(room.topic, "check", lambda: None)  # which would see it a moment later
        room.status.state = CallState.RECONNECTING
        room.store.update(state=CallState.RECONNECTING)
        await until(lambda: room.recorder.told == [True, False], "nothing is written", 5)


async def test_a_yes_that_is_not_repeated_pauses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [time.monotonic()]
    monkeypatch.setattr(recording, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    async with recording_now() as room:
        clock[0] += STALE_AFTER_S + 0.1
        await room.is_shown(RecordingState.PAUSED)
        assert room.recorder.told == [True, False]


async def test_a_page_of_theirs_that_was_loaded_again_is_asked_again() -> None:
    async with recording_now() as room:
        room.peer.arrivals += 1
        room.say()
        assert room.recorder.told == [True, False]
        await room.is_shown(RecordingState.PAUSED)
        room.say(True)
        await room.is_shown(RecordingState.RECORDING)


async def test_the_others_leaving_ends_it_and_their_question_with_it() -> None:
    async with recording_now() as room:
        room.say(True, ask=THEIR_ASK)
        assert room.store.snapshot.peer_recording == PeerRecording(THEIR_ASK)
        room.status.state = CallState.WAITING
        await room.ended(RecordingEnd.PEER_LEFT)
        assert (room.recorder.told, room.shown.file) == ([True, False], FILE)
        assert room.store.snapshot.peer_recording is None


async def test_a_question_ends_when_nobody_is_there_to_answer() -> None:
    async with running() as room:
        room.topic.ask(FILE)
        room.status.state = CallState.WAITING
        await room.ended(RecordingEnd.PEER_LEFT)
        assert not room.made


async def test_nobody_is_asked_while_nobody_is_there() -> None:
    room = Room()
    for state in (CallState.WAITING, CallState.RECONNECTING, CallState.PEER_RECONNECTING, CallState.ENDED):
        room.status.state = state
        room.topic.ask(FILE)
        assert room.shown == OwnRecording()


async def test_the_others_question_is_shown_and_answered_and_the_answer_repeated() -> None:
    async with running() as room:
        room.say(ask=THEIR_ASK)
        assert room.store.snapshot.peer_recording == PeerRecording(THEIR_ASK)
        room.topic.answer(THEIR_ASK, True)
        await until(lambda: room.last_sent and room.last_sent.agreed, "they are told")
        assert room.last_sent.answer_to == THEIR_ASK  # type: ignore[union-attr]  # just waited for
        room.say(ask=THEIR_ASK, writing=True)
        assert room.store.snapshot.peer_recording == PeerRecording(THEIR_ASK, agreed=True, writing=True)
        sent = len(room.sent)
        await until(lambda: len(room.sent) >= sent + 2, "and again, without being asked")
        room.topic.answer(THEIR_ASK, False)
        await until(lambda: room.last_sent and not room.last_sent.agreed, "it is taken back")
        room.topic.answer(THEIR_ASK, True)
        assert room.store.snapshot.peer_recording == PeerRecording(THEIR_ASK, agreed=False, writing=True)
        room.say()
        assert room.store.snapshot.peer_recording is None


async def test_an_answer_to_what_is_not_asked_any_more_changes_nothing() -> None:
    async with running() as room:
        room.say(ask=THEIR_ASK)
        room.topic.answer("00000009-0000-4000-8000-000000000000", True)
        assert room.store.snapshot.peer_recording == PeerRecording(THEIR_ASK)


async def test_what_is_not_sealed_by_the_peer_or_too_large_or_no_packet_is_left_alone() -> None:
    room = Room()
    asked = recording_packet(RecordingPacket(1, THEIR_ASK))
    room.receive(asked, key="x" * 43)
    room.receive(asked, sender="user_9")
    room.receive(asked + b" " * LARGEST_PACKET)
    room.receive(b'{"kind":"timer"}')
    room.handler(SimpleNamespace(data=asked, participant=SimpleNamespace(identity=PEER), topic=TOPIC))
    room.handler(SimpleNamespace(data=asked, participant=None, topic=TOPIC))
    assert room.store.snapshot.peer_recording is None
    room.receive(asked)
    assert room.store.snapshot.peer_recording == PeerRecording(THEIR_ASK)


async def test_a_flood_is_dropped_and_a_no_comes_through_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [time.monotonic()]
    monkeypatch.setattr(recording, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    async with recording_now() as room:
        taken: list[bytes] = []
        take = room.topic.take

        def take_and_count(packet: bytes) -> bool:
            taken.append(packet)
            return take(packet)

        monkeypatch.setattr(room.topic, "take", take_and_count)
        for _ in range(500):
            room.say(True)
        assert len(taken) <= PACKETS_AT_ONCE
        clock[0] += 1.0
        room.say(False)
        assert not room.recorder.writing
