"""Recording in the call's screens: asking, being asked, what both see all the time, and how it ends."""

from pathlib import Path

import flet as ft
import pytest

from app.call.contract.call_state import CallState, EndReason
from app.call.contract.devices import AudioBackend
from app.call.contract.recording import RecordingEnd, RecordingState
from app.components.call.stage.fading import FADED
from app.components.call.stage.keyboard.shortcut_help import SHORTCUTS
from app.state.call.words import recording_words as words
from app.state.core.kept.recordings import KeptRecordings
from app.state.core.recorded import files as recorded
from tests.app.stage.call_stage import ADA, Call, together
from tests.app.stage.call_world import SESSION
from tests.fakes.call_engine import FakeCallEngine

ASK = f"Ask {ADA}"
THEIRS = "00000003-0000-4000-8000-000000000000"
FILE = "Ada Lovelace 2026-11-24 10.00.mp4"


def asked_for(engine: FakeCallEngine) -> str:
    """The file of the last question."""
    return str(next(said[1] for said in reversed(engine.calls) if said[0] == "ask to record"))


def is_gone(call: Call, text: str) -> bool:
    return not any(text in shown for shown in call.app.texts())


def write_video(file: Path) -> None:
    file.write_bytes(b"video" * 1000)


async def ask(call: Call) -> None:
    await call.app.key("r")
    await call.app.shows(" free")
    await call.app.click(ASK)
    await call.app.shows(words.asking_words(ADA))


async def record(call: Call, **progress: object) -> None:
    await ask(call)
    call.engine.let_recording(RecordingState.RECORDING, **progress)
    await call.app.shows("Recording 0:")


@pytest.mark.parametrize("width", [360, 700, 1280])
async def test_asking_says_what_where_and_how_much_room_there_is_and_is_taken_back(
    tmp_path: Path, width: float
) -> None:
    async with together(width, recordings=tmp_path / "Rendezvous") as call:
        if width >= 700:
            await call.app.click(words.RECORD)
        else:
            await call.app.click("Chat")
            await call.app.click(words.TITLE)
        await call.app.shows(" free")
        for said in (words.WHAT, words.asked_first_words(ADA), str(tmp_path / "Rendezvous")):
            await call.app.shows(said)
        await call.app.click(ASK)
        await call.app.shows(words.asking_words(ADA))
        assert Path(asked_for(call.engine)) == tmp_path / "Rendezvous" / FILE
        await call.app.click(words.CANCEL)
        await call.app.until(lambda: is_gone(call, words.asking_words(ADA)))
        assert call.engine.calls[-1] == ("stop recording",)


async def test_in_a_browser_there_is_nothing_of_it(tmp_path: Path) -> None:
    async with together(web=True) as call:
        await call.app.key("r")
        await call.app.settle()
        assert words.RECORD not in call.app.labels()
        assert is_gone(call, words.WHAT)
        await call.app.key("?")
        await call.app.shows("Keyboard shortcuts")
        assert is_gone(call, dict(SHORTCUTS)["R"])


async def test_another_folder_is_chosen_and_remembered(tmp_path: Path) -> None:
    other = tmp_path / "other"
    async with together(recordings=tmp_path, get_directory_path=str(other)) as call:
        await call.app.key("r")
        await call.app.click(words.CHANGE_FOLDER)
        await call.app.shows(str(other))
        assert call.world.services.preferences.recording_folder == str(other)
        await call.app.click(ASK)
        assert Path(asked_for(call.engine)).parent == other


async def test_a_choice_that_is_cancelled_changes_nothing(tmp_path: Path) -> None:
    async with together(recordings=tmp_path, get_directory_path=None) as call:
        await call.app.key("r")
        await call.app.click(words.CHANGE_FOLDER)
        await call.app.shows(str(tmp_path))
        assert call.world.services.preferences.recording_folder == str(tmp_path)


async def test_a_folder_in_which_nothing_can_be_saved_is_said_before_anybody_is_asked(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    async with together(recordings=file / "folder") as call:
        await call.app.key("r")
        await call.app.shows(words.NOT_WRITABLE)
        assert not call.app.is_enabled(ASK)


async def test_a_folder_that_turns_out_not_to_be_writable_is_said_and_nobody_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(folder: Path, name: str) -> Path:
        raise PermissionError(folder)

    monkeypatch.setattr("app.state.call.recording.call_recording.new_file", refuse)
    async with together(recordings=tmp_path) as call:
        await call.app.key("r")
        await call.app.shows(" free")
        await call.app.click(ASK)
        await call.app.shows(words.NOT_WRITABLE)
        assert not [said for said in call.engine.calls if said[0] == "ask to record"]


async def test_nobody_is_asked_who_is_not_there_nor_where_the_system_has_the_sound(tmp_path: Path) -> None:
    async with together(recordings=tmp_path) as call:
        await call.app.key("r")
        call.engine.become(CallState.WAITING)
        await call.app.shows(words.NOT_BOTH_THERE)
        assert not call.app.is_enabled(ASK)
        call.engine.become(CallState.IN_CALL, audio_backend=AudioBackend.PLATFORM)
        await call.app.shows(words.SYSTEM_SOUND)


@pytest.mark.parametrize("width", [360, 1280])
async def test_who_records_sees_how_far_it_is_and_stops_it(tmp_path: Path, width: float) -> None:
    async with together(width, recordings=tmp_path) as call:
        await record(call, written_s=0.0)
        call.engine.let_recording(
            RecordingState.RECORDING, written_s=754.0, size_bytes=45 * 1024**2, free_bytes=3 * 1024**3
        )
        await call.app.shows("Recording 12:34")
        await call.app.shows("45 MB · 3 GB free")
        await call.app.shows(FILE)
        await call.app.click(words.STOP)
        assert call.engine.calls[-1] == ("stop recording",)
        await call.app.shows(words.end_words(RecordingEnd.STOPPED, ADA))


async def test_the_sign_of_a_recording_stays_when_the_controls_fade_and_opens_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.components.call.stage.fading.FADE_AFTER_S", 0.0)
    monkeypatch.setattr("app.components.call.stage.fading.POLL_INTERVAL_S", 0.02)
    async with together(recordings=tmp_path) as call:
        await record(call)
        call.engine.let_other_record(THEIRS, agreed=True, writing=True)
        await call.app.shows(words.theirs_words(ADA, True))
        await call.app.key("r")

        def faded() -> list[str]:
            hidden = [each for each in call.app.all(ft.Container) if each.opacity == FADED or each.opacity == 0.01]
            return [text for each in hidden for text in call.app.texts(each)]

        await call.app.until(lambda: ADA in faded())
        assert not [text for text in faded() if "ecording" in text]
        await call.app.click(f"Recording 0:00. {words.SHOW}")
        await call.app.shows(words.STOP)


async def test_the_other_is_asked_and_no_key_answers_by_chance(tmp_path: Path) -> None:
    async with together(recordings=tmp_path) as call:
        call.engine.let_other_record(THEIRS)
        await call.app.shows(words.asks_words(ADA))
        await call.app.shows(words.EXPLAINED)
        for key in ("Enter", " ", "Escape", "y", "n", "a", "r"):
            await call.app.key(key)
        assert not [said for said in call.engine.calls if said[0] == "answer recording"]
        for label in (words.ALLOW, words.DO_NOT_ALLOW):
            assert getattr(call.app.button(label), "autofocus", False) is not True


@pytest.mark.parametrize("width", [360, 1280])
async def test_a_yes_shows_all_the_time_that_it_is_recorded_and_one_press_takes_it_back(width: float) -> None:
    async with together(width) as call:
        call.engine.let_other_record(THEIRS)
        await call.app.shows(words.asks_words(ADA))
        await call.app.click(words.ALLOW)
        assert call.engine.calls[-1] == ("answer recording", THEIRS, True)
        await call.app.until(lambda: is_gone(call, words.asks_words(ADA)))
        call.engine.let_other_record(THEIRS, agreed=True, writing=True)
        await call.app.shows(words.theirs_words(ADA, True))
        await call.app.click(words.stop_theirs_words(ADA))
        assert call.engine.calls[-1] == ("answer recording", THEIRS, False)
        await call.app.until(lambda: is_gone(call, words.theirs_words(ADA, True)))
        second = THEIRS.replace("3", "4", 1)
        call.engine.let_other_record(second)
        await call.app.shows(words.asks_words(ADA))
        await call.app.click(words.ALLOW)
        assert call.engine.calls[-1] == ("answer recording", second, True)


async def test_a_no_is_sent_and_the_question_goes(tmp_path: Path) -> None:
    async with together() as call:
        call.engine.let_other_record(THEIRS)
        await call.app.shows(words.asks_words(ADA))
        await call.app.click(words.DO_NOT_ALLOW)
        assert call.engine.calls[-1] == ("answer recording", THEIRS, False)
        await call.app.until(lambda: is_gone(call, words.asks_words(ADA)))
        assert is_gone(call, "recording")


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (CallState.IN_CALL, f"Recording paused until {ADA} allows it again"),
        (CallState.RECONNECTING, "Recording paused until you are connected again"),
        (CallState.PEER_RECONNECTING, "Recording paused until you are connected again"),
    ],
)
async def test_a_pause_says_why(tmp_path: Path, state: CallState, why: str) -> None:
    async with together(recordings=tmp_path) as call:
        await record(call)
        call.engine.become(state)
        call.engine.let_recording(RecordingState.PAUSED)
        await call.app.shows(why)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("end", RecordingEnd)
async def test_each_end_is_said_with_what_to_do_and_is_put_away(
    tmp_path: Path, end: RecordingEnd, width: float
) -> None:
    async with together(width, recordings=tmp_path) as call:
        await record(call)
        await call.app.key("Escape")
        kept = end not in (RecordingEnd.REFUSED, RecordingEnd.NOT_WRITABLE, RecordingEnd.SYSTEM_AUDIO)
        file = asked_for(call.engine) if kept else ""
        call.engine.let_recording(RecordingState.ENDED, end=end, file=file, free_bytes=300 * 1024**2)
        await call.app.shows(words.end_words(end, ADA))
        if next_words := words.next_words(call.engine.snapshot().recording, ADA):
            await call.app.shows(next_words)
        if end is RecordingEnd.DISK_FULL:
            await call.app.shows("300 MB are left.")
        assert (recorded.OPEN in call.app.texts()) is kept
        await call.app.click(words.CLOSE_NOTICE)
        await call.app.until(lambda: is_gone(call, words.end_words(end, ADA)))


async def test_after_the_call_its_file_is_named_once_it_is_ready_and_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []

    async def open_it(file: Path) -> None:
        opened.append(file)

    monkeypatch.setattr(recorded, "open_file", open_it)
    async with together(recordings=tmp_path) as call:
        await record(call)
        engine = call.engine
        engine.let_end(EndReason.ROOM_CLOSED)
        await call.app.shows(words.FINISHING)
        engine.let_recording(RecordingState.FINISHING)
        await call.app.settle()
        file = Path(asked_for(engine))
        write_video(file)
        engine.let_recording(RecordingState.ENDED, end=RecordingEnd.CALL_ENDED, file=str(file))
        await call.app.shows(FILE)
        await call.app.shows("5 KB")
        assert is_gone(call, words.FINISHING)
        await call.app.click(f"{recorded.OPEN} {FILE}")
        assert opened == [file]


async def test_what_is_remembered_is_there_from_the_moment_it_begins(tmp_path: Path) -> None:
    async with together(recordings=tmp_path) as call:
        await record(call)
        account = call.world.services.account.account
        assert account is not None
        kept = KeptRecordings(call.world.services.unsaved, account.id).all()
        assert [(each.session_id, each.file) for each in kept] == [(SESSION, asked_for(call.engine))]
