"""A demo whose call server is still being built says how far that is, and who presses Start too early learns it."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.demo.starting_calls import progress_of, progress_router
from backend.integrations.livekit.starting import StartingCallRooms
from backend.kit.errors import ServiceUnavailable
from backend.settings import Settings


def preparing(file: Path | None) -> str:
    app = FastAPI()
    app.include_router(progress_router(file))
    said: str = TestClient(app).get("/demo/calls").json()["preparing"]
    return said


def test_how_far_it_is_can_be_read_and_nothing_once_it_is_there(tmp_path: Path) -> None:
    file = tmp_path / "preparing.txt"
    assert preparing(None) == preparing(file) == ""
    file.write_text("compiled 230 of about 800 packages")
    assert preparing(file) == "compiled 230 of about 800 packages"


def test_a_room_before_that_is_refused_with_how_far_it_is(tmp_path: Path) -> None:
    file = tmp_path / "preparing.txt"
    file.write_text("compiled 230 of about 800 packages")
    rooms = StartingCallRooms("ws://127.0.0.1:9", "key", "secret", lambda: progress_of(file))
    with pytest.raises(ServiceUnavailable, match="compiled 230 of about 800 packages"):
        rooms.ensure_room("session_1", keep_s=60)


def test_outside_a_demo_no_file_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLS_PREPARING_FILE", "preparing.txt")
    assert Settings(rendezvous_demo=True).calls_progress == Path("preparing.txt")
    assert Settings(rendezvous_demo=False).calls_progress is None
