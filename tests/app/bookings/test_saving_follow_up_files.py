"""Files of a follow-up that was sent: both people of the session save them."""

from pathlib import Path
from typing import Any

import flet as ft
import pytest

from app.api.models import FollowUp, FollowUpFile
from app.errors import Problem
from app.state.core.picked_files import NOT_SAVED
from tests.app.stage.booking_stage import book
from tests.app.stage.details_stage import HOUR, api_with_a_session, sessions_of
from tests.fakes.api import NOW, FakeApi


@pytest.fixture
def api() -> FakeApi:
    return api_with_a_session()


@pytest.fixture
def session_id(api: FakeApi) -> str:
    return book(api, -2 * HOUR)


def sent(api: FakeApi, session_id: str, content: bytes = b"%PDF") -> None:
    file = FollowUpFile(id="f1", name="plan.pdf", size=len(content))
    api.follow_ups[session_id] = FollowUp(text="Thank you", sent_at=NOW - HOUR, files=(file,))
    api.file_contents["f1"] = content


@pytest.mark.parametrize(("role", "width"), [("user", 360), ("professional", 1280)])
async def test_both_save_what_was_sent(api: FakeApi, session_id: str, role: Any, width: float) -> None:
    sent(api, session_id)
    async with sessions_of(api, role, session_id, width=width, replies={"save_file": "/somewhere/plan.pdf"}) as app:
        await app.shows("plan.pdf")
        await app.shows("4 bytes")
        await app.click("Save plan.pdf")
        await app.until(lambda: [name for name, _ in app.connection.calls if name == "save_file"])
        saved = next(said for name, said in app.connection.calls if name == "save_file")
        assert (saved["file_name"], saved["src_bytes"]) == ("plan.pdf", b"%PDF")


async def test_saving_shows_how_far_it_is_and_why_it_failed(api: FakeApi, session_id: str) -> None:
    sent(api, session_id)
    gate = api.hold("follow_up_file")
    async with sessions_of(api, "user", session_id, replies={"save_file": "/somewhere/plan.pdf"}) as app:
        await app.shows("plan.pdf")
        saving = await app.begin("Save plan.pdf")
        await app.shows("Downloading, 0 %")
        assert len(app.all(ft.ProgressBar)) == 1
        api.fail["follow_up_file"] = Problem("NotFound", 404, "This does not exist.")
        gate.set()
        await saving
        await app.shows("This does not exist.")
        assert not app.all(ft.ProgressBar)
        api.let("follow_up_file")
        del api.fail["follow_up_file"]
        await app.click("Save plan.pdf")
        await app.until(lambda: "This does not exist." not in app.texts())
        await app.until(lambda: [name for name, _ in app.connection.calls if name == "save_file"])


async def test_where_no_dialog_can_be_had_it_lies_in_downloads(
    api: FakeApi, session_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    sent(api, session_id)
    replies = {"save_file": RuntimeError("PlatformException: org.freedesktop.portal.Desktop")}
    async with sessions_of(api, "user", session_id, replies=replies) as app:
        await app.shows("plan.pdf")
        await app.click("Save plan.pdf")
        await app.until(lambda: (tmp_path / "Downloads" / "plan.pdf").is_file())
        await app.until(lambda: app.all(ft.SnackBar, content="Saved in your Downloads folder"))


async def test_an_empty_file_cannot_be_saved_in_a_browser_and_it_says_so(api: FakeApi, session_id: str) -> None:
    sent(api, session_id, b"")
    async with sessions_of(api, "user", session_id, web=True) as app:
        await app.shows("plan.pdf")
        await app.click("Save plan.pdf")
        await app.shows("This file is empty. It cannot be saved from here.")


def in_folder(folder: Path) -> list[Path]:
    return list(folder.iterdir())


@pytest.mark.parametrize(
    "page", [{"web": True}, {"platform": ft.PagePlatform.ANDROID}, {"platform": ft.PagePlatform.IOS}]
)
async def test_what_a_browser_or_a_phone_cannot_save_is_written_to_no_other_disk(
    api: FakeApi, session_id: str, page: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a browser this process has only the server's."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    sent(api, session_id)
    replies = {"save_file": RuntimeError("the tab is gone")}
    async with sessions_of(api, "user", session_id, replies=replies, **page) as app:
        await app.shows("plan.pdf")
        await app.click("Save plan.pdf")
        await app.shows(NOT_SAVED)
    assert in_folder(tmp_path) == []
