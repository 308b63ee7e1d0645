"""What is kept of a person: saved as a file, or deleted with the account once they have read what that does."""

import json

import flet as ft

from app.api.models import Deletion
from app.errors import Offline
from app.state.account.own_data import FILE_NAME
from tests.app.stage.harness import Harness
from tests.app.stage.whole_app import PASSWORD, open_settings
from tests.fakes.account_api import FakeAccountApi


async def test_a_copy_is_saved_where_the_person_says(app: Harness) -> None:
    await open_settings(app)
    await app.click("Save a copy")
    saved = next(args for name, args in app.connection.calls if name == "save_file")
    assert saved["file_name"] == FILE_NAME
    assert json.loads(saved["src_bytes"])["account"][0]["name"]


async def test_a_copy_that_cannot_be_had_is_said(app: Harness, api: FakeAccountApi) -> None:
    await open_settings(app)
    api.fail["export_me"] = Offline()
    await app.click("Save a copy")
    await app.shows("cannot be reached")
    assert not [name for name, _ in app.connection.calls if name == "save_file"]


async def test_what_will_happen_is_read_first_and_the_account_can_be_kept(app: Harness, api: FakeAccountApi) -> None:
    api.would_delete = Deletion(sessions=2, refund_minor=4500, kept=1)
    await open_settings(app)
    await app.click("Delete account")
    await app.shows("2 sessions will be cancelled, and $45.00 go back to")
    await app.shows("1 session cannot be cancelled any more.")
    await app.shows("This cannot be undone.")
    await app.click("Keep it")
    await app.until(lambda: "Delete your account?" not in app.texts())
    assert api.count("delete_me") == 0


async def test_it_takes_the_password_and_ends_on_the_sign_in(app: Harness, api: FakeAccountApi) -> None:
    await open_settings(app)
    await app.click("Delete account")
    await app.click("Delete my account")
    assert app.field("Your password").error == "Enter your password."
    await app.type("nonsense", label="Your password")
    await app.click("Delete my account")
    assert app.field("Your password").error == "This is not your password."
    await app.type(PASSWORD, label="Your password")
    await app.click("Delete my account")
    await app.shows("Good to see you.")
    assert api.token is None
    assert [each.content for each in app.all(ft.SnackBar)] == ["Your account is deleted."]


async def test_sessions_that_changed_meanwhile_are_read_again(app: Harness, api: FakeAccountApi) -> None:
    await open_settings(app)
    await app.click("Delete account")
    await app.shows("This cannot be undone.")
    api.would_delete = Deletion(sessions=1, refund_minor=4500)
    await app.type(PASSWORD, label="Your password")
    await app.click("Delete my account")
    await app.shows("Your sessions have changed.")
    await app.shows("1 session will be cancelled")
    assert api.token is not None
