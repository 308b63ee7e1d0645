"""The address of one's public page: chosen, copied, shared, and as a code for a camera."""

import struct

import cv2
import flet as ft
import numpy as np
import pytest

from app.components.design.qr_code import qr_png
from app.errors import Problem
from app.screens.edit_profile import EditProfile
from app.state.core.services import Services
from tests.app.stage.harness import Harness
from tests.app.stage.session_stage import services_of, shown
from tests.fakes.api import FakeApi

URL = "https://rendezvous.example.com/p/ada-lovelace"


@pytest.fixture
def api() -> FakeApi:
    api = FakeApi()
    api.add_professional()
    return api


@pytest.fixture
def services(api: FakeApi) -> Services:
    return services_of(api, "professional")


async def with_link(app: Harness) -> None:
    await app.shows("Your public page")
    await app.click("Use “ada-lovelace”")
    await app.click("Save")
    await app.shows(URL)


async def test_the_suggested_name_is_one_press_away(api: FakeApi, services: Services) -> None:
    async with shown(services, EditProfile) as app:
        await with_link(app)
        assert app.field("Link name").value == "ada-lovelace"
        assert not [text for text in app.texts() if text.startswith("Use “")]
    assert "update_profile handle" in api.calls


async def test_the_link_is_copied_and_shown_as_a_code_with_its_name(services: Services) -> None:
    async with shown(services, EditProfile) as app:
        await with_link(app)
        await app.click("Copy link")
        assert {"data": URL} in [args for name, args in app.connection.calls if name == "set"]
        await app.click("Show QR code")
        assert app.find(ft.Image, semantics_label=f"QR code of {URL}").src == qr_png(URL)
        await app.click("Hide QR code")
        assert not app.all(ft.Image, semantics_label=f"QR code of {URL}")


@pytest.mark.parametrize("platform", [ft.PagePlatform.ANDROID, ft.PagePlatform.IOS])
async def test_a_phone_shares_it_by_its_own_sheet(services: Services, platform: ft.PagePlatform) -> None:
    replies = {"share_text": {"status": "success", "raw": ""}}
    async with shown(services, EditProfile, platform=platform, replies=replies) as app:
        await with_link(app)
        await app.click("Share")
        assert any(name == "share_text" and args["text"] == URL for name, args in app.connection.calls)


async def test_a_taken_name_is_said_at_the_field(api: FakeApi, services: Services) -> None:
    taken = "This link name is taken. Choose another one."
    api.fail["update_profile"] = Problem("HandleTaken", 409, taken, fields={"handle": taken})
    async with shown(services, EditProfile) as app:
        await app.shows("Your public page")
        await app.type("ada", label="Link name")
        await app.click("Save")
        assert app.field("Link name").error == taken
        assert app.field("Link name").value == "ada"


@pytest.mark.parametrize(
    ("typed", "words"), [("ab", "Use 3 to 30"), ("a b c", "Use the letters a to z"), ("-ada", "Use the letters")]
)
async def test_what_cannot_be_a_name_is_said_while_typing(services: Services, typed: str, words: str) -> None:
    async with shown(services, EditProfile) as app:
        await app.shows("Your public page")
        await app.type(typed, label="Link name")
        assert words in str(app.field("Link name").error)
        assert not app.is_enabled("Save")


async def test_capitals_are_sent_as_they_will_stand(api: FakeApi, services: Services) -> None:
    async with shown(services, EditProfile) as app:
        await app.shows("Your public page")
        await app.type(" Ada-L ", label="Link name")
        await app.click("Save")
        await app.shows("/p/ada-l")
    assert api.people["pro-1"]["handle"] == "ada-l"


async def test_a_chosen_name_cannot_be_emptied(api: FakeApi, services: Services) -> None:
    api.people["pro-1"] |= {"handle": "ada", "public_url": "https://rendezvous.example.com/p/ada"}
    async with shown(services, EditProfile) as app:
        await app.shows("/p/ada")
        assert "suggested_handle" not in api.calls
        await app.type("", label="Link name")
        assert "cannot be taken away" in str(app.field("Link name").error)


def test_a_camera_reads_the_address_from_the_code() -> None:
    png = qr_png(URL)
    assert struct.unpack(">II", png[16:24])[0] >= 240
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    read, _corners, _straight = cv2.QRCodeDetector().detectAndDecode(picture)
    assert read == URL
