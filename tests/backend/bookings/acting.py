"""What people do with sessions in tests, over HTTP."""

from typing import Any
from urllib.parse import urlsplit

from httpx import Response

from tests.backend.stage import Person

GOOD_CARD = {"card_number": "4242 4242 4242 4242", "expiry": "12/34", "cvc": "123"}
DECLINED_CARD = {**GOOD_CARD, "card_number": "4000 0000 0000 0002"}


def book(user: Person, slot: dict[str, Any], key: str | None = None) -> Response:
    """The answer to the attempt to book."""
    headers = {"Idempotency-Key": key} if key else {}
    return user.post("/sessions/book", json={"slot_id": slot["id"]}, headers=headers)


def held(user: Person, slot: dict[str, Any]) -> dict[str, Any]:
    """A booking that waits to be paid."""
    answer = book(user, slot)
    assert answer.status_code == 201, answer.text
    booking: dict[str, Any] = answer.json()
    return booking


def checkout_path(booking: dict[str, Any]) -> str:
    """The payment page's path on the backend."""
    return urlsplit(str(booking["checkout_url"])).path


def pay(user: Person, booking: dict[str, Any], card: dict[str, str] = GOOD_CARD) -> Response:
    """Fills in the payment page; the answer is the page that follows."""
    page: Response = user.client.post(f"{checkout_path(booking)}/pay", data=card)
    return page


def confirmed(user: Person, slot: dict[str, Any]) -> dict[str, Any]:
    """A booking that is paid."""
    booking = held(user, slot)
    pay(user, booking)
    paid = seen(user, booking)
    assert paid["status"] == "confirmed", paid
    return paid


def seen(person: Person, booking: dict[str, Any]) -> dict[str, Any]:
    """The booking as it is now."""
    answer = person.get(f"/sessions/{booking['id']}")
    assert answer.status_code == 200, answer.text
    now: dict[str, Any] = answer.json()
    return now
