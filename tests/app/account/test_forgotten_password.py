"""A forgotten password: from the sign-in screen to being signed in with a new one."""

from tests.app.stage.harness import Harness
from tests.app.stage.whole_app import app_of, path, two_accounts
from tests.fakes.account_api import FakeAccountApi
from tests.fakes.mails import CODE


async def ask(app: Harness, email: str) -> None:
    await app.click("Forgot password?")
    await app.shows("Forgot your password?")
    await app.type(email, "E-mail")
    await app.click("Send a code")
    await app.shows(f"If {email} has an account")


async def test_the_code_and_a_new_password_sign_in(app: Harness, api: FakeAccountApi) -> None:
    await ask(app, "grace@example.com")
    await app.type(CODE, "Code")
    await app.type("a new and long one", "New password")
    await app.click("Set the new password")
    await app.until(lambda: path(app) == "/find")
    assert "reset_password grace@example.com" in api.calls


async def test_the_screen_says_the_same_of_an_address_without_an_account(app: Harness) -> None:
    await ask(app, "nobody@example.com")
    await app.type(CODE, "Code")
    await app.type("a new and long one", "New password")
    await app.click("Set the new password")
    assert "This code is not right" in str(app.field("Code").error)


async def test_what_is_missing_is_said_at_its_field(app: Harness, api: FakeAccountApi) -> None:
    await app.click("Forgot password?")
    await app.shows("Forgot your password?")
    await app.click("Send a code")
    assert app.field("E-mail").error == "Enter an e-mail address such as name@example.com."
    await app.type("grace@example.com", "E-mail")
    await app.submit("E-mail")
    await app.shows("Choose a new password")
    await app.click("Set the new password")
    assert app.field("Code").error == "Type the 6 digits from the mail."
    assert app.field("New password").error == "Use at least 8 characters."
    assert api.count("reset_password") == 0


async def test_another_address_can_be_typed_and_signing_in_is_one_step_back(app: Harness) -> None:
    await ask(app, "grace@example.com")
    await app.click("Use another e-mail")
    await app.shows("Forgot your password?")
    assert app.field("E-mail").value == "grace@example.com"
    await app.click("Back to signing in")
    await app.shows("Good to see you.")


async def test_the_page_that_was_asked_for_is_shown_afterwards() -> None:
    async with app_of(two_accounts(), route="/account") as app:
        await app.shows("Good to see you.")
        await ask(app, "grace@example.com")
        await app.type(CODE, "Code")
        await app.type("a new and long one", "New password")
        await app.click("Set the new password")
        await app.until(lambda: path(app) == "/account")
