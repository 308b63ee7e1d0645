"""What people do with their account: its devices, its e-mail, its password, its mails, its second factor, its end."""

import re
import secrets
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from playwright.sync_api import ViewportSize, expect

from tests.e2e.driving import COMPUTER, THEMES, Person
from tests.e2e.inbox import code_for, mail_with
from tests.stage.product import Product

pytestmark = pytest.mark.timeout(600)  # whole journeys on a busy machine; each step has its own limit

FIRST, SECOND, THIRD = "a long enough password", "another long password", "the third long password"
WHOLE: dict[str, Any] = {**COMPUTER, "viewport": ViewportSize(width=1280, height=3000)}
"""High enough for all of the settings: Flutter tells screen readers only of what is near the screen."""
SIZES = {"wide": WHOLE["viewport"], "narrow": ViewportSize(width=390, height=3400)}

MakePerson = Callable[..., Person]


@pytest.fixture
def account(person: MakePerson, rendezvous: Product) -> tuple[Person, str]:
    """Somebody new at the account's page, and their e-mail."""
    someone = person("Rosa", device=WHOLE)
    return someone, signed_up(someone, rendezvous.app_of("user"), "I book sessions")


def signed_up(person: Person, url: str, role: str) -> str:
    email = f"{secrets.token_hex(6)}@example.com"
    person.open(url, "Sign in")
    person.press("Create an account")
    person.page.get_by_role("radio", name=re.compile(role)).first.click()
    person.enter("Name", "Rosa Okoye")
    person.enter("E-mail", email)
    person.enter("Password", FIRST)
    person.press("Create account")
    person.go("Account") if role == "I book sessions" else person.press("Settings")
    person.sees("Change password")
    return email


def sign_in(person: Person, url: str, email: str, password: str) -> None:
    person.open(url, "Sign in")
    person.enter("E-mail", email)
    person.enter("Password", password)
    person.press("Sign in")


def look(person: Person, name: str) -> None:
    """Pictures of the whole page: the two widths, light and dark."""
    for size, viewport in SIZES.items():
        for theme in THEMES:
            person.page.set_viewport_size(viewport)
            person.page.emulate_media(color_scheme=theme)
            person.picture_now(f"{name}-{size}-{theme}")
    person.page.set_viewport_size(WHOLE["viewport"])
    person.page.emulate_media(color_scheme="light")


def test_a_device_that_is_signed_out_from_another_has_to_sign_in_again(
    rendezvous: Product, person: MakePerson, account: tuple[Person, str]
) -> None:
    rosa, email = account
    rosa.sees("This device")
    laptop = person("Laptop", device=WHOLE)
    sign_in(laptop, rendezvous.app_of("user"), email, FIRST)
    laptop.go("Account")
    laptop.sees("This device")
    rosa.button("End").wait_for(timeout=60_000)  # looked for every 30 s
    look(rosa, "account-devices")
    rosa.press_until("End", "End this sign-in?")
    rosa.press("End it")
    rosa.sees("You are signed in here alone.")
    laptop.page.reload()
    laptop.read_screen("Good to see you.")


def test_a_new_email_is_the_accounts_once_its_code_is_typed_and_a_forgotten_password_leads_back_in(
    rendezvous: Product, account: tuple[Person, str]
) -> None:
    rosa, old = account
    new = f"{secrets.token_hex(6)}@example.com"
    rosa.press("Change e-mail")
    rosa.enter("New e-mail", new)
    rosa.enter("Password", FIRST, exact=True)
    rosa.press("Send a code")
    rosa.sees(f"Type the code from the mail to {new}.")
    rosa.go("Find")
    rosa.go("Account")
    rosa.sees(f"Type the code from the mail to {new}.")  # still waited for
    look(rosa, "account-new-email")
    rosa.enter("Code from the mail", code_for(rendezvous.backend_url, new, "code for a new e-mail"))
    rosa.press("Change e-mail")
    rosa.sees("Your e-mail is changed.")
    assert "was changed" in mail_with(rendezvous.backend_url, old, "was changed")

    rosa.press("Sign out")
    rosa.press("Sign out")  # asked once
    rosa.press("Forgot password?")
    rosa.enter("E-mail", new)
    rosa.press("Send a code")
    rosa.sees(f"If {new} has an account")
    rosa.picture_now("forgotten-code")
    rosa.enter("Code", code_for(rendezvous.backend_url, new, "code for a new password"))
    rosa.enter("New password", SECOND)
    rosa.press("Set the new password")
    rosa.go("Account")
    rosa.sees(new)


def test_a_mail_can_be_switched_off_in_the_settings_and_by_a_click_in_the_mail(
    rendezvous: Product, person: MakePerson, account: tuple[Person, str]
) -> None:
    rosa, email = account
    day_before = rosa.page.get_by_role("switch", name="A day before a session")
    day_before.click()
    expect(day_before).not_to_be_checked()
    laptop = person("Laptop", device=WHOLE)
    sign_in(laptop, rendezvous.app_of("user"), email, FIRST)
    laptop.sees("Find")
    mail = mail_with(rendezvous.backend_url, email, "Somebody signed in")
    (off,) = set(re.findall(r"https?://[^\s\"<]+/mail/off[^\s\"<]*", mail))
    page = laptop.context.new_page()
    page.goto(off.replace("&amp;", "&"))
    page.get_by_role("button").first.click()
    page.get_by_text("Switched off").first.wait_for()
    laptop.picture_of(page, "mails-off")
    page.close()
    expect(rosa.page.get_by_role("switch", name="Somebody signs in")).not_to_be_checked(timeout=60_000)  # every 30 s
    expect(rosa.page.get_by_role("switch", name="A day before a session")).not_to_be_checked()
    expect(rosa.page.get_by_role("switch", name="15 minutes before")).to_be_checked()


def test_an_account_is_deleted_after_saying_what_happens_and_nobody_signs_in_to_it_again(
    rendezvous: Product, account: tuple[Person, str]
) -> None:
    rosa, email = account
    rosa.press("Delete account")
    rosa.sees("Delete your account?")
    look(rosa, "account-delete")
    rosa.enter("Your password", "not my password at all")
    rosa.press("Delete my account")
    rosa.sees("password")
    rosa.enter("Your password", FIRST)
    rosa.press("Delete my account")
    rosa.sees("Sign in")
    sign_in(rosa, rendezvous.app_of("user"), email, FIRST)
    rosa.sees("E-mail or password")


def test_a_second_factor_is_asked_for_at_the_next_sign_in(rendezvous: Product, person: MakePerson) -> None:
    vera = person("Vera", device=WHOLE)
    url = rendezvous.app_of("professional")
    email = signed_up(vera, url, "I offer sessions")
    vera.press("Set up")
    vera.enter("Password", FIRST, exact=True)
    vera.press("Continue")
    vera.sees("Scan this code with your authenticator app")
    look(vera, "second-factor-scan")
    key = vera.page.get_by_text(re.compile(r"^([A-Z2-7]{4} ?){8}$")).first.inner_text().replace(" ", "")
    vera.enter("Code", pyotp.TOTP(key).now())
    vera.press("Turn on")
    vera.sees("each of these recovery codes lets you in once")
    look(vera, "second-factor-codes")
    recovery = vera.page.get_by_text(re.compile(r"^[a-z0-9]{4}(-[a-z0-9]{4}){3}")).first.inner_text().split()[0]
    vera.press("I have kept them")
    laptop = person("Laptop", device=WHOLE)
    sign_in(laptop, url, email, FIRST)
    laptop.sees("Type the code from your authenticator app")
    laptop.picture_now("sign-in-second-factor")
    laptop.enter("Code", "000000")
    laptop.press("Sign in")
    laptop.sees("code is not right")
    laptop.enter("Code", recovery)
    laptop.press("Sign in")
    laptop.sees("set up payouts, then")
