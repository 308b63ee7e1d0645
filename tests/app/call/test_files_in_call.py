"""Files in a call's chat: choosing one, how far it is, what can be done about it, saving, and what remains after it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import flet as ft
import pytest

from app.call.contract.call_state import CallSnapshot
from app.call.contract.chat import ChatMessage
from app.call.contract.files import LARGEST_FILE, FileProblem, FileState, FileTransfer
from app.state.call.announcements import announcement
from app.state.call.chat import OPEN, open_words
from app.state.call.words import file_words
from app.state.call.words.file_words import (
    AFTER,
    AGAIN,
    ATTACH,
    CANCEL,
    READY,
    REMOVE,
    SAVE,
    file_announcement,
    note_words,
    problem_words,
    refusal_words,
    state_words,
)
from app.state.core.picked_files import NOT_READ, save_in_downloads
from app.state.core.sizes import size_words
from tests.app.stage.call_stage import ADA, Call, together
from tests.fakes.api import NOW


def transfer(state: FileState = FileState.UNDERWAY, mine: bool = False, **facts: Any) -> FileTransfer:
    given: dict[str, Any] = {"id": "f1", "name": "خطة plan.pdf", "size": 2_411_724, "at": NOW, "done": 0}
    return FileTransfer(**{**given, "mine": mine, "state": state, **facts})


def show(call: Call, *files: FileTransfer, **more: Any) -> None:
    call.engine.become(call.engine.snapshot().state, files=files, **more)


def replies(call: Call, **answers: Any) -> None:
    connection = call.app.connection
    connection._replies = {**connection._replies, **answers}


def picked(path: Path, size: int | None = None) -> list[dict[str, Any]]:
    size = path.stat().st_size if size is None else size
    return [{"id": 1, "name": path.name, "size": size, "path": str(path), "bytes": None}]


async def test_a_file_is_chosen_and_sent_with_its_note(tmp_path: Path) -> None:
    path = tmp_path / "plan.pdf"
    path.write_bytes(b"%PDF")
    async with together() as call:
        replies(call, pick_files=picked(path))
        await call.app.click(OPEN)
        await call.app.click(ATTACH)
        sent = ("file", "plan.pdf", b"%PDF", note_words("plan.pdf", 4))
        await call.app.until(lambda: sent in call.engine.calls)


async def test_a_file_over_ten_megabytes_is_not_even_read(tmp_path: Path) -> None:
    async with together() as call:
        replies(call, pick_files=picked(tmp_path / "gone.bin", LARGEST_FILE + 1))
        await call.app.click(OPEN)
        await call.app.click(ATTACH)
        await call.app.shows("This file is larger than 10 MB. Nothing was sent.")
        asked = next(said for name, said in call.app.connection.calls if name == "pick_files")
        assert not asked["with_data"]
        assert not [each for each in call.engine.calls if each[0] == "file"]


async def test_a_file_that_cannot_be_read_or_is_refused_is_said(tmp_path: Path) -> None:
    path = tmp_path / "plan.pdf"
    async with together() as call:
        replies(call, pick_files=picked(path, 4))
        await call.app.click(OPEN)
        await call.app.click(ATTACH)
        await call.app.shows(NOT_READ)
        path.write_bytes(b"%PDF")
        call.engine.file_refused = FileProblem.TOO_MANY
        await call.app.click(ATTACH)
        await call.app.shows(refusal_words(FileProblem.TOO_MANY, ADA))


@pytest.mark.parametrize("width", [360, 1280])
async def test_one_that_comes_shows_how_far_it_is_and_can_be_cancelled(width: float) -> None:
    async with together(width=width) as call:
        show(call, transfer(done=1_205_862))
        await call.app.click(OPEN)
        await call.app.shows("Receiving, 50 %")
        await call.app.shows("خطة plan.pdf")
        assert [each.value for each in call.app.all(ft.ProgressBar)] == [0.5]
        await call.app.click(CANCEL)
        assert ("file cancelled", "f1") in call.engine.calls


async def test_one_that_arrived_is_saved_only_when_asked_for() -> None:
    async with together() as call:
        call.engine.contents["f1"] = b"content"
        show(call, transfer(FileState.DELIVERED))
        replies(call, save_file="/somewhere/plan.pdf")
        await call.app.click(OPEN)
        await call.app.shows(READY)
        assert not [name for name, _ in call.app.connection.calls if name == "save_file"]
        await call.app.click(SAVE)
        await call.app.until(lambda: [name for name, _ in call.app.connection.calls if name == "save_file"])
        saved = next(said for name, said in call.app.connection.calls if name == "save_file")
        assert (saved["file_name"], saved["src_bytes"]) == ("خطة plan.pdf", b"content")
        await call.app.click(REMOVE)
        assert ("file cancelled", "f1") in call.engine.calls


async def test_where_no_dialog_can_be_had_it_lies_in_downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    async with together() as call:
        call.engine.contents["f1"] = b"content"
        show(call, transfer(FileState.DELIVERED))
        replies(call, save_file=RuntimeError("PlatformException: org.freedesktop.portal.Desktop"))
        await call.app.click(OPEN)
        await call.app.click(SAVE)
        saved = tmp_path / "Downloads" / "خطة plan.pdf"
        await call.app.until(lambda: saved.is_file() and saved.read_bytes() == b"content")
    assert save_in_downloads("خطة plan.pdf", b"second").name == "خطة plan (2).pdf"
    assert (tmp_path / "Downloads" / "خطة plan.pdf").read_bytes() == b"content"


async def test_one_that_failed_is_sent_again() -> None:
    async with together() as call:
        show(call, transfer(FileState.FAILED, mine=True, problem=FileProblem.STALLED, may_send_again=True))
        await call.app.click(OPEN)
        await call.app.shows(problem_words(FileProblem.STALLED, True, ADA))
        await call.app.click(AGAIN)
        assert ("file again", "f1") in call.engine.calls


async def test_the_message_that_says_so_stands_only_where_the_file_is_gone() -> None:
    note = note_words("plan.pdf", 4)
    message = ChatMessage("f1", note, NOW + timedelta(seconds=1), mine=False, delivered=True)
    async with together() as call:
        show(call, transfer(FileState.DELIVERED), chat=(message,))
        await call.app.until(lambda: open_words(1) in call.app.labels())
        await call.app.click(open_words(1))
        await call.app.shows(READY)
        assert note not in call.app.texts()
        show(call, transfer(FileState.DELIVERED, mine=True), chat=(message,))
        await call.app.until(lambda: any(note in text for text in _written(call)))


def _written(call: Call) -> list[str]:
    return [*call.app.texts(), *(span.text or "" for each in call.app.all(ft.Text) for span in each.spans or [])]


async def test_what_arrived_can_still_be_saved_after_the_call() -> None:
    async with together() as call:
        call.engine.contents["f1"] = b"content"
        show(call, transfer(FileState.DELIVERED), transfer(id="f2", name="half.bin", done=5))
        await call.app.click(OPEN)
        await call.app.shows(READY)
        await call.app.settle()
        await call.app.key("Escape")
        await call.app.click("End call")
        await call.app.shows(AFTER)
        assert "half.bin" not in call.app.texts()
        replies(call, save_file="/somewhere/plan.pdf")
        await call.app.click(f"{SAVE} (2.3 MB)")
        await call.app.until(lambda: [name for name, _ in call.app.connection.calls if name == "save_file"])


def test_sizes_are_in_words() -> None:
    said = {0: "0 bytes", 1: "1 byte", 1023: "1023 bytes", 1024: "1 KB", 1048063: "1023 KB", 1048064: "1 MB"}
    assert {size: size_words(size) for size in said} == said
    assert [size_words(each) for each in (2_411_724, LARGEST_FILE, LARGEST_FILE + 60_000)] == [
        "2.3 MB",
        "10 MB",
        "10.1 MB",
    ]


def test_every_problem_has_its_words() -> None:
    for problem in FileProblem:
        for mine in (True, False):
            ended = transfer(FileState.FAILED, mine, problem=problem)
            assert state_words(ended, ADA)
            assert "{" not in state_words(ended, ADA)
    assert state_words(transfer(done=2_411_723), ADA) == "Receiving, 99 %"


def test_a_screen_reader_is_told_what_the_other_did_and_not_each_percent() -> None:
    coming, half = transfer(), transfer(done=1_000_000)
    arrived, own = transfer(FileState.DELIVERED), transfer(mine=True)
    cancelled = transfer(FileState.CANCELLED, problem=FileProblem.CANCELLED)
    assert file_announcement((), (coming,), ADA) == f"{ADA} is sending a file: {coming.name}"
    assert file_announcement((coming,), (half,), ADA) == ""
    assert file_announcement((half,), (arrived,), ADA) == f"{coming.name}: {READY}"
    assert file_announcement((), (own,), ADA) == file_announcement((half,), (cancelled,), ADA) == ""
    before = _snapshot(coming)
    assert announcement(before, _snapshot(arrived), ADA) == f"{coming.name}: {READY}"


def _snapshot(*files: FileTransfer) -> CallSnapshot:
    return CallSnapshot(files=files)


def test_no_words_say_that_a_file_is_kept() -> None:
    assert "not kept" in file_words.LIMITS
    assert "not kept" in READY
    assert "not kept" in note_words("a", 1)
