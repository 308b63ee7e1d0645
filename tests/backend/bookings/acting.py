"""What people do with sessions in tests, over HTTP."""

from typing import Any
from urllib.parse import urlsplit

from httpx import Response

from backend.bookings.service.money.sending_refunds import send_refund
from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.payments.ports import PaymentGateway, PaymentGatewayUnavailable
from backend.payments.repository import due_refunds
from backend.worker import Worker
from tests.backend.stage import MovableClock, Person

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


def send_refunds(database: Database, gateway: PaymentGateway, now: Clock) -> None:
    """One round of the worker's: every refund that is due; what one of them raises is raised at the end."""
    with database.read() as session:
        due = due_refunds(session, gateway.name, now())
    failures = []
    for booking_id, attempt in due:
        try:
            send_refund(database, gateway, booking_id, attempt, now)
        except PaymentGatewayUnavailable as error:
            failures.append(error)
    if failures:
        raise failures[0]


def live_through(worker: Worker, clock: MovableClock, *, minutes: int) -> None:
    """So many minutes as the worker lives them: it looks into the rooms as often as in production. Of its other tasks,
    which would take nine tenths of the test's time, each has a round every five minutes and one at the end.
    """
    for look in range(minutes * 4):
        if look % 20 == 0:
            worker.run_once()
        else:
            worker.run("look into rooms")
        clock.move(seconds=15)
    worker.run_once()
