"""The two journeys of the mission in one: hours published, found, paid, booked, and both in the room."""

import datetime as dt
import re
import secrets
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.e2e.driving import Person
from tests.e2e.inbox import confirm_email
from tests.stage.product import Product

pytestmark = pytest.mark.timeout(900)  # a whole journey on a busy machine; each step has its own limit

ZONES = ("Pacific/Honolulu", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Asia/Tokyo", "Pacific/Auckland")
ROOM_CLOSES_MS = 150_000
SURNAMES = ("Berg", "Stein", "Linden", "Wald", "Feld", "Brunn", "Hof", "Thal")


def zone_where_it_is_day(now: dt.datetime) -> str:
    """A zone far from midnight, so that a session that begins in ten minutes is still today."""
    return min(ZONES, key=lambda zone: abs(now.astimezone(ZoneInfo(zone)).hour - 13))


def sign_up(person: Person, url: str, name: str, role: str) -> str:
    """Returns the new account's e-mail."""
    email = f"{secrets.token_hex(6)}@example.com"
    person.open(url, "Sign in")
    person.press("Create an account")
    person.sees("How will you use Rendezvous?")
    person.picture("sign-up")
    person.page.get_by_role("radio", name=re.compile(role)).first.click()
    person.enter("Name", name)
    person.enter("E-mail", email)
    person.enter("Password", "a long enough password")
    person.press("Create account")
    return email


def set_up_payouts(person: Person) -> None:
    """What comes first, found from the first screen; on the provider's page, in a tab of its own."""
    person.sees("set up payouts, then")
    person.picture("upcoming-empty")
    person.go("Availability")
    person.sees("Set up your payouts first.")
    assert not person.button("Add").is_enabled()
    person.picture("availability-not-onboarded")
    person.go("Upcoming")
    person.sees("set up payouts, then")
    person.press("Set up payouts")
    person.sees("First, set up payouts")
    person.picture("earnings-not-onboarded")
    with person.context.expect_page() as opened:
        person.press("Set up payouts")
    onboarding = opened.value
    onboarding.get_by_role("button", name="Finish test onboarding").wait_for()
    person.picture_of(onboarding, "onboarding")
    person.sees("Finish on the page that opened")
    person.picture("earnings-onboarding")
    onboarding.get_by_role("button", name="Finish test onboarding").click()
    onboarding.get_by_text("Your payouts are set up.").wait_for()
    person.picture_of(onboarding, "onboarded")
    onboarding.close()
    person.sees("All set.")
    person.picture("earnings-onboarded")


def publish_an_hour(person: Person, backend_url: str, email: str, start: str, end: str) -> None:
    """SessionSettings, without the mouse after the first click; before the first hour the e-mail is confirmed."""
    person.go("Availability")
    person.sees("Add a time on")
    person.picture("availability-empty")
    person.enter("Start", start)
    person.page.keyboard.press("Enter")
    person.enter("End", end)
    person.page.keyboard.press("Enter")
    person.enter("Price", "45")
    person.page.keyboard.press("Enter")
    person.sees("Confirm your e-mail")
    person.picture("availability-confirm-email")
    confirm_email(person, backend_url, email, "add the time")
    person.sees(f"{start}–{end}")
    person.picture("availability")


def describe_oneself(person: Person, headline: str) -> None:
    person.go("Profile")
    person.enter("Headline", headline)
    person.page.get_by_role("radio", name="Flexible").first.click()
    person.sees("Users see: “Free cancellation until 2 h before the start")
    person.picture("profile-policy")
    person.press("Save")
    person.sees("Saved")
    person.picture("profile")


def book_and_pay(person: Person, backend_url: str, email: str, professional: str, start: str) -> None:
    """Browse, PublicMicrositePTView, the code from the mail, the payment page in a tab of its own, the confirmation."""
    person.sees("Find")
    person.picture("find")
    person.enter("Search", professional)
    person.press(f"{professional}", exact=False)
    person.button(f"{start} to", exact=False).click()
    person.sees("Free cancellation until 2 h before the start")
    person.picture("microsite")
    person.press(f"Book {start}, $45.00")
    person.sees("Confirm your e-mail")
    person.picture("microsite-confirm-email")
    confirm_email(person, backend_url, email, "book")
    person.sees("Back out")
    person.picture("microsite-held")
    with person.context.expect_page() as opened:
        person.press("Pay $45.00")
    checkout = opened.value
    checkout.get_by_label("Card number").wait_for()
    person.picture_of(checkout, "checkout")
    checkout.get_by_role("button", name="Pay $45.00").click()
    checkout.get_by_text("You can go back to Rendezvous").wait_for()
    checkout.close()
    person.sees("Booked and paid")
    person.picture("microsite-booked")
    person.press("Go to my sessions")


def look_at_earnings(person: Person, gets: str) -> None:
    """The session that was just paid, after the fee: in the sums and in its week; nothing is paid out before it."""
    person.go("Earnings")
    person.sees(f"Upcoming: {gets}, paid out after the session")
    person.sees(f"1 session · Upcoming {gets}")
    person.picture("earnings")
    person.press("See your payouts")
    with person.context.expect_page() as opened:
        person.press("Open your payouts")
    payouts = opened.value
    payouts.get_by_text("Your payouts are set up.").wait_for()
    expect(payouts.get_by_text("$0.00").first).to_be_visible()
    person.picture_of(payouts, "payouts")
    payouts.close()


def meet(professional: Person, user: Person, pro_name: str, user_name: str) -> None:
    """Start and Join on both sides, until each sees the other moving."""
    professional.press("Start")
    professional.sees(f"{user_name} is not here yet")
    professional.sees("Video of yourself, live")
    professional.picture("before-call")
    professional.press("Join")
    professional.sees(f"Waiting for {user_name}")
    professional.picture("call-waiting")
    user.press("Start")
    user.sees(f"{pro_name} is already here")
    user.press("Join")
    user.sees(f"Video of {pro_name}, live")
    professional.sees(f"Video of {user_name}, live")
    user.picture("call")


def use_the_controls(professional: Person, user: Person, user_name: str) -> None:
    """Camera off and on, by the button; the microphone by its key."""
    user.press("Turn camera off")
    professional.sees("Camera is off")
    professional.picture("call-camera-off")
    user.press("Turn camera on")
    professional.sees(f"Video of {user_name}, live")
    user.page.keyboard.press("m")  # the second app starts muted
    expect(user.button("Mute microphone")).to_be_attached()


def part(professional: Person, user: Person, user_name: str) -> None:
    """One ends the call, the other is told, and is one step from the list."""
    user.press("End call")
    user.sees("You were together for")
    user.picture("after-call")
    professional.sees(f"{user_name} has left")
    professional.press("End call")
    professional.press("Back to Upcoming")
    professional.sees(user_name)


def run_out_of_time(product: Product, professional: Person, user: Person, user_name: str) -> None:
    """Both come back for the last minutes, which are counted down; then the room closes."""
    path = "/session/" + user.page.url.split("/session/")[1]
    user.press("Back to My sessions")
    user.sees("Start")
    product.let_room_close_in(path.removeprefix("/session/"), dt.timedelta(seconds=75))
    for person, role in ((professional, "professional"), (user, "user")):
        person.open(product.app_of(role) + path, "Join")
        person.press("Join")
    professional.sees(f"Video of {user_name}, live")
    professional.sees("The room closes in")
    professional.picture("call-closing")
    for person in (professional, user):
        person.sees("Session over", ROOM_CLOSES_MS)
    user.picture("after-call-over")


def test_from_signing_up_to_a_finished_call(rendezvous: Product, person: Callable[[str, str], Person]) -> None:
    zone = zone_where_it_is_day(dt.datetime.now(dt.UTC))
    starts = dt.datetime.now(ZoneInfo(zone)) + dt.timedelta(minutes=10)
    start, end = f"{starts:%H:%M}", f"{starts + dt.timedelta(minutes=45):%H:%M}"
    pro_name, user_name = f"Vera {secrets.choice(SURNAMES)}{secrets.choice(SURNAMES).lower()}", "Toni Okello"
    professional, user = person("professional", zone), person("user", zone)

    pro_email = sign_up(professional, rendezvous.app_of("professional"), pro_name, "I offer sessions")
    set_up_payouts(professional)
    describe_oneself(professional, "Strength for people who sit")
    publish_an_hour(professional, rendezvous.backend_url, pro_email, start, end)

    user_email = sign_up(user, rendezvous.app_of("user"), user_name, "I book sessions")
    book_and_pay(user, rendezvous.backend_url, user_email, pro_name, start)
    user.sees("Paid")
    user.picture("my-sessions")
    look_at_earnings(professional, "$40.50")
    professional.go("Upcoming")
    professional.sees(user_name)
    professional.picture("upcoming")

    meet(professional, user, pro_name, user_name)
    use_the_controls(professional, user, user_name)
    part(professional, user, user_name)
    run_out_of_time(rendezvous, professional, user, user_name)
