"""Another e-mail, in the settings: the password, then the code from the mail."""

import flet as ft

from tests.app.stage.harness import Harness
from tests.app.stage.whole_app import PASSWORD, app_of, open_settings, two_accounts
from tests.fakes.account_api import FakeAccountApi
from tests.fakes.account_security import FACTOR_CODE, MAIL_CODE

NEW = "new@example.com"


async def begin(app: Harness, email: str = NEW, password: str = PASSWORD) -> None:
    await app.click("Change e-mail")
    await app.type(email, label="New e-mail")
    await app.type(password, label="Password")
    await app.click("Send a code")


async def test_the_code_from_the_mail_changes_the_address(app: Harness, api: FakeAccountApi) -> None:
    await open_settings(app)
    await begin(app)
    await app.shows(f"Type the code from the mail to {NEW}.")
    assert "ada@example.com" in app.texts()
    await app.type("12345", label="Code from the mail")
    await app.click("Change e-mail")
    assert app.field("Code from the mail").error == "Type the 6 digits from the mail."
    await app.type("000000", label="Code from the mail")
    await app.click("Change e-mail")
    assert "This code is not right" in str(app.field("Code from the mail").error)
    await app.type(f"{MAIL_CODE[:3]} {MAIL_CODE[3:]}", label="Code from the mail")
    await app.click("Change e-mail")
    await app.until(lambda: NEW in app.texts() and "ada@example.com" not in app.texts())
    assert [each.content for each in app.all(ft.SnackBar)] == ["Your e-mail is changed."]
    assert (await api.me()).email == NEW


async def test_what_is_missing_or_wrong_is_said_at_its_field(app: Harness, api: FakeAccountApi) -> None:
    await open_settings(app)
    await app.click("Change e-mail")
    await app.click("Send a code")
    assert app.field("New e-mail").error == "Enter an e-mail address such as name@example.com."
    assert app.field("Password").error == "Enter your password."
    assert api.count("begin_email_change") == 0
    await app.type(NEW, label="New e-mail")
    await app.type("nonsense", label="Password")
    await app.click("Send a code")
    assert app.field("Password").error == "This is not your password."
    await app.click("Cancel")
    await app.until(lambda: not app.all(ft.TextField, label="New e-mail"))


async def test_a_change_that_waits_is_there_again_after_a_reload() -> None:
    api = two_accounts()
    async with app_of(api) as app:
        await open_settings(app)
        await begin(app)
        await app.shows("Type the code from the mail to")
    async with app_of(api) as app:
        await open_settings(app)
        await app.shows(f"Type the code from the mail to {NEW}.")


async def test_another_address_can_be_used_or_the_old_one_kept(app: Harness, api: FakeAccountApi) -> None:
    await open_settings(app)
    await begin(app)
    await app.click("Send again, or use another e-mail")
    await app.until(lambda: app.all(ft.TextField, label="New e-mail"))
    assert app.field("New e-mail").value == NEW
    assert (await api.email_change()).email is None
    await app.type(PASSWORD, label="Password")
    await app.click("Send a code")
    await app.shows("Type the code from the mail to")
    await app.click("Keep the old one")
    await app.until(lambda: not app.all(ft.TextField, label="Code from the mail"))
    assert (await api.email_change()).email is None


async def test_a_second_factor_is_asked_for_once_the_password_is_right(app: Harness, api: FakeAccountApi) -> None:
    await open_settings(app)
    api.turn_factor_on("ada@example.com")
    await begin(app)
    await app.until(lambda: app.all(ft.TextField, label="Code"))
    await app.click("Send a code")
    assert app.field("Code").error == "Type the code from your authenticator app, or a recovery code."
    await app.type(FACTOR_CODE, label="Code")
    await app.click("Send a code")
    await app.shows("Type the code from the mail to")
