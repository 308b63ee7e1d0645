"""A second factor: signing in with it, and its section in a professional's settings."""

import flet as ft

from tests.app.stage.harness import Harness
from tests.app.stage.whole_app import PASSWORD, open_settings, path, sign_in
from tests.fakes.account_api import FakeAccountApi
from tests.fakes.account_security import FACTOR_CODE, RECOVERY, SECRET
from tests.fakes.mails import CODE as MAIL_CODE

ADA = "ada@example.com"
SENTENCE = "Type the code from your authenticator app."


async def asked(app: Harness) -> None:
    await sign_in(app, ADA)
    await app.shows(SENTENCE)


async def test_the_code_is_a_second_step_of_signing_in(app: Harness, api: FakeAccountApi) -> None:
    api.turn_factor_on(ADA)
    await asked(app)
    assert not app.all(ft.TextField, label="Password")
    await app.click("Sign in")
    assert app.field("Code").error == "Type the code from your authenticator app, or a recovery code."
    await app.type("000000", label="Code")
    await app.click("Sign in")
    assert "This code is not right" in str(app.field("Code").error)
    await app.type(FACTOR_CODE, label="Code")
    await app.submit("Code")
    await app.until(lambda: path(app) == "/upcoming")


async def test_a_recovery_code_does_it_in_the_same_field(app: Harness, api: FakeAccountApi) -> None:
    api.turn_factor_on(ADA)
    await asked(app)
    await app.type(RECOVERY[0], label="Code")
    await app.click("Sign in")
    await app.until(lambda: path(app) == "/upcoming")
    assert (await api.second_factor()).recovery_codes_left == 9


async def test_one_step_back_are_e_mail_and_password(app: Harness, api: FakeAccountApi) -> None:
    api.turn_factor_on(ADA)
    await asked(app)
    await app.click("Back to e-mail and password")
    await app.shows("Good to see you.")
    assert (app.field("E-mail").value, app.field("Password").value) == (ADA, "")
    await sign_in(app, "grace@example.com")
    await app.until(lambda: path(app) == "/find")


async def test_a_new_password_by_mail_still_asks_for_the_code(app: Harness, api: FakeAccountApi) -> None:
    api.turn_factor_on(ADA)
    await app.click("Forgot password?")
    await app.type(ADA, "E-mail")
    await app.click("Send a code")
    await app.type(MAIL_CODE, "Code")
    await app.type("a new and long one", "New password")
    await app.click("Set the new password")
    await app.shows("Your new password is set")
    await app.type("000000", "Code")
    await app.click("Sign in")
    assert "This code is not right" in str(app.field("Code").error)
    await app.type(FACTOR_CODE, "Code")
    await app.click("Sign in")
    await app.until(lambda: path(app) == "/upcoming")


async def test_it_is_set_up_by_a_first_right_code_and_shows_recovery_codes_once(
    app: Harness, api: FakeAccountApi
) -> None:
    await open_settings(app)
    await app.click("Set up")
    await app.click("Continue")
    assert app.field("Password").error == "Enter your password."
    await app.type("nonsense", label="Password")
    await app.click("Continue")
    assert app.field("Password").error == "This is not your password."
    await app.type(PASSWORD, label="Password")
    await app.click("Continue")
    await app.shows("Scan this code with your authenticator app")
    assert " ".join(SECRET[at : at + 4] for at in range(0, len(SECRET), 4)) in app.texts()
    assert app.all(ft.Image, semantics_label="QR code for your authenticator app")
    await app.type("000000", label="Code")
    await app.click("Turn on")
    assert "This code is not right" in str(app.field("Code").error)
    await app.type(FACTOR_CODE, label="Code")
    await app.click("Turn on")
    await app.shows("they are shown only now")
    assert set(RECOVERY) <= set(app.texts())
    await app.click("I have kept them")
    await app.shows("On since today. 10 recovery codes left.")
    assert not set(RECOVERY) & set(app.texts())


async def test_leaving_the_setting_up_changes_nothing(app: Harness, api: FakeAccountApi) -> None:
    await open_settings(app)
    await app.click("Set up")
    await app.type(PASSWORD, label="Password")
    await app.click("Continue")
    await app.shows("Scan this code")
    await app.click("Cancel")
    await app.until(lambda: app.is_enabled("Set up"))
    assert (await api.second_factor()).on_since is None


async def test_turning_it_off_takes_the_password_and_a_code(app: Harness, api: FakeAccountApi) -> None:
    await open_settings(app)
    api.turn_factor_on(ADA)
    await app.go("/upcoming")
    await app.go("/settings")
    await app.click("Turn off")
    await app.shows("Signing in will ask for your password alone.")
    await app.click("Turn it off")
    assert app.field("Password").error == "Enter your password."
    assert app.field("Code").error == "Type the code from your authenticator app, or a recovery code."
    await app.type(PASSWORD, label="Password")
    await app.type("000000", label="Code")
    await app.click("Turn it off")
    assert "This code is not right" in str(app.field("Code").error)
    assert (await api.second_factor()).on_since is not None
    await app.type(FACTOR_CODE, label="Code")
    await app.click("Turn it off")
    await app.until(lambda: app.is_enabled("Set up"))
    assert (await api.second_factor()).on_since is None


async def test_users_are_offered_none(app: Harness, api: FakeAccountApi) -> None:
    await sign_in(app, "grace@example.com")
    await app.until(lambda: path(app) == "/find")
    await app.go("/account")
    await app.shows("Signed-in devices")
    assert "Second factor" not in app.texts()
    assert api.count("second_factor") == 0
