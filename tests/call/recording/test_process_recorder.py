"""The recorder in time: what writes is a process, which may be killed, hang or not start, and so may the program."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from app.call.audio.platform_io import PlatformAudioIO
from app.call.contract.recording import RecordingEnd
from app.call.recording import outlets
from app.call.recording.feed import MOST_WAITING
from app.call.recording.messages import Kind, Message, Picture
from app.call.recording.outlets import ThreadOutlet
from app.call.recording.process_recorder import ProcessRecorder
from app.call.recording.recorder import RecordingFailed
from app.call.recording.taps import RecordingTaps
from tests.stage.recorded import Recorded, number_at
from tests.stage.recorded_call import RecordedCall
from tests.stage.written_call import NUMBERS, OWN_HZ, PEER_HZ, SETTINGS, box_of
from tests.waiting import eventually, until

ROOT = Path(__file__).resolve().parents[3]
CAMERAS = (Picture.OWN_CAMERA, Picture.PEER_CAMERA)


@pytest.fixture
async def call() -> AsyncIterator[RecordedCall]:
    call = RecordedCall()
    yield call
    await call.end()
    eventually(lambda: not recording_threads(), lambda: f"no thread is left: {recording_threads()}")


def recording_threads() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name.startswith("call-recording")]


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


async def reaches(call: RecordedCall, second: float) -> None:
    await until(lambda: call.at_s >= second, f"second {second} of the call")


def is_complete(recorded: Recorded, seconds: float) -> None:
    """Both pictures and both voices are in it, for so long."""
    assert recorded.seconds >= seconds
    for picture, hz in zip(CAMERAS, (OWN_HZ, PEER_HZ), strict=True):
        shown = recorded.numbers(box_of(picture), NUMBERS[picture])
        assert len(shown) > 3 * seconds  # a busy machine leaves frames out
        assert shown[-1][0] > seconds - 1
        assert len(recorded.onsets(hz)) >= int(seconds)


async def test_what_is_seen_and_heard_ends_up_in_an_mp4_only_this_person_can_read(
    call: RecordedCall, tmp_path: Path
) -> None:
    await call.begin(tmp_path / "session.mp4")
    await reaches(call, 2.5)
    await until(lambda: call.recorder.progress().written_s > 2, "it says how much is written")
    progress = call.recorder.progress()
    assert progress.size_bytes > 10_000
    assert progress.free_bytes
    assert progress.failure is None
    assert progress.file == tmp_path / "session.mkv"
    file = await call.end()
    assert file == tmp_path / "session.mp4"
    assert file == await call.recorder.finish(), "a second time it is the same"
    assert names(tmp_path) == ["session.mp4"]
    assert file.stat().st_mode & 0o777 == 0o600
    is_complete(Recorded(file), 2.4)
    assert call.camera.recording.wants_frame() is False
    assert call.frames.on_frame is None


async def test_a_writer_that_is_killed_leaves_a_file_up_to_its_last_second(call: RecordedCall, tmp_path: Path) -> None:
    await call.begin(tmp_path / "session.mp4")
    killed_s = await until(lambda: (now := call.recorder.progress().written_s) > 4 and now, "four seconds are written")
    os.kill(call.child, signal.SIGKILL)
    is_complete(Recorded(tmp_path / "session.mkv"), killed_s - 1)
    await until(lambda: call.recorder.progress().failure is RecordingEnd.FAILED, "it is said")
    file = await call.end()
    assert file == tmp_path / "session.mp4"
    is_complete(Recorded(file), killed_s - 1)
    assert call.recorder.progress().failure is RecordingEnd.FAILED


def test_when_the_program_is_killed_its_recording_is_made_whole(tmp_path: Path) -> None:
    file = tmp_path / "session.mp4"
    command = [sys.executable, "-m", "tests.stage.recorded_call", str(file)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        child = int(program.stdout.readline())
        at_s = next(float(line) for line in program.stdout if float(line) > 3)
        program.kill()
    eventually(lambda: not Path(f"/proc/{child}").exists(), "what writes ends by itself")
    assert names(tmp_path) == ["session.mp4"]
    is_complete(Recorded(file), at_s - 0.5)


async def test_ctrl_c_in_a_terminal_does_not_reach_what_writes(call: RecordedCall, tmp_path: Path) -> None:
    await call.begin(tmp_path / "session.mp4")
    assert os.getpgid(call.child) != os.getpgid(0)
    os.kill(call.child, signal.SIGINT)
    await reaches(call, 1.5)
    file = await call.end()
    assert file is not None
    is_complete(Recorded(file), 1.4)


@pytest.fixture
async def impatient() -> AsyncIterator[RecordedCall]:
    call = RecordedCall(hangs_after_s=2.0)
    yield call
    await call.end()


async def test_a_writer_that_hangs_holds_nothing_up_and_what_it_wrote_is_kept(
    impatient: RecordedCall, tmp_path: Path
) -> None:
    call = impatient
    await call.begin(tmp_path / "session.mp4")
    written_s = await until(lambda: (now := call.recorder.progress().written_s) > 2 and now, "two seconds are written")
    os.kill(call.child, signal.SIGSTOP)
    hung_s, before = call.at_s, call.blocks
    await until(lambda: call.recorder.progress().failure is RecordingEnd.FAILED, "it is said")
    await reaches(call, hung_s + 4)
    assert call.blocks > before + 300
    assert call.slowest_s < 1.0
    assert len(call.recorder._feed._waiting) <= MOST_WAITING
    file = await asyncio.wait_for(call.end(), 20)
    assert file == tmp_path / "session.mp4"
    is_complete(Recorded(file), written_s - 1)
    assert not recording_threads()


async def test_after_a_pause_of_the_writer_time_is_still_right(call: RecordedCall, tmp_path: Path) -> None:
    await call.begin(tmp_path / "session.mp4")
    await reaches(call, 1.5)
    os.kill(call.child, signal.SIGSTOP)
    await reaches(call, 6.5)
    os.kill(call.child, signal.SIGCONT)
    await reaches(call, 9.5)
    file = await call.end()
    assert file is not None
    recorded = Recorded(file)
    assert recorded.seconds > 9.3
    seconds = [each for each in recorded.onsets(OWN_HZ) if each > 7.5]
    assert len(seconds) >= 1
    for at_s in seconds:
        seen = number_at(recorded.at(at_s), box_of(Picture.OWN_CAMERA)) - NUMBERS[Picture.OWN_CAMERA][0]
        assert abs(seen - 30 * round(at_s)) <= 3, "a tone comes with the frame of its second"


async def test_a_file_that_takes_long_to_be_made_whole_is_waited_for(tmp_path: Path) -> None:
    """Longer than what hangs while it writes would be."""

    class SlowAtTheEnd(ThreadOutlet):
        def send(self, messages: Sequence[Message]) -> None:
            if messages[-1].kind is Kind.FINISH:
                threading.Event().wait(3)
            super().send(messages)

    call = RecordedCall(begin=SlowAtTheEnd, hangs_after_s=2.0)
    await call.begin(tmp_path / "session.mp4")
    await reaches(call, 1.5)
    assert await call.end() == tmp_path / "session.mp4"
    assert call.recorder.progress().failure is None
    eventually(lambda: not recording_threads(), "no thread is left")


@pytest.mark.parametrize("why", ["no such module", "no interpreter"])
async def test_where_no_process_can_be_started_a_thread_writes(
    call: RecordedCall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    if why == "no interpreter":
        monkeypatch.setattr(sys, "executable", str(tmp_path / "rendezvous"))
    else:
        monkeypatch.setattr(outlets, "CHILD", "app.call.recording.no_such_module")
    await call.begin(tmp_path / "session.mp4")
    assert isinstance(call.recorder._outlet, ThreadOutlet)
    await reaches(call, 1.5)
    file = await call.end()
    assert file == tmp_path / "session.mp4"
    is_complete(Recorded(file), 1.4)


async def test_a_recording_that_nobody_agreed_to_leaves_no_file(call: RecordedCall, tmp_path: Path) -> None:
    await call.recorder.open(tmp_path / "session.mp4")
    assert (tmp_path / "session.mkv").exists()
    assert await call.end() is None
    assert names(tmp_path) == []


async def test_nothing_gets_into_the_file_after_writing_was_ended(call: RecordedCall, tmp_path: Path) -> None:
    await call.begin(tmp_path / "session.mp4")
    await reaches(call, 1.5)
    call.recorder.write(False)
    ended_s = call.at_s
    assert not call.camera.recording.wants_frame()
    await reaches(call, 3)
    file = await call.end()
    assert file is not None
    recorded = Recorded(file)
    assert recorded.seconds <= ended_s + 0.05
    for picture in CAMERAS:
        last = recorded.numbers(box_of(picture), NUMBERS[picture])[-1][1]
        assert last <= NUMBERS[picture][int(ended_s * 30) + 1]


@pytest.mark.parametrize("folder", ["missing", "a file"])
async def test_where_nothing_can_be_written_it_is_said_at_once(call: RecordedCall, tmp_path: Path, folder: str) -> None:
    if folder == "a file":
        (tmp_path / folder).write_text("")
    with pytest.raises(RecordingFailed) as failed:
        await call.recorder.open(tmp_path / folder / "session.mp4")
    assert failed.value.end is RecordingEnd.NOT_WRITABLE
    assert await call.recorder.finish() is None


async def test_where_the_system_plays_the_voices_nothing_can_be_recorded(call: RecordedCall, tmp_path: Path) -> None:
    platform = PlatformAudioIO(lambda: None)
    taps = RecordingTaps(call.camera, platform, call.own_screen, call.frames, call.screen_frames)
    with pytest.raises(RecordingFailed) as failed:
        await ProcessRecorder(taps, SETTINGS).open(tmp_path / "session.mp4")
    assert failed.value.end is RecordingEnd.SYSTEM_AUDIO
    assert names(tmp_path) == []
    platform.end_workers()


def test_what_writes_loads_neither_the_call_nor_the_interface() -> None:
    code = "import sys, app.call.recording.writing.child; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=ROOT)
    loaded = {each.split(".")[0] for each in ran.stdout.split()}
    assert {"av", "numpy"} <= loaded, ran.stderr
    assert not loaded & {"livekit", "flet", "sounddevice", "httpx", "pydantic", "mss"}


def test_the_program_itself_does_not_load_what_writes() -> None:
    code = "import sys, app.call.recording.process_recorder; print('av' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert ran.stdout.strip() == "False", ran.stderr
