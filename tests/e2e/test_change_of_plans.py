"""Plans change: a user moves a paid session and cancels it, a professional cancels another; both lists tell of it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator

from tests.e2e.driving import Person
from tests.stage.product import Product

pytestmark = pytest.mark.timeout(600)  # a whole journey on a busy machine; each step has its own limit

NORA, SAM = "Nora Lindqvist", "Sam Okafor"
FREE_DAY = re.compile(r"[1-9]\d* free")
FREE_TIME = re.compile(r"^\d\d:\d\d to \d\d:\d\d, \$")


def buttons(person: Person, name: re.Pattern[str]) -> Locator:
    """Every button whose accessible name matches."""
    return person.page.get_by_role("button", name=name)


def choose_last_free_day(person: Person) -> None:
    """Of the month shown; its times are there once it says that it is selected."""
    buttons(person, FREE_DAY).first.wait_for()
    last = buttons(person, FREE_DAY).last
    date = re.search(r"\d+ [A-Z][a-z]+", last.get_attribute("aria-label") or last.inner_text())
    assert date is not None
    last.click()
    buttons(person, re.compile(rf"\b{date[0]},.* selected$")).first.wait_for()


def book_nora(sam: Person, rendezvous: Product) -> None:
    """Sam books and pays a time of Nora's last free day of the month shown: far enough for everything to come back."""
    sam.open(rendezvous.app_of("user"), "Sign in")
    sam.press("Sign in as Sam")
    sam.enter("Search", NORA)
    sam.press(f"{NORA},", exact=False)
    sam.sees("Free cancellation until")
    choose_last_free_day(sam)
    buttons(sam, FREE_TIME).first.click()
    sam.picture("microsite-policy")
    sam.press("Book ", exact=False)
    sam.sees("Back out")
    sam.sees("Free cancellation until")
    sam.picture("microsite-held-policy")
    with sam.context.expect_page() as opened:
        buttons(sam, re.compile(r"^Pay \$")).first.click()
    checkout = opened.value
    checkout.get_by_label("Card number").wait_for()
    checkout.get_by_role("button", name=re.compile(r"^Pay \$")).click()
    checkout.get_by_text("You can go back to Rendezvous").wait_for()
    checkout.close()
    sam.sees("Booked and paid")
    sam.picture("microsite-booked-policy")
    sam.press("Go to my sessions")


def open_details(person: Person, other: str) -> None:
    """The row of the session that is not the next one; its button is named by all that it shows."""
    buttons(person, re.compile(rf"^{other}, \d\d:\d\d to .*Confirmed, Paid.*details$")).first.click()
    person.sees("If it is cancelled")


def test_a_user_moves_a_paid_session_and_cancels_it_with_the_refund_shown_first(
    rendezvous: Product, person: Callable[[str], Person]
) -> None:
    sam, nora = person("Sam"), person("Nora")
    book_nora(sam, rendezvous)
    open_details(sam, NORA)
    sam.picture("session-details")

    sam.press("Move to another time")
    sam.sees("stay with the session")
    buttons(sam, FREE_TIME).first.wait_for()
    sam.picture("session-move")
    buttons(sam, FREE_TIME).last.click()
    sam.sees("Keep the old time")
    buttons(sam, re.compile(r"^Move to .*\d\d:\d\d$")).first.wait_for()
    sam.picture("session-move-chosen")
    buttons(sam, re.compile(r"^Move to .*\d\d:\d\d$")).first.click()
    sam.sees("Moved from")
    sam.picture("session-moved")

    nora.open(rendezvous.app_of("professional"), "Sign in")
    nora.press("Sign in as Nora")
    nora.sees("Moved from")
    nora.picture("upcoming-moved")

    sam.press("Cancel session")
    sam.sees("You get a full refund")
    sam.picture("session-cancel")
    sam.press("Cancel and get ", exact=False)
    sam.sees("You cancelled.")
    sam.sees("went back to you")
    sam.picture("session-refunded")
    sam.press("Close")
    sam.press("Past")
    sam.sees("went back to you")
    sam.picture("my-sessions-refunded")
    nora.press("Past")
    nora.sees(f"{SAM} cancelled.")
    nora.sees(f"went back to {SAM}")


def test_a_professional_cancels_and_both_lists_show_that_everything_comes_back(
    rendezvous: Product, person: Callable[[str], Person]
) -> None:
    sam, nora = person("Sam"), person("Nora")
    book_nora(sam, rendezvous)
    nora.open(rendezvous.app_of("professional"), "Sign in")
    nora.press("Sign in as Nora")
    open_details(nora, SAM)
    nora.picture("session-details-professional")
    nora.press("Cancel session")
    nora.sees(f"{SAM} gets a full refund")
    nora.picture("session-cancel-professional")
    nora.press("Cancel and refund ", exact=False)
    nora.sees(f"went back to {SAM}")
    nora.press("Close")
    nora.press("Past")
    nora.sees("You cancelled.")
    nora.picture("upcoming-cancelled")
    sam.press("Past")
    sam.sees(f"{NORA} cancelled.")
    sam.sees("went back to you")
