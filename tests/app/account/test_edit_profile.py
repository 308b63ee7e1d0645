"""EditProfile: the draft beside what is saved, the photo, and leaving with changes."""

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flet as ft
import pytest

from app.errors import Offline, Problem
from app.screens.edit_profile import EditProfile
from app.state.account.profile_editing import PHOTO_MAX_BYTES, ProfileEditing, photo_problem, photo_type
from app.state.core import picked_files
from app.state.core.picked_files import NO_DIALOG, NOT_SENT
from app.state.core.services import Services
from tests.app.stage.fake_connection import UNANSWERED
from tests.app.stage.harness import Harness
from tests.app.stage.session_stage import services_of, shown
from tests.fakes.api import FakeApi

JPEG = b"\xff\xd8\xff\xe0" + bytes(100)


@pytest.fixture
def api() -> FakeApi:
    api = FakeApi()
    api.add_professional()
    return api


@pytest.fixture
def services(api: FakeApi) -> Services:
    return services_of(api, "professional")


def picked(data: bytes, name: str = "me.jpg") -> dict[str, Any]:
    return {"pick_files": [{"id": 1, "name": name, "size": len(data), "path": None, "bytes": data}]}


async def ready(app: Harness) -> None:
    await app.shows("Who you are")


async def test_save_is_off_with_its_reason_until_something_changes(services: Services) -> None:
    async with shown(services, EditProfile) as app:
        await app.shows("Nothing has changed.")
        await app.type("Strong at any age", "Headline")
        assert app.is_enabled("Save")


async def test_only_what_changed_is_sent(api: FakeApi, services: Services) -> None:
    async with shown(services, EditProfile) as app:
        await ready(app)
        await app.type("Strong at any age", "Headline")
        await app.click("Save")
        await app.until(lambda: app.all(ft.SnackBar, content="Your profile is saved."))
        await app.shows("Nothing has changed.")
    assert "update_profile headline" in api.calls
    assert api.people["pro-1"]["headline"] == "Strong at any age"


async def test_a_name_is_needed(services: Services) -> None:
    async with shown(services, EditProfile) as app:
        await ready(app)
        await app.type("  ", "Name")
        await app.shows("Enter your name.")
        assert not app.is_enabled("Save")


async def test_discarding_brings_back_what_is_saved(services: Services) -> None:
    async with shown(services, EditProfile) as app:
        await ready(app)
        await app.type("Something else", "Headline")
        await app.click("Discard changes")
        assert app.field("Headline").value == "Strength for busy people"


async def test_what_the_backend_refuses_stands_at_its_field(api: FakeApi, services: Services) -> None:
    api.fail["update_profile"] = Problem("InvalidPayload", 422, "no", fields={"headline": "No links, please."})
    async with shown(services, EditProfile) as app:
        await ready(app)
        await app.type("http://x", "Headline")
        await app.click("Save")
        assert app.field("Headline").error == "No links, please."


async def test_offline_while_saving_keeps_the_draft(api: FakeApi, services: Services) -> None:
    api.fail["update_profile"] = Offline()
    async with shown(services, EditProfile) as app:
        await ready(app)
        await app.type("Strong at any age", "Headline")
        await app.click("Save")
        await app.shows("Rendezvous cannot be reached")
        assert app.field("Headline").value == "Strong at any age"
        assert app.is_enabled("Save")


async def test_leaving_with_changes_asks_and_saves(api: FakeApi, services: Services) -> None:
    async with shown(services, EditProfile) as app:
        await ready(app)
        await app.type("Strong at any age", "Headline")
        app.page.render(lambda: ft.Text("elsewhere"))
        await app.shows("Save your changes?")
        await app.click("Save")
        await app.until(lambda: api.people["pro-1"]["headline"] == "Strong at any age")


async def test_leaving_without_changes_asks_nothing(services: Services) -> None:
    async with shown(services, EditProfile) as app:
        await ready(app)
        app.page.render(lambda: ft.Text("elsewhere"))
        await app.shows("elsewhere")
        assert "Save your changes?" not in app.texts()


async def test_a_draft_left_unsaved_is_there_on_coming_back(services: Services) -> None:
    async with shown(services, EditProfile) as app:
        await ready(app)
        await app.type("Strong at any age", "Headline")
    async with shown(services, EditProfile) as app:
        await ready(app)
        assert app.field("Headline").value == "Strong at any age"


async def test_a_poll_of_the_backend_keeps_what_is_being_typed(api: FakeApi, services: Services) -> None:
    editing = ProfileEditing(services)
    await editing.load()
    editing.edit("headline", "half a wo")
    api.people["pro-1"]["about"] = "Changed on another device."
    await editing.load()
    assert (editing.headline, editing.about) == ("half a wo", "Changed on another device.")


async def test_saving_twice_at_once_sends_once(api: FakeApi, services: Services) -> None:
    editing = ProfileEditing(services)
    await editing.load()
    editing.edit("headline", "New")
    await asyncio.gather(editing.save(), editing.save())
    assert api.count("update_profile") == 1


async def test_a_chosen_photo_is_saved_at_once(api: FakeApi, services: Services) -> None:
    async with shown(services, EditProfile, replies=picked(JPEG)) as app:
        await ready(app)
        await app.click("Choose a photo")
        await app.shows("Change photo")
    assert f"put_photo {len(JPEG)} image/jpeg" in api.calls


async def test_where_no_file_dialog_can_be_had_it_says_what_to_do(services: Services) -> None:
    replies = {"pick_files": RuntimeError("PlatformException: org.freedesktop.portal.Desktop")}
    async with shown(services, EditProfile, replies=replies) as app:
        await ready(app)
        await app.click("Choose a photo")
        await app.shows(NO_DIALOG)
        assert not app.all(ft.SnackBar)


async def test_a_page_that_is_loaded_again_while_a_photo_is_chosen_can_choose_again(services: Services) -> None:
    async with shown(services, EditProfile, replies={"pick_files": UNANSWERED}) as app:
        await ready(app)
        choosing = await app.begin("Choose a photo")
        await app.disconnect()
        await app.reconnect()
        await asyncio.wait_for(choosing, 2)
        assert app.is_enabled("Choose a photo")


def files_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def uploading(app: Harness) -> tuple[ft.FilePicker, Path]:
    """The picker of an upload that is under way, and the file that it is to fill."""
    await app.until(lambda: any(name == "upload" for name, _ in app.connection.calls))
    files = next(args["files"] for name, args in app.connection.calls if name == "upload")
    picker = next(each for each in app.page._services._services if isinstance(each, ft.FilePicker))
    name = parse_qs(urlsplit(files[0].upload_url).query)["f"][0]
    return picker, Path(name)


@pytest.mark.parametrize("outcome", ["whole", "failed", "late"])
async def test_an_upload_leaves_no_file_behind(
    services: Services, tmp_path: Path, outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if outcome == "late":
        monkeypatch.setattr(picked_files, "UPLOAD_S", 0.3)
    services.upload_dir = tmp_path
    async with shown(services, EditProfile, replies=picked(JPEG), web=True) as app:
        await ready(app)
        choosing = await app.begin("Choose a photo")
        picker, name = await uploading(app)
        (tmp_path / name).write_bytes(JPEG)
        if outcome != "late":
            error = "the connection broke" if outcome == "failed" else None
            data = {"file_name": "me.jpg", "progress": 1.0, "error": error}
            await app.fire(picker, "upload", data)
        await choosing
        await app.shows("Change photo" if outcome == "whole" else NOT_SENT)
        assert files_in(tmp_path) == []


async def test_a_file_that_is_no_photo_is_refused_in_words(api: FakeApi, services: Services) -> None:
    async with shown(services, EditProfile, replies=picked(b"GIF89a" + bytes(50), "me.jpg")) as app:
        await ready(app)
        await app.click("Choose a photo")
        await app.shows("Choose a JPEG, PNG or WebP picture.")
    assert api.count("put_photo") == 0


async def test_a_photo_that_is_too_large_is_refused_in_words(api: FakeApi, services: Services) -> None:
    data = JPEG + bytes(PHOTO_MAX_BYTES)
    async with shown(services, EditProfile, replies=picked(data)) as app:
        await ready(app)
        await app.click("Choose a photo")
        await app.shows("This picture is 5.0 MB. Choose one of up to 5 MB.")
    assert api.count("put_photo") == 0


async def test_a_photo_can_be_removed(api: FakeApi, services: Services) -> None:
    api.people["pro-1"]["photo_url"] = "/professional/pro-1/photo?v=1"
    async with shown(services, EditProfile) as app:
        await ready(app)
        await app.click("Remove")
        await app.shows("Choose a photo")
    assert api.people["pro-1"]["photo_url"] is None


async def test_the_public_page_is_one_step_away(services: Services) -> None:
    async with shown(services, EditProfile) as app:
        await ready(app)
        await app.click("See my public page")
        assert ("push_route", "/professional/pro-1") in [(n, a.get("route")) for n, a in app.connection.calls]


async def test_offline_says_so_and_trying_again_helps(api: FakeApi, services: Services) -> None:
    api.fail["own_profile"] = Offline()
    async with shown(services, EditProfile) as app:
        await app.shows("Rendezvous cannot be reached")
        del api.fail["own_profile"]
        await app.click("Try again")
        await ready(app)


def test_photos_are_known_by_their_first_bytes() -> None:
    assert photo_type(JPEG) == "image/jpeg"
    assert photo_type(b"\x89PNG\r\n\x1a\n123") == "image/png"
    assert photo_type(b"RIFF1234WEBPVP8 ") == "image/webp"
    assert photo_type(b"%PDF-1.7") is None


def test_an_empty_file_is_named() -> None:
    assert photo_problem(0) == "This file is empty. Choose another picture."


async def test_in_a_low_window_the_form_keeps_its_room(services: Services) -> None:
    """200 % on a laptop is 640x400: what stands above the form scrolls with it, and the two buttons share a row."""

    def words(app: Harness, part: ft.Control) -> set[str]:
        return {*app.texts(part), *(str(each.content) for each in app.walk(part) if isinstance(each, ft.Button))}

    def stands(app: Harness) -> tuple[bool, bool]:
        scrolled = next(
            each for each in app.all(ft.Column, scroll=ft.ScrollMode.AUTO) if "Who you are" in words(app, each)
        )
        beside = [words(app, each) for each in app.all(ft.Row)]
        return "See my public page" in words(app, scrolled), any({"Save", "Discard changes"} <= row for row in beside)

    async with shown(services, EditProfile, width=390) as app:
        await ready(app)
        await app.type("Strong at any age", "Headline")
        assert stands(app) == (False, False)
        await app.resize(640, 400)
        assert stands(app) == (True, True)
        await app.resize(640, 800)
        assert stands(app) == (False, False)
