"""On a phone: the browser's Back leads back, also after the arrow on a page; a finger that pulls refreshes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.driving import PHONE, Person
from tests.stage.product import Product

pytestmark = pytest.mark.timeout(200)


def path(person: Person) -> str:
    return str(person.page.evaluate("location.pathname"))


def test_back_after_the_arrow_does_not_lead_forward(rendezvous: Product, person: Callable[..., Person]) -> None:
    sam = person("Sam", device=PHONE)
    sam.open(rendezvous.app_of("user"), "Sign in")
    sam.press("Sign in as Sam")
    sam.sees("Amara Diallo")
    for tab, there in ((1, "Upcoming"), (2, "Change password"), (0, "Amara Diallo")):
        sam.page.get_by_role("tab").nth(tab).click()
        sam.sees(there)
    sam.press("Amara Diallo", exact=False)
    sam.sees("Calm, clear yoga")
    sam.press("Back")
    sam.sees("Elias Brandt")
    sam.page.go_back()
    sam.sees("Change password")
    assert path(sam) == "/account"
    sam.page.go_forward()
    sam.sees("Elias Brandt")
    sam.page.go_forward()
    sam.sees("Full refund if Amara Diallo cancels")
    sam.page.go_back()
    sam.sees("Elias Brandt")
    assert path(sam) == "/find"


def test_pulling_a_list_down_with_a_finger_refreshes_it(rendezvous: Product, person: Callable[..., Person]) -> None:
    """On a list that is shorter than the screen, and on one that is longer."""
    sam = person("Sam", device=PHONE)
    sam.open(rendezvous.app_of("user"), "Sign in")
    sam.press("Sign in as Sam")
    sam.sees("Amara Diallo")
    pull(sam)
    sam.page.get_by_role("tab").nth(1).click()
    sam.sees("Past")
    pull(sam)


def pull(sam: Person) -> None:
    """A finger goes down the list, waits there until the ring is seen, and lets go."""
    finger = sam.context.new_cdp_session(sam.page)

    def touch(kind: str, *points: dict[str, float]) -> None:
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    touch("touchStart", {"x": 195.0, "y": 330.0})
    for step in range(1, 16):
        touch("touchMove", {"x": 195.0, "y": 330.0 + 20.0 * step})
        sam.page.wait_for_timeout(30)
    ring = sam.page.get_by_label("Pull to refresh").or_(sam.page.get_by_label("Refreshing")).first
    expect(ring).to_be_attached()
    touch("touchEnd")
    expect(ring).to_have_count(0)
