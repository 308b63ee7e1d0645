"""The screens and states that the two journeys do not pass, looked at once each."""

import re
from collections.abc import Callable

import pytest

from tests.e2e.driving import NARROW, WIDE, Person
from tests.stage.product import Product
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(400)  # many pictures on a busy machine; each step has its own limit


def test_a_reloaded_tab_stays_signed_in_on_the_same_screen(
    rendezvous: Product, person: Callable[[str], Person]
) -> None:
    nora = person("Nora")
    nora.open(rendezvous.app_of("professional"), "Sign in")
    nora.picture("sign-in")
    nora.press("Sign in as Nora")
    nora.go("Availability")
    nora.sees("Add a time on")
    nora.page.reload()
    nora.read_screen("Add a time on")


def test_another_tab_is_not_signed_in_by_the_first(rendezvous: Product, person: Callable[[str], Person]) -> None:
    nora = person("Nora")
    nora.open(rendezvous.app_of("professional"), "Sign in")
    nora.press("Sign in as Nora")
    nora.sees("Next session")
    nora.page = nora.context.new_page()
    nora.open(rendezvous.app_of("professional"), "Sign in as Nora")


def test_the_professionals_other_screens(rendezvous: Product, person: Callable[[str], Person]) -> None:
    nora = person("Nora")
    nora.open(rendezvous.app_of("professional"), "Sign in")
    nora.press("Sign in as Nora")
    nora.sees("Next session")
    nora.resize(NARROW)
    nora.resize(WIDE)
    nora.picture("upcoming-demo")
    nora.press("Past")
    nora.sees_no("Next session")
    nora.picture("upcoming-past")
    nora.go("Earnings")
    nora.sees("You can be paid")
    nora.sees("Week by week")
    nora.picture("earnings-demo")
    nora.press("Settings")
    nora.sees("Change password")
    nora.picture("settings")
    nora.open(rendezvous.app_of("professional") + "/nowhere", "Page not found")
    nora.picture("no-such-page")


def test_the_users_other_screens(rendezvous: Product, person: Callable[[str], Person]) -> None:
    sam = person("Sam")
    sam.open(rendezvous.app_of("user"), "Sign in")
    sam.press("Sign in as Sam")
    sam.sees("Amara Diallo")
    sam.picture("find-demo")
    sam.press("Amara Diallo", exact=False)
    sam.sees("Calm, clear yoga")
    sam.sees("Full refund if Amara Diallo cancels or doesn't show up")
    sam.page.get_by_role("button", name=re.compile(r"\d free")).first.click()
    sam.button(" to ", exact=False).wait_for()
    sam.picture("microsite-demo")
    sam.press("Back")
    sam.enter("Search", "nobody is called this")
    sam.sees("No one matches")
    sam.picture("find-nobody")
    sam.go("Account")
    sam.sees("Change password")
    sam.picture("account")


def test_a_missing_camera_is_said_and_joining_stays_possible(
    rendezvous: Product, person: Callable[[str], Person], another_app: Callable[..., str]
) -> None:
    nora = person("Nora")
    nora.open(another_app(RENDEZVOUS_CAMERA="/nowhere/camera.avi"), "Sign in")
    nora.press("Sign in as Nora")
    nora.press("Start")
    nora.sees("Try camera again")
    nora.picture("before-call-no-camera")
    assert nora.button("Join").is_enabled()


def test_an_unreachable_backend_is_said_on_the_first_screen(
    person: Callable[[str], Person], another_app: Callable[..., str]
) -> None:
    someone = person("someone")
    someone.open(another_app(RENDEZVOUS_API_URL="http://127.0.0.1:9"), "cannot be reached")
    someone.picture("sign-in-offline")


def test_what_is_typed_first_after_a_screen_reader_was_turned_on_is_heard(
    rendezvous: Product, person: Callable[[str], Person]
) -> None:
    for number in range(2):  # it depended on the moment
        guest = person(f"Guest {number}")
        guest.open(rendezvous.app_of("user"), "Look around")
        guest.enter("E-mail", "nobody@example.com")
        guest.press("Sign in")
        guest.sees("Enter your password.")
        guest.sees_no("Enter an e-mail address")


def test_somebody_who_guesses_a_password_is_told_that_it_was_too_often_and_when_to_try_again(
    rendezvous: Product, person: Callable[[str], Person]
) -> None:
    """Ten wrong passwords for one address from one line; nobody has this one, so that nobody else is kept out."""
    guest = person("Guest")
    guest.open(rendezvous.app_of("user"), "Sign in")
    guest.enter("E-mail", "nobody@example.com")
    guest.enter("Password", "not this one")

    def is_refused() -> bool:
        if guest.button("Sign in").is_enabled():
            guest.press("Sign in")
        return guest.page.get_by_text("Too many attempts.").count() > 0

    eventually(is_refused, "the limit is reached and said", limit_s=200, every_s=0.3)
    guest.picture("too-many-attempts")
