"""A session's details say who recorded it and who agreed, to both; and offer the file where it was written."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.api.models import RecordingConsentRecord, Role
from app.errors import Offline
from app.state.bookings.words.recording_words import TITLE
from app.state.core.recorded import files as recorded
from app.state.core.recorded.files import AllRecordedFiles
from app.state.core.services import Services
from tests.app.stage.booking_stage import book
from tests.app.stage.details_stage import HOUR, api_with_a_session, sessions_of
from tests.app.stage.harness import Harness
from tests.fakes.api import NOW, FakeApi

MINUTE = timedelta(minutes=1)
BEGAN = NOW - 100 * MINUTE
"""It is 10:00 in Berlin: 8:20."""


@pytest.fixture
def api() -> FakeApi:
    return api_with_a_session()


@pytest.fixture
def session_id(api: FakeApi) -> str:
    return book(api, -2 * HOUR)


def record(**facts: object) -> RecordingConsentRecord:
    """Ada asked, Grace agreed, and it was recorded for 25 minutes, unless `facts` say otherwise."""
    said = {
        "ask_id": "1",
        "asked_by": "professional",
        "asked_at": BEGAN - 2 * MINUTE,
        "answer": "agreed",
        "answered_at": BEGAN - MINUTE,
        "began_at": BEGAN,
        "ended_at": BEGAN + 25 * MINUTE,
    }
    return RecordingConsentRecord.model_validate(said | facts)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("professional", "Recorded by you, Today 08:20 to 08:45; agreed by Grace Hopper at 08:19."),
        ("user", "Recorded by Ada Lovelace, Today 08:20 to 08:45; agreed by you at 08:19."),
    ],
)
async def test_both_read_who_recorded_it_and_who_agreed(
    api: FakeApi, session_id: str, role: Role, said: str, width: float
) -> None:
    api.kept_recordings[session_id] = (record(),)
    async with sessions_of(api, role, session_id, width=width) as app:
        await app.shows(said)
        assert TITLE in app.texts()


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"withdrawn_at": BEGAN + 25 * MINUTE}, "agreed by you at 08:19; ended by you at 08:45."),
        ({"ended_at": None}, "Recorded by Ada Lovelace, Today from 08:20; agreed by you at 08:19."),
        ({"answer": None, "answered_at": None}, "Recorded by Ada Lovelace, Today 08:20 to 08:45."),
        (
            {"began_at": None, "answer": "refused"},
            "Ada Lovelace asked to record, Today 08:18; not allowed by you at 08:19.",
        ),
        (
            {"began_at": None},
            "Ada Lovelace asked to record, Today 08:18; agreed by you at 08:19, nothing was recorded.",
        ),
        (
            {"began_at": None, "answer": None, "answered_at": None},
            "Ada Lovelace asked to record, Today 08:18; not answered.",
        ),
        (
            {"began_at": None, "answer": "refused", "answered_at": None, "asked_at": None, "asked_by": "user"},
            "You asked to record; not allowed by Ada Lovelace.",
        ),
    ],
)
async def test_what_is_not_known_is_left_out(
    api: FakeApi, session_id: str, facts: dict[str, object], said: str
) -> None:
    api.kept_recordings[session_id] = (record(**facts),)
    async with sessions_of(api, "user", session_id) as app:
        await app.shows(said)


async def test_where_nobody_asked_and_where_it_cannot_be_read_there_is_nothing_of_it(
    api: FakeApi, session_id: str
) -> None:
    async with sessions_of(api, "user", session_id) as app:
        await app.until(lambda: any("recordings" in each for each in api.calls))
        assert TITLE not in app.texts()
    api.fail["recordings"] = Offline()
    async with sessions_of(api, "user", session_id) as app:
        await app.shows("Ada Lovelace")
        assert TITLE not in app.texts()


@asynccontextmanager
async def on_this_device(api: FakeApi, session_id: str, file: Path, **page: Any) -> AsyncIterator[Harness]:
    def remember(services: Services) -> None:
        services.can_record = True
        AllRecordedFiles.kept_by(services).of(session_id).note("1", str(file), finished=True)

    async with sessions_of(api, "professional", session_id, prepare=remember, **page) as app:
        yield app


@pytest.mark.parametrize("width", [360, 1280])
async def test_the_device_that_wrote_it_opens_and_shows_it(
    api: FakeApi, session_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: float
) -> None:
    done: list[tuple[str, Path]] = []

    async def opened(file: Path) -> None:
        done.append(("open", file))

    async def shown(file: Path) -> None:
        done.append(("show", file))

    monkeypatch.setattr(recorded, "open_file", opened)
    monkeypatch.setattr(recorded, "show_in_folder", shown)
    file = with_video(tmp_path)
    async with on_this_device(api, session_id, file, width=width) as app:
        await app.shows("Grace.mp4")
        await app.shows("5 bytes")
        await app.click(f"{recorded.OPEN} Grace.mp4")
        await app.click(f"{recorded.SHOW}: Grace.mp4")
        assert done == [("open", file), ("show", file)]


def with_video(folder: Path) -> Path:
    file = folder / "Grace.mp4"
    file.write_bytes(b"video")
    return file


async def test_a_file_that_is_gone_is_said_and_taken_off_the_list(
    api: FakeApi, session_id: str, tmp_path: Path
) -> None:
    async with on_this_device(api, session_id, tmp_path / "Grace.mp4") as app:
        await app.shows(recorded.GONE)
        assert recorded.OPEN not in app.texts()
        await app.click(f"{recorded.REMOVE}: Grace.mp4")
        await app.until(lambda: recorded.GONE not in app.texts())
