"""Which mails come, in the settings."""

import flet as ft
import pytest

from app.errors import Offline
from app.state.account.mail_switches import WORDS
from tests.app.stage.harness import Harness
from tests.app.stage.whole_app import open_settings, path, sign_in
from tests.fakes.account_api import FakeAccountApi
from tests.fakes.mails import OPTIONAL_MAILS


def rows(app: Harness) -> dict[str, ft.Switch]:
    """By their words, which are merged with them for screen readers."""
    found = {}
    for row in app.all(ft.MergeSemantics):
        words = app.texts(row)
        if words and words[0] in WORDS.values():
            (found[words[0]],) = [each for each in app.walk(row) if isinstance(each, ft.Switch)]
    return found


def switches(app: Harness) -> dict[str, bool]:
    return {words: bool(switch.value) for words, switch in rows(app).items()}


async def turn(app: Harness, label: str, on: bool) -> None:
    switch = rows(app)[label]
    app.session.apply_patch(switch._i, {"value": on})
    await app.fire(switch, "change", on)


def test_every_kind_has_its_words() -> None:
    assert set(WORDS) == set(OPTIONAL_MAILS)


async def test_a_professional_sees_what_professionals_get_and_switches_it(app: Harness, api: FakeAccountApi) -> None:
    await open_settings(app)
    await app.until(lambda: switches(app))
    assert "Somebody books you" in switches(app)
    assert "Your booking is confirmed" not in switches(app)
    assert all(switches(app).values())
    await turn(app, "Somebody books you", False)
    await app.until(lambda: api.mails_off == {"new_booking"})
    assert not switches(app)["Somebody books you"]


async def test_a_user_sees_what_users_get(app: Harness, api: FakeAccountApi) -> None:
    api.mails_off = {"refund"}
    await sign_in(app, "grace@example.com")
    await app.until(lambda: path(app) == "/find")
    await app.go("/account")
    await app.until(lambda: switches(app))
    assert "Somebody books you" not in switches(app)
    assert not switches(app)["What became of a refund"]


async def test_what_the_backend_did_not_take_turns_back(app: Harness, api: FakeAccountApi) -> None:
    await open_settings(app)
    await app.until(lambda: switches(app))
    api.fail["set_mail_switch"] = Offline()
    await turn(app, "A session is cancelled", False)
    await app.shows(Offline().detail)
    await app.until(lambda: switches(app)["A session is cancelled"])


async def test_without_an_answer_it_can_be_tried_again(app: Harness, api: FakeAccountApi) -> None:
    api.fail["mail_switches"] = Offline()
    await open_settings(app)
    await app.shows(Offline().detail)
    assert switches(app) == {}
    del api.fail["mail_switches"]
    await app.click("Try again")
    await app.until(lambda: switches(app))


async def test_what_a_mails_own_link_switches_off_is_off_here_too(
    app: Harness, api: FakeAccountApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.state.account.mail_switches.POLL_S", 0.02)
    await open_settings(app)
    await app.until(lambda: switches(app).get("A session is cancelled"))
    api.mails_off.add("cancelled")
    await app.until(lambda: not switches(app)["A session is cancelled"])
