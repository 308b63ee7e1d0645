"""Files with a follow-up that a professional adds in a browser: they come by HTTP."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flet as ft
import pytest

from app.state.bookings.follow_up import EXPLAINED
from app.state.bookings.follow_up_files import ADD
from app.state.core.services import Services
from tests.app.bookings.test_follow_up_files import api, picked, session_id, written
from tests.app.stage.details_stage import sessions_of
from tests.app.stage.harness import Harness
from tests.fakes.api import FakeApi

__all__ = ["api", "session_id"]


async def uploaded_by_the_browser(app: Harness, folder: Path, many: int) -> None:
    """The page's own part: its client puts the file where the address says."""
    await app.until(lambda: len([name for name, _ in app.connection.calls if name == "upload"]) == many)
    (told,) = [said["files"] for name, said in app.connection.calls if name == "upload"][-1]
    name = parse_qs(urlsplit(told.upload_url).query)["f"][0]
    picker = next(each for each in app.page._services._services if isinstance(each, ft.FilePicker))
    if many > 1:  # what is still said of the one before it
        await app.fire(picker, "upload", {"file_name": "one.txt", "progress": 1.0, "error": None})
    (folder / name).write_bytes(told.name.encode())
    for share in (0.5, 1.0):
        await app.fire(picker, "upload", {"file_name": told.name, "progress": share, "error": None})


async def test_from_a_browser_they_come_by_http_one_after_another(
    api: FakeApi, session_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "uploads"
    folder.mkdir()
    made = Services.__init__

    def with_folder(self: Services, *given: Any, **named: Any) -> None:
        made(self, *given, **named)
        self.upload_dir = folder

    monkeypatch.setattr(Services, "__init__", with_folder)
    replies = picked(*written(tmp_path, "one.txt", "two.txt"))
    async with sessions_of(api, "professional", session_id, replies=replies, web=True) as app:
        await app.shows(EXPLAINED)
        await app.click(ADD)
        await uploaded_by_the_browser(app, folder, 1)
        await uploaded_by_the_browser(app, folder, 2)
        await app.until(lambda: len(api.unsent_files.get(session_id, ())) == 2)
        assert sorted(api.file_contents.values()) == [b"one.txt", b"two.txt"]
        assert list(folder.iterdir()) == []
