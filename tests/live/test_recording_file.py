"""A recording between two real engines, by the call's own recorder: what is in the file, and what is not."""

import asyncio
from pathlib import Path

import av

from app.call.adaptation.policy import PAUSED
from app.call.contract.call_state import CallState
from app.call.contract.recording import OwnRecording, RecordingEnd, RecordingState
from app.call.engine import LivekitEngine
from tests.live.conftest import MakeSide
from tests.live.sides import Side, both_in_call
from tests.waiting import until

LONG_ENOUGH_S = 3.0
PAUSED_LATER = 90
"""Frames, three seconds of them: who had been asked for none would have sent none of the last."""


def own(side: Side) -> OwnRecording:
    return side.now.recording


async def recording(side: MakeSide, file: Path) -> tuple[Side, Side, str]:
    """Anna records Ben, by his word, for some seconds; the question's id."""
    anna, ben = await side("anna", card="a"), await side("ben", card="b")
    await both_in_call(anna, ben)
    await anna.engine.ask_to_record(str(file))
    await until(lambda: ben.now.peer_recording, "Ben is asked")
    await ben.engine.answer_recording(own(anna).ask_id, True)
    await until(lambda: own(anna).written_s >= LONG_ENOUGH_S, lambda: f"it is written: {own(anna)}", 60)
    return anna, ben, own(anna).ask_id


async def ended(side: Side, end: RecordingEnd) -> Path:
    await until(lambda: own(side).state is RecordingState.ENDED, lambda: f"it is a file: {own(side)}", 60)
    assert own(side).end is end
    return Path(own(side).file)


def tracks_of(file: Path) -> tuple[list[str], float]:
    """Its tracks, and how long it plays, in seconds."""
    with av.open(str(file)) as opened:
        return sorted(stream.type for stream in opened.streams), (opened.duration or 0) / av.time_base


async def test_what_was_agreed_to_is_a_film_of_that_length_and_nothing_after_the_withdrawal(
    side: MakeSide, tmp_path: Path
) -> None:
    anna, ben, ask_id = await recording(side, tmp_path / "Ben.mp4")
    pressed_at_s = own(anna).written_s
    await ben.engine.answer_recording(ask_id, False)
    file = await ended(anna, RecordingEnd.WITHDRAWN)
    assert file == tmp_path / "Ben.mp4"
    tracks, length_s = await asyncio.to_thread(tracks_of, file)
    assert tracks == ["audio", "video"]
    assert LONG_ENOUGH_S - 0.5 <= length_s <= pressed_at_s + 2.5, "what is shown of it is a second old at most"
    assert [each.name for each in await asyncio.to_thread(lambda: list(tmp_path.iterdir()))] == ["Ben.mp4"]


async def test_a_no_leaves_no_file_behind(side: MakeSide, tmp_path: Path) -> None:
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    await anna.engine.ask_to_record(str(tmp_path / "Ben.mp4"))
    await until(lambda: ben.now.peer_recording, "Ben is asked")
    await ben.engine.answer_recording(own(anna).ask_id, False)
    await ended(anna, RecordingEnd.REFUSED)
    assert not await asyncio.to_thread(lambda: list(tmp_path.iterdir()))


async def test_leaving_the_call_makes_the_file_whole_before_the_engine_is_closed(
    side: MakeSide, tmp_path: Path
) -> None:
    anna, _, _ = await recording(side, tmp_path / "Ben.mp4")
    await anna.engine.leave()
    await anna.state(CallState.ENDED)
    assert own(anna).state in (RecordingState.FINISHING, RecordingState.ENDED)
    await anna.engine.close()
    file = await ended(anna, RecordingEnd.CALL_ENDED)
    assert (await asyncio.to_thread(tracks_of, file))[0] == ["audio", "video"]


async def test_a_folder_that_cannot_be_written_to_is_said_and_the_call_goes_on(side: MakeSide, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    await anna.engine.ask_to_record(str(tmp_path / "file" / "Ben.mp4"))
    await until(lambda: ben.now.peer_recording, "Ben is asked")
    await ben.engine.answer_recording(own(anna).ask_id, True)
    await until(lambda: own(anna).end is RecordingEnd.NOT_WRITABLE, lambda: f"it is said: {own(anna)}", 60)
    await until(lambda: ben.now.peer_recording is None, "Ben is not recorded")
    assert anna.now.state is ben.now.state is CallState.IN_CALL


async def test_a_minimised_window_goes_on_asking_for_the_other_whom_it_records(side: MakeSide, tmp_path: Path) -> None:
    anna, _, _ = await recording(side, tmp_path / "Ben.mp4")
    call = anna.engine._call
    assert call is not None
    await anna.engine.set_remote_video_visible(False)
    before = call.remote_frames.count
    await until(lambda: call.remote_frames.count > before + PAUSED_LATER, "Ben's picture goes on", 60)
    await anna.engine.stop_recording()
    await ended(anna, RecordingEnd.STOPPED)
    await until(lambda: call.adaptation.request == PAUSED, "and is asked for no more once it is not recorded")
    await anna.engine.set_remote_video_visible(True)


def test_what_is_no_recording_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "Ben.mkv"
    file.write_bytes(b"nothing that plays")
    assert LivekitEngine.recover_recording(file) == file
    assert file.read_bytes() == b"nothing that plays"
