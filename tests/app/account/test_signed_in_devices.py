"""Where a person is signed in, in the settings."""

import asyncio
import datetime as dt

import flet as ft
import pytest

from app.errors import Offline
from app.state.account.signed_in_devices import SignedInDevices
from app.state.core.kept.device_name import device_name
from tests.app.stage.harness import Harness
from tests.app.stage.session_stage import services_of
from tests.app.stage.whole_app import open_settings
from tests.fakes.account_api import FakeAccountApi

ADA = "ada@example.com"
PHONE, LAPTOP = "Chrome on Android", "Firefox on Windows"


def two_more(api: FakeAccountApi) -> None:
    day = dt.timedelta(days=1)
    api.add_sign_in(ADA, PHONE, api.now - day, api.now - 3 * day)
    api.add_sign_in(ADA, LAPTOP, api.now - 2 * day, api.now - 4 * day)


async def say_yes(app: Harness, words: str) -> None:
    await app.fire(app.all(ft.FilledButton, content=words)[-1], "click")


async def test_this_device_is_marked_and_the_others_can_be_ended(app: Harness, api: FakeAccountApi) -> None:
    two_more(api)
    await open_settings(app)
    await app.shows(PHONE)
    texts = app.texts()
    assert texts.count("This device") == 1
    assert any("Last used yesterday" in each for each in texts)
    assert texts.count("End") == 2
    ending = await app.begin("End")
    await app.shows(f"{PHONE} is signed out at once.")
    await say_yes(app, "End it")
    await ending
    await app.until(lambda: PHONE not in app.texts())
    assert LAPTOP in app.texts()
    assert {each.device for each in await api.sign_ins()} == {LAPTOP, api.device}


async def test_all_others_are_signed_out_after_a_question(app: Harness, api: FakeAccountApi) -> None:
    two_more(api)
    await open_settings(app)
    await app.shows(PHONE)
    ending = await app.begin("Sign out everywhere else")
    await app.shows("Every other device has to sign in again.")
    assert api.count("end_other_sign_ins") == 0
    await say_yes(app, "Sign out")
    await ending
    await app.until(lambda: PHONE not in app.texts() and LAPTOP not in app.texts())
    assert not app.is_enabled("Sign out everywhere else")
    await app.shows("You are signed in here alone.")


async def test_one_that_is_signed_out_already_goes_from_the_list(app: Harness, api: FakeAccountApi) -> None:
    sign_in_id = api.add_sign_in(ADA, PHONE, api.now, api.now)
    await open_settings(app)
    await app.shows(PHONE)
    await api.end_sign_in(sign_in_id)
    ending = await app.begin("End")
    await app.shows("is signed out at once")
    await say_yes(app, "End it")
    await ending
    await app.until(lambda: PHONE not in app.texts())


async def test_what_could_not_be_ended_stays_and_is_said(app: Harness, api: FakeAccountApi) -> None:
    two_more(api)
    await open_settings(app)
    await app.shows(PHONE)
    api.fail["end_other_sign_ins"] = Offline()
    ending = await app.begin("Sign out everywhere else")
    await app.shows("Every other device has to sign in again.")
    await say_yes(app, "Sign out")
    await ending
    await app.shows(Offline().detail)
    assert PHONE in app.texts()


async def test_without_an_answer_it_can_be_tried_again(app: Harness, api: FakeAccountApi) -> None:
    api.fail["sign_ins"] = Offline()
    await open_settings(app)
    await app.shows(Offline().detail)
    del api.fail["sign_ins"]
    await app.click("Try again")
    await app.shows("This device")


async def test_the_backend_is_told_what_a_person_knows_this_device_by(app: Harness, api: FakeAccountApi) -> None:
    assert api.device == "Browser on Linux"


def test_browsers_are_told_apart_by_what_they_say_of_themselves() -> None:
    mozilla = "Mozilla/5.0 (X11; Linux x86_64)"
    chrome = f"{mozilla} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
    assert device_name("linux", True, f"{mozilla} Gecko/20100101 Firefox/132.0") == "Firefox on Linux"
    assert device_name("linux", True, chrome) == "Chrome on Linux"
    assert device_name("windows", True, f"{chrome} Edg/130.0.0.0") == "Edge on Windows"
    safari = "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15"
    assert device_name("macos", True, safari) == "Safari on macOS"
    assert device_name("ios", False) == "Rendezvous on iOS"
    assert device_name("", True) == "Browser"


async def test_who_signs_in_meanwhile_is_listed_without_coming_back(
    app: Harness, api: FakeAccountApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.state.account.signed_in_devices.POLL_S", 0.02)
    await open_settings(app)
    await app.shows("You are signed in here alone.")
    api.add_sign_in(ADA, PHONE, api.now, api.now)
    await app.shows(PHONE)


async def test_an_older_answer_brings_back_nobody_who_was_ended(app: Harness, api: FakeAccountApi) -> None:
    two_more(api)
    await open_settings(app)
    await app.shows(PHONE)
    devices = SignedInDevices(services_of(api, "professional"))
    await devices.load()
    late = api.late("sign_ins")
    polling = asyncio.create_task(devices.poll())
    await asyncio.sleep(0)
    assert await devices.end(next(each for each in devices.devices or () if each.device == PHONE))
    late.set()
    await polling
    assert PHONE not in {each.device for each in devices.devices or ()}
