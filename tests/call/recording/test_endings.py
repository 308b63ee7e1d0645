"""How a recording ends: by whom, what is left of it, and whatever fails."""

import time
from types import SimpleNamespace

import pytest

from app.call.contract.recording import OwnRecording, PeerRecording, RecordingEnd, RecordingState
from app.call.recording.consent import (
    RecordingPacket,
    recording_packet,
)
from app.call.recording.recorder import Progress
from app.call.room.messages import recording, recording_run
from app.call.room.messages.recording import RoomRecording
from app.call.room.messages.recording_run import RecordingRun
from tests.call.recording.room import FILE, THEIR_ASK, recording_now, running, slow_to_open
from tests.fakes.recorder import FakeRecorder
from tests.waiting import until


async def test_the_calls_end_stops_the_writing_at_once_and_the_file_is_made_ready_behind_it() -> None:
    async with recording_now() as room:
        room.recorder.finishes.clear()
        room.recorder.come(written_s=61.0, size_bytes=2_000_000)
        runs = room.topic.end()
        assert room.recorder.told == [True, False]
        assert room.shown.state is RecordingState.FINISHING
        await runs[0].done(0.01)
        assert room.shown.state is RecordingState.FINISHING, "only so long is waited"
        room.recorder.finishes.set()
        await runs[0].done(5)
        assert room.shown == OwnRecording(
            RecordingState.ENDED, room.shown.ask_id, FILE, 61.0, 2_000_000, None, RecordingEnd.CALL_ENDED
        )


async def test_the_file_is_made_ready_when_the_call_has_forgotten_its_room() -> None:
    """The SDK frees a room's threads with the last reference to it."""
    async with recording_now() as room:
        [run] = room.topic.end()
    assert not any(isinstance(each, RoomRecording) for each in _held_by(run))


def _held_by(run: RecordingRun) -> list[object]:
    held: list[object] = []
    for each in vars(run).values():
        held += [each, *(cell.cell_contents for cell in getattr(each, "__closure__", None) or ())]
        held.append(getattr(each, "__self__", None))
    return held


async def test_stopping_ends_it_and_stopping_once_more_puts_the_word_about_it_away() -> None:
    async with recording_now() as room:
        room.topic.stop()
        assert room.recorder.told == [True, False]
        await room.ended(RecordingEnd.STOPPED)
        assert room.shown.file == FILE
        await until(lambda: room.last_sent and room.last_sent.ask_id is None, "the other is told")
        room.topic.stop()
        assert room.shown == OwnRecording()


async def test_a_question_that_is_taken_back_leaves_nothing_even_when_the_yes_comes_after_it() -> None:
    async with running() as room:
        room.topic.ask(FILE)
        ask_id = room.shown.ask_id
        room.topic.stop()
        assert room.shown == OwnRecording()
        room.receive(recording_packet(RecordingPacket(1, None, False, ask_id, True)))
        await until(lambda: room.last_sent and room.last_sent.ask_id is None, "they are told")
        assert (room.made, room.shown) == ([], OwnRecording())


async def test_a_question_that_is_taken_back_while_the_file_is_opened_is_waited_for_at_the_end() -> None:
    async with running(makes=slow_to_open) as room:
        room.topic.ask(FILE)
        room.say(True)
        await until(lambda: room.made, "it is being opened")
        room.topic.stop()
        [run] = room.topic.end()
        room.recorder.opens.set()
        await run.done(5)
        assert (room.recorder.told, room.recorder.finished, room.shown) == ([], 1, OwnRecording())


async def test_a_second_question_is_another_one_with_a_recorder_of_its_own() -> None:
    async with recording_now() as room:
        first = room.shown.ask_id
        room.topic.ask("other.mp4")
        assert (room.shown.ask_id, room.shown.file) == (first, FILE), "one is under way"
        room.say(False)
        await room.ended(RecordingEnd.WITHDRAWN)
        room.topic.ask("other.mp4")
        assert room.shown.state is RecordingState.ASKING
        assert room.shown.ask_id != first
        room.say(True)
        await room.is_shown(RecordingState.RECORDING)
        assert [str(each.file) for each in room.made] == [FILE, "other.mp4"]


async def test_what_cannot_be_opened_says_why() -> None:
    gone = Progress(failure=RecordingEnd.FAILED)
    async with running(makes=lambda: FakeRecorder(fails_to_open=RecordingEnd.NOT_WRITABLE, now=gone)) as room:
        room.topic.ask(FILE)
        room.say(True)
        await room.ended(RecordingEnd.NOT_WRITABLE)
        assert (room.recorder.told, room.shown.file) == ([], "")


async def test_a_disk_that_is_full_ends_it_with_the_file_and_says_what_is_left() -> None:
    async with recording_now() as room:
        room.recorder.come(written_s=5.0, size_bytes=700, free_bytes=1000, failure=RecordingEnd.DISK_FULL)
        await room.ended(RecordingEnd.DISK_FULL)
        assert (room.shown.file, room.shown.free_bytes, room.shown.size_bytes) == (FILE, 1000, 700)
        assert not room.recorder.writing


@pytest.mark.parametrize("method", ["open", "write", "finish"])
async def test_a_failure_that_nobody_expects_ends_the_recording_and_nothing_else(method: str) -> None:
    async with running(makes=lambda: FakeRecorder(breaks=method)) as room:
        room.topic.ask(FILE)
        room.say(True)
        if method == "finish":
            await room.is_shown(RecordingState.RECORDING)
            room.topic.stop()
        await room.ended(RecordingEnd.FAILED)
        room.say(False, ask=THEIR_ASK)
        assert room.store.snapshot.peer_recording == PeerRecording(THEIR_ASK), "the room is heard as before"


async def test_where_nobody_watches_over_the_consent_any_more_nothing_is_written() -> None:
    async with recording_now() as room:
        room.topic.packets_due = None  # type: ignore[assignment, method-assign]  # raises what nobody expects
        await until(lambda: room.recorder.told == [True, False], "it is not written any more")


async def test_a_file_that_does_not_open_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording_run, "OPENING_LIMIT_S", 0.01)
    async with running(makes=slow_to_open) as room:
        room.topic.ask(FILE)
        room.say(True)
        await room.ended(RecordingEnd.FAILED)


async def test_how_far_it_is_is_shown_about_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [time.monotonic()]
    monkeypatch.setattr(recording, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    async with recording_now() as room:
        room.recorder.come(written_s=0.4, size_bytes=10)
        room.topic.check()
        assert room.shown.written_s == 0.0
        clock[0] += 1.0
        room.say(True)
        assert (room.shown.written_s, room.shown.size_bytes) == (0.4, 10)
