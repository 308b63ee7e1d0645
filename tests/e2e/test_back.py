"""The browser's Back in the web app leads back, also after the arrow on a page."""

from collections.abc import Callable

import pytest

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
