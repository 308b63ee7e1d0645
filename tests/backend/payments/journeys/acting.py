"""What people and their banks do in a journey, and what is seen of it."""

from typing import Any

import httpx
from sqlalchemy import func, select

from backend.kit.database import Database
from backend.payments.tables import PaymentRow, RefundRow
from tests.backend.bookings.acting import seen
from tests.backend.stage import Person
from tests.fakes.stripe_books import (
    GOOD_CARD,
)

PRICE = 4500


def pay(booking: dict[str, Any], card: str = GOOD_CARD) -> httpx.Response:
    """Types a card into Stripe's page."""
    return httpx.post(booking["checkout_url"], data={"card_number": card})


def states(person: Person, booking: dict[str, Any]) -> tuple[str, str]:
    now = seen(person, booking)
    return now["status"], now["payment_status"]


def cancel(user: Person, booking: dict[str, Any]) -> None:
    shown = user.get(f"/sessions/{booking['id']}/cancellation").json()
    answer = user.post(f"/sessions/{booking['id']}/cancel", json={"expected_refund": shown["refund"]})
    assert answer.status_code == 200, answer.text


def counted(database: Database, table: type[PaymentRow] | type[RefundRow]) -> int:
    with database.read() as session:
        return session.scalars(select(func.count()).select_from(table)).one()
