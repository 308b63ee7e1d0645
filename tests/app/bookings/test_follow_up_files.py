"""Files with a follow-up: added, uploaded, removed and tried again by the professional."""

import asyncio
from pathlib import Path
from typing import Any

import flet as ft
import pytest

from app.api.models import FollowUpFile
from app.errors import Offline
from app.state.bookings.follow_up import ASK_TITLE, EXPLAINED, FIELD, SEND
from app.state.bookings.follow_up_files import (
    ADD,
    LARGEST_FILE,
    LIMITS,
    MOST_FILES,
    NOT_ALL,
    TOO_MANY,
    WAIT,
    Chosen,
    FileState,
    FollowUpFiles,
)
from app.state.bookings.session_detail import SessionDetail
from app.state.core.picked_files import NO_DIALOG, NOT_READ, OnShare
from tests.app.stage.booking_stage import book
from tests.app.stage.details_stage import HOUR, api_with_a_session, sessions_of
from tests.app.stage.session_stage import services_of
from tests.fakes.api import FakeApi

OFFLINE = "Rendezvous cannot be reached."


@pytest.fixture
def api() -> FakeApi:
    return api_with_a_session()


@pytest.fixture
def session_id(api: FakeApi) -> str:
    return book(api, -2 * HOUR)


@pytest.fixture
def files(api: FakeApi, session_id: str) -> FollowUpFiles:
    return FollowUpFiles(services_of(api, "professional"), session_id)


def chosen(name: str = "plan.pdf", content: bytes = b"%PDF", size: int | None = None) -> Chosen:
    async def read(on_share: OnShare) -> bytes:
        return content

    return Chosen(name, len(content) if size is None else size, read)


def picked(*paths: Path, size: int | None = None) -> dict[str, Any]:
    described = [
        {"id": number, "name": path.name, "size": size if size is not None else path.stat().st_size, "path": str(path)}
        for number, path in enumerate(paths)
    ]
    return {"pick_files": [each | {"bytes": None} for each in described]}


def states(files: FollowUpFiles) -> list[tuple[str, FileState]]:
    return [(each.name, each.state) for each in files.attached]


def written(folder: Path, *names: str) -> list[Path]:
    paths = [folder / name for name in names]
    for path in paths:
        path.write_bytes(path.name.encode())
    return paths


@pytest.mark.parametrize("width", [360, 1280])
async def test_files_are_added_uploaded_and_sent_with_the_message(
    api: FakeApi, session_id: str, tmp_path: Path, width: float
) -> None:
    replies = picked(*written(tmp_path, "plan.pdf", "خطة.png"))
    async with sessions_of(api, "professional", session_id, width=width, replies=replies) as app:
        await app.shows(EXPLAINED)
        await app.shows(LIMITS)
        await app.click(ADD)
        await app.until(lambda: len(api.unsent_files.get(session_id, ())) == 2)
        asked = next(said for name, said in app.connection.calls if name == "pick_files")
        assert (asked["allow_multiple"], asked["with_data"]) == (True, False)
        await app.type("Here they are", FIELD)
        asking = await app.begin(SEND)
        await app.shows("It has 2 files.")
        await app.click("Send")
        await asking
        assert [each.name for each in api.follow_ups[session_id].files] == ["plan.pdf", "خطة.png"]
        await app.until(lambda: EXPLAINED not in app.texts())
        await app.shows("خطة.png")


async def test_it_waits_for_an_upload_and_shows_how_far_that_is(api: FakeApi, session_id: str, tmp_path: Path) -> None:
    gate = api.hold("put_follow_up_file")
    replies = picked(*written(tmp_path, "plan.pdf"))
    async with sessions_of(api, "professional", session_id, replies=replies) as app:
        await app.shows(EXPLAINED)
        await app.type("Here it is", FIELD)
        assert app.is_enabled(SEND)
        await app.click(ADD)
        await app.shows("8 bytes · Uploading, 50 %")
        assert [each.value for each in app.all(ft.ProgressBar)] == [0.5]
        assert "plan.pdf" in app.labels(), "the bar has a name"
        await app.shows(WAIT)
        assert not app.is_enabled(SEND)
        assert app.is_enabled(ADD), "more can be added meanwhile"
        gate.set()
        await app.until(lambda: app.is_enabled(SEND))


async def test_what_is_too_large_or_too_many_is_said_and_not_read(files: FollowUpFiles, api: FakeApi) -> None:
    await files.add([chosen("film.mov", size=LARGEST_FILE + 1), *(chosen(f"{n}.txt") for n in range(MOST_FILES + 1))])
    assert files.refused == ("film.mov is larger than 10 MB. Send a link instead.", TOO_MANY)
    assert len(files.attached) == MOST_FILES
    assert files.why_not_add == TOO_MANY
    assert api.count("put_follow_up_file") == MOST_FILES
    await files.remove(files.attached[0].id)
    assert not files.why_not_add
    assert not files.refused
    await files.add([chosen("exact.bin", b"x" * LARGEST_FILE)])
    assert states(files)[-1] == ("exact.bin", FileState.UPLOADED)


async def test_a_file_that_grew_is_not_sent(files: FollowUpFiles, api: FakeApi) -> None:
    await files.add([chosen("log.txt", b"x" * (LARGEST_FILE + 1), size=4)])
    assert files.attached[0].problem == "log.txt is larger than 10 MB. Send a link instead."
    assert api.count("put_follow_up_file") == 0


async def test_without_network_it_is_kept_and_tried_again_on_press(
    api: FakeApi, session_id: str, tmp_path: Path
) -> None:
    replies = picked(*written(tmp_path, "plan.pdf"))
    api.fail["put_follow_up_file"] = Offline(OFFLINE)
    async with sessions_of(api, "professional", session_id, replies=replies) as app:
        await app.shows(EXPLAINED)
        await app.type("Here it is", FIELD)
        await app.click(ADD)
        await app.shows(OFFLINE)
        await app.shows(NOT_ALL)
        assert not app.is_enabled(SEND)
        del api.fail["put_follow_up_file"]
        await app.click("Try again: plan.pdf")
        await app.until(lambda: app.is_enabled(SEND))
        assert [each.name for each in api.unsent_files[session_id]] == ["plan.pdf"]
        assert OFFLINE not in app.texts()


async def test_one_that_fails_does_not_hold_up_the_others(files: FollowUpFiles, api: FakeApi) -> None:
    async def unreadable(on_share: OnShare) -> bytes:
        raise Offline(NOT_READ)

    await files.add([Chosen("gone.txt", 4, unreadable), chosen("plan.pdf")])
    assert states(files) == [("gone.txt", FileState.FAILED), ("plan.pdf", FileState.UPLOADED)]
    assert files.attached[0].problem == NOT_READ


async def test_one_under_way_that_is_removed_stops_and_the_next_goes_on(files: FollowUpFiles, api: FakeApi) -> None:
    api.hold("put_follow_up_file")
    adding = asyncio.ensure_future(files.add([chosen("one.txt"), chosen("two.txt", b"two")]))
    await api.until_called("put_follow_up_file")
    assert states(files) == [("one.txt", FileState.UPLOADING), ("two.txt", FileState.WAITING)]
    api.let("put_follow_up_file")
    await files.remove(files.attached[0].id)
    await asyncio.wait_for(adding, 2)
    assert states(files) == [("two.txt", FileState.UPLOADED)]
    assert [each.name for each in api.unsent_files[files.session_id]] == ["two.txt"]


async def test_one_that_waits_is_removed_without_asking_anybody(files: FollowUpFiles, api: FakeApi) -> None:
    gate = api.hold("put_follow_up_file")
    adding = asyncio.ensure_future(files.add([chosen("one.txt"), chosen("two.txt")]))
    await api.until_called("put_follow_up_file")
    await files.remove(files.attached[1].id)
    gate.set()
    await adding
    assert states(files) == [("one.txt", FileState.UPLOADED)]
    assert (api.count("put_follow_up_file"), api.count("delete_follow_up_file")) == (1, 0)


async def test_more_that_come_during_an_upload_are_uploaded_after_it(files: FollowUpFiles, api: FakeApi) -> None:
    gate = api.hold("put_follow_up_file")
    first = asyncio.ensure_future(files.add([chosen("one.txt", b"1")]))
    await api.until_called("put_follow_up_file")
    await files.add([chosen("two.txt", b"2")])
    assert api.count("put_follow_up_file") == 1, "one at a time is in memory"
    gate.set()
    await first
    assert states(files) == [("one.txt", FileState.UPLOADED), ("two.txt", FileState.UPLOADED)]


async def test_one_that_cannot_be_removed_stays_and_says_why(api: FakeApi, session_id: str, tmp_path: Path) -> None:
    replies = picked(*written(tmp_path, "plan.pdf"))
    async with sessions_of(api, "professional", session_id, replies=replies) as app:
        await app.shows(EXPLAINED)
        await app.click(ADD)
        await app.until(lambda: api.unsent_files.get(session_id))
        api.fail["delete_follow_up_file"] = Offline(OFFLINE)
        await app.click("Remove plan.pdf")
        await app.shows(OFFLINE)
        del api.fail["delete_follow_up_file"]
        await app.click("Remove plan.pdf")
        await app.until(lambda: "plan.pdf" not in app.texts())
        assert api.unsent_files[session_id] == ()


async def test_files_of_before_are_there_again(api: FakeApi, session_id: str) -> None:
    api.unsent_files[session_id] = (FollowUpFile(id="f1", name="plan.pdf", size=2_411_724),)
    async with sessions_of(api, "professional", session_id) as app:
        await app.shows("plan.pdf")
        await app.shows("2.3 MB")


async def test_whoever_leaves_the_session_and_comes_back_finds_text_and_upload(api: FakeApi, session_id: str) -> None:
    services, gate = services_of(api, "professional"), api.hold("put_follow_up_file")
    before = SessionDetail(services, "professional", session_id)
    before.follow_up_form.write("Here it is")
    adding = asyncio.ensure_future(before.follow_up_form.files.add([chosen("plan.pdf")]))
    await api.until_called("put_follow_up_file")
    again = SessionDetail(services, "professional", session_id)
    await again.poll()
    form = again.follow_up_form
    assert (form.text, form.why_not) == ("Here it is", WAIT)
    gate.set()
    await adding
    assert states(form.files) == [("plan.pdf", FileState.UPLOADED)]
    assert await again.send_follow_up()
    assert [each.name for each in api.follow_ups[session_id].files] == ["plan.pdf"]
    assert (form.text, form.files.attached) == ("", ())


async def test_files_that_went_meanwhile_are_named_and_those_at_hand_can_come_again(
    api: FakeApi, session_id: str, tmp_path: Path
) -> None:
    api.unsent_files[session_id] = (FollowUpFile(id="f1", name="old.pdf", size=4),)
    replies = picked(*written(tmp_path, "plan.pdf"))
    async with sessions_of(api, "professional", session_id, replies=replies) as app:
        await app.shows("old.pdf")
        await app.type("Here they are", FIELD)
        await app.click(ADD)
        await app.until(lambda: len(api.unsent_files[session_id]) == 2 and app.is_enabled(SEND))
        api.unsent_files[session_id], api.file_contents = (), {}
        asking = await app.begin(SEND)
        await app.shows(ASK_TITLE)
        await app.click("Send")
        await asking
        await app.shows("This file is not there any more. Add it again.")
        assert not app.is_enabled(SEND)
        assert not api.follow_ups
        await app.click("Try again: plan.pdf")
        await app.click("Remove old.pdf")
        await app.until(lambda: app.is_enabled(SEND))
        assert app.field(FIELD).value == "Here they are"


async def test_where_no_dialog_can_be_had_it_says_what_to_do(api: FakeApi, session_id: str) -> None:
    replies = {"pick_files": RuntimeError("PlatformException: org.freedesktop.portal.Desktop")}
    async with sessions_of(api, "professional", session_id, replies=replies) as app:
        await app.shows(EXPLAINED)
        await app.click(ADD)
        await app.shows(NO_DIALOG)
