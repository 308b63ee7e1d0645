"""The recordings of a device: their files are found, opened and forgotten, by account, whatever became of them."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from app.errors import AppError
from app.state.core.kept.drafts import Drafts
from app.state.core.kept.recordings import MOST_KEPT, KeptRecording, KeptRecordings
from app.state.core.recorded import files as recorded
from app.state.core.recorded import opening
from app.state.core.recorded.files import AllRecordedFiles, RecordedFiles
from app.state.core.recorded.opening import NOT_OPENED, open_file, opening_command, show_in_folder, showing_command
from app.state.core.services import Services
from tests.app.stage.session_stage import services_of
from tests.fakes.api import FakeApi

SESSION, ASK = "session-1", "ask-1"


@pytest.fixture
def services() -> Services:
    return services_of(FakeApi(), "user")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What was opened, and which folders' files were shown."""
    found: list[Path] = []

    async def note(file: Path) -> None:
        found.append(file)

    monkeypatch.setattr(recorded, "open_file", note)
    monkeypatch.setattr(recorded, "show_in_folder", note)
    return found


def of(services: Services) -> RecordedFiles:
    return AllRecordedFiles.kept_by(services).of(SESSION)


async def test_what_is_still_written_is_not_offered_and_what_is_finished_is(services: Services, tmp_path: Path) -> None:
    files, file = of(services), tmp_path / "a.mp4"
    files.note(ASK, str(file), finished=False)
    file.with_suffix(".mkv").write_bytes(b"12345")
    await files.look()
    assert list(files.shown) == []
    assert files.has_any
    file.with_suffix(".mkv").rename(file)
    files.note(ASK, str(file), finished=True)
    await files.look()
    assert [(each.name, each.words, each.left_behind) for each in files.shown] == [("a.mp4", "5 bytes", False)]


async def test_what_a_killed_program_left_behind_is_made_whole_and_opened(
    services: Services, tmp_path: Path, opened: list[Path]
) -> None:
    of(services).note(ASK, str(tmp_path / "a.mp4"), finished=False)
    (tmp_path / "a.mkv").write_bytes(b"12345")
    services._forget_kept()  # another start of the program
    files = of(services)
    await files.look()
    assert [(each.file, each.left_behind) for each in files.shown] == [(tmp_path / "a.mkv", True)]

    def recover(file: Path) -> Path:
        return file.rename(file.with_suffix(".mp4"))

    services.recover_recording = recover
    await files.open(ASK)
    assert opened == [tmp_path / "a.mp4"]
    assert [(each.file, each.left_behind) for each in files.shown] == [(tmp_path / "a.mp4", False)]


async def test_one_that_cannot_be_made_whole_is_opened_as_it_is(
    services: Services, tmp_path: Path, opened: list[Path]
) -> None:
    services.recover_recording = lambda file: file
    of(services).note(ASK, str(tmp_path / "a.mp4"), finished=False)
    (tmp_path / "a.mkv").write_bytes(b"12345")
    services._forget_kept()
    await of(services).open(ASK)
    assert opened == [tmp_path / "a.mkv"]
    assert [each.left_behind for each in of(services).shown] == [False], "there is nothing more to be made of it"


async def test_one_that_was_moved_is_said_and_can_be_taken_off_the_list(
    services: Services, tmp_path: Path, opened: list[Path]
) -> None:
    files = of(services)
    files.note(ASK, str(tmp_path / "a.mp4"), finished=True)
    await files.look()
    assert [(each.file, each.words) for each in files.shown] == [(None, recorded.GONE)]
    await files.open(ASK)
    await files.show(ASK)
    assert opened == []
    files.forget(ASK)
    await files.look()
    assert (files.shown, files.has_any) == ((), False)


async def test_forgetting_leaves_the_file_alone(services: Services, tmp_path: Path) -> None:
    file = tmp_path / "a.mp4"
    file.write_bytes(b"1")
    files = of(services)
    files.note(ASK, str(file), finished=True)
    files.forget(ASK)
    assert file.exists()


async def test_why_nothing_opens_it_is_said(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(file: Path) -> None:
        raise AppError(NOT_OPENED)

    monkeypatch.setattr(recorded, "open_file", refuse)
    (tmp_path / "a.mp4").touch()
    files = of(services)
    files.note(ASK, str(tmp_path / "a.mp4"), finished=True)
    await files.open(ASK)
    assert files.problems == {ASK: NOT_OPENED}
    assert files.opening == ""


def test_the_list_is_the_accounts_and_outlives_the_sign_in() -> None:
    store = Drafts()
    KeptRecordings(store, "ada").note(KeptRecording(SESSION, ASK, "a.mp4", "2027-03-01T10:00:00+00:00"))
    assert KeptRecordings(store, "ben").all() == ()
    again = Drafts(json.dumps({"recordings:ada": store.text("recordings:ada")}))
    assert [each.file for each in KeptRecordings(again, "ada").all()] == ["a.mp4"]


def test_a_recording_keeps_its_beginning_when_its_file_is_another() -> None:
    kept = KeptRecordings(Drafts(), "ada")
    kept.note(KeptRecording(SESSION, ASK, "a.mp4", "2027-03-01T10:00:00+00:00"))
    kept.note(KeptRecording(SESSION, ASK, "a (2).mp4", "2027-03-01T11:00:00+00:00"))
    assert kept.all() == (KeptRecording(SESSION, ASK, "a (2).mp4", "2027-03-01T10:00:00+00:00"),)


def test_only_so_many_are_kept_the_newest() -> None:
    kept = KeptRecordings(Drafts(), "ada")
    for number in range(MOST_KEPT + 5):
        kept.note(KeptRecording(SESSION, str(number), "a.mp4", f"2027-03-01T10:00:00.{number:06d}+00:00"))
    assert len(kept.all()) == MOST_KEPT
    assert kept.all()[0].ask_id == "5"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no",
        "7",
        "{}",
        "[1]",
        '[{"file":1}]',
        '[{"session_id":"1","ask_id":"1","file":"a","began_at":null}]',
        '[{"session_id":"1","ask_id":"1","file":"a","began_at":"yesterday"}]',
    ],
)
def test_what_is_no_list_of_ours_is_none(text: str) -> None:
    store = Drafts(json.dumps({"recordings:ada": text}))
    assert KeptRecordings(store, "ada").all() == ()


def test_each_system_opens_a_file_and_its_folder_without_a_shell() -> None:
    file = Path("folder") / "a b; rm.mp4"
    assert opening_command(file, "linux") == ["xdg-open", str(file)]
    assert opening_command(file, "darwin") == ["open", str(file)]
    assert opening_command(file, "win32") == []
    assert showing_command(file, "linux") == ["xdg-open", "folder"]
    assert showing_command(file, "darwin") == ["open", "-R", str(file)]
    assert showing_command(file, "win32")[-1] == str(file)


@pytest.mark.skipif(sys.platform == "win32", reason="a script is no program there")
async def test_the_systems_program_gets_the_file_and_its_refusal_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / ("open" if sys.platform == "darwin" else "xdg-open")
    program.write_text(f'#!/bin/sh\necho "$@" > "{tmp_path}/told"\nexit $(cat "{tmp_path}/answer")\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    (tmp_path / "answer").write_text("0")
    with pytest.raises(AppError, match="No program"):
        await open_file(tmp_path / "a.sh")
    assert not (tmp_path / "told").exists(), "nothing but a video is ever opened"
    await open_file(tmp_path / "a.mp4")
    assert (tmp_path / "told").read_text().strip() == str(tmp_path / "a.mp4")
    (tmp_path / "answer").write_text("3")
    with pytest.raises(AppError, match="No program"):
        await open_file(tmp_path / "a.mp4")
    with pytest.raises(AppError, match="folder"):
        await show_in_folder(tmp_path / "a.mp4")


@pytest.mark.skipif(sys.platform == "win32", reason="it has a function for it")
async def test_a_system_without_a_program_for_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AppError, match="No program"):
        await open_file(tmp_path / "a.mp4")


async def test_a_program_that_stays_open_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "ANSWER_LIMIT_S", 0.05)
    monkeypatch.setattr(opening, "opening_command", lambda file: [sys.executable, "-c", "input()"])
    real, asked = asyncio.create_subprocess_exec, list[asyncio.subprocess.Process]()

    async def waits(*command: str, **streams: Any) -> asyncio.subprocess.Process:
        asked.append(await real(*command, **{**streams, "stdin": asyncio.subprocess.PIPE}))
        return asked[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", waits)
    await open_file(tmp_path / "a.mp4")
    asked[0].kill()
    await asked[0].wait()
