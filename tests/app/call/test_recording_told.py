"""Who asked to record and who agreed is told to the backend by whose act it is, and said to screen readers."""

from pathlib import Path

import pytest

from app.api.models import RecordingConsentRecord
from app.call.contract.call_state import CallSnapshot, CallState
from app.call.contract.recording import OwnRecording, PeerRecording, RecordingEnd, RecordingState
from app.errors import Offline, Problem
from app.state.call import trying_again
from app.state.call.announcements import announcement
from app.state.call.words import recording_words as words
from tests.app.stage.call_stage import Call, together
from tests.app.stage.call_world import SESSION
from tests.fakes.api import NOW
from tests.waiting import until

THEIRS = "00000003-0000-4000-8000-000000000000"
MIA = "Mia"


def told(call: Call) -> list[str]:
    return [said.split()[-1] for said in call.world.api.calls if said.startswith("note_recording")]


def kept(call: Call) -> RecordingConsentRecord:
    return call.world.api.kept_recordings[SESSION][0]


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying_again, "AGAIN_AFTER_S", (0.0, 0.01))


async def test_the_asker_tells_that_they_asked_began_and_ended_each_once(tmp_path: Path) -> None:
    async with together(recordings=tmp_path) as call:
        await call.engine.ask_to_record("a.mp4")
        await call.app.until(lambda: told(call) == ["asked"])
        call.world.pass_time(seconds=5)
        for state in (RecordingState.RECORDING, RecordingState.PAUSED, RecordingState.RECORDING):
            call.engine.let_recording(state)
        await call.app.until(lambda: told(call) == ["asked", "began"])
        call.world.pass_time(seconds=5)
        call.engine.let_recording(RecordingState.FINISHING)
        call.engine.let_recording(RecordingState.ENDED, end=RecordingEnd.STOPPED)
        await call.app.until(lambda: told(call) == ["asked", "began", "ended"])
        record = kept(call)
        assert (record.asked_by, record.asked_at) == ("user", NOW)
        assert record.began_at is not None
        assert record.ended_at is not None
        assert NOW < record.began_at < record.ended_at


async def test_a_question_that_was_taken_back_is_ended_and_the_end_of_the_call_ends_what_is_recorded(
    tmp_path: Path,
) -> None:
    async with together(recordings=tmp_path) as call:
        await call.engine.ask_to_record("a.mp4")
        await call.engine.stop_recording()
        await call.app.until(lambda: told(call) == ["asked", "ended"])
        await call.engine.ask_to_record("b.mp4")
        call.engine.let_recording(RecordingState.RECORDING)
        await call.app.until(lambda: told(call)[2:] == ["asked", "began"])
        await call.app.click("End call")
        await call.app.until(lambda: told(call)[4:] == ["ended"])


async def test_who_is_asked_tells_the_answer_and_that_it_was_taken_back() -> None:
    async with together() as call:
        call.engine.let_other_record(THEIRS)
        await call.engine.answer_recording(THEIRS, True)
        call.engine.let_other_record(THEIRS, agreed=True, writing=True)
        await call.engine.answer_recording(THEIRS, False)
        await call.app.until(lambda: told(call) == ["agreed", "withdrawn"])
        assert (kept(call).asked_by, kept(call).answer) == ("professional", "agreed")
        second = THEIRS.replace("3", "4", 1)
        call.engine.let_other_record(second)
        await call.engine.answer_recording(second, False)
        await call.app.until(lambda: told(call)[2:] == ["refused"])


async def test_what_cannot_be_told_is_told_again_and_the_call_goes_on(tmp_path: Path) -> None:
    async with together(recordings=tmp_path) as call:
        call.world.api.fail["note_recording"] = Offline()
        await call.engine.ask_to_record("a.mp4")
        await call.app.until(lambda: len(told(call)) > 2)
        call.world.api.fail["note_recording"] = Problem("ServiceUnavailable", 503, "Try again shortly.")
        call.engine.let_recording(RecordingState.RECORDING)
        await call.app.shows(words.RECORDING)
        tries = len(told(call))
        await call.app.until(lambda: len(told(call)) > tries)
        del call.world.api.fail["note_recording"]
        await call.app.until(lambda: SESSION in call.world.api.kept_recordings and kept(call).began_at is not None)


async def test_a_refusal_is_final_for_what_was_refused(tmp_path: Path) -> None:
    async with together(recordings=tmp_path) as call:
        call.world.api.fail["note_recording"] = Problem("TooManyRecordings", 409, "Too many.")
        await call.engine.ask_to_record("a.mp4")
        await call.app.until(lambda: told(call) == ["asked"])
        del call.world.api.fail["note_recording"]
        call.engine.let_recording(RecordingState.RECORDING)
        await call.app.until(lambda: told(call) == ["asked", "began"])


async def test_what_is_not_told_yet_when_the_screens_go_is_still_told(tmp_path: Path) -> None:
    async with together(recordings=tmp_path) as call:
        gate = call.world.api.hold("note_recording")
        await call.engine.ask_to_record("a.mp4")
        await call.app.until(lambda: told(call) == ["asked"])
    gate.set()
    await until(lambda: SESSION in call.world.api.kept_recordings, "it is told")
    assert kept(call).asked_at == NOW


def in_call(recording: OwnRecording | None = None, peer: PeerRecording | None = None) -> CallSnapshot:
    return CallSnapshot(CallState.IN_CALL, recording=recording or OwnRecording(), peer_recording=peer)


def own(state: RecordingState, written_s: float = 0.0, end: RecordingEnd | None = None, file: str = "") -> CallSnapshot:
    return in_call(OwnRecording(state, "1", file, written_s, end=end))


def theirs(agreed: bool | None = None, writing: bool = False) -> CallSnapshot:
    return in_call(peer=PeerRecording(THEIRS, agreed, writing))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (in_call(), theirs(), f"{words.asks_words(MIA)}. {words.EXPLAINED}"),
        (theirs(), theirs(True), ""),
        (theirs(True), theirs(True, writing=True), "Mia is recording."),
        (theirs(True, writing=True), theirs(True), "Mia's recording is paused."),
        (theirs(True, writing=True), in_call(), "Mia is not recording any more."),
        (theirs(True, writing=True), theirs(False), "Mia is not recording any more."),
        (theirs(True, writing=True), theirs(), f"{words.asks_words(MIA)}. {words.EXPLAINED}"),
        (theirs(), theirs(False), ""),
        (own(RecordingState.ASKING), own(RecordingState.RECORDING), "Recording. Mia sees it."),
        (own(RecordingState.RECORDING), own(RecordingState.RECORDING, 1.0), ""),
        (own(RecordingState.RECORDING), own(RecordingState.PAUSED), "Recording paused until Mia allows it again."),
        (
            own(RecordingState.ASKING),
            own(RecordingState.ENDED, end=RecordingEnd.REFUSED),
            "Mia did not allow recording. Nothing was recorded. You can ask again if you both want it.",
        ),
        (
            own(RecordingState.FINISHING),
            own(RecordingState.ENDED, end=RecordingEnd.WITHDRAWN, file="a.mp4"),
            "Mia stopped the recording. What was recorded until then is saved. To go on, ask again.",
        ),
    ],
)
def test_a_screen_reader_says_each_change_once(before: CallSnapshot, after: CallSnapshot, said: str) -> None:
    assert announcement(before, after, MIA) == said


def test_every_end_has_words() -> None:
    for end in RecordingEnd:
        for file in ("", "a.mp4"):
            assert MIA not in words.end_words(end, "Ben")
            assert "{" not in words.end_words(end, MIA) + words.next_words(OwnRecording(end=end, file=file), MIA)
