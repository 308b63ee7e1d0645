"""What people and their banks do in a journey, and what is seen of it."""

from typing import Any

import httpx
from sqlalchemy import func, select

from backend.kit.database import Database
from backend.payments.tables import PaymentRow, RefundRow
from tests.backend.bookings.acting import seen
from tests.backend.stage import Person
from tests.fakes.stripe_disputes import open_dispute
from tests.fakes.stripe_ledger import GOOD_CARD
from tests.fakes.stripe_refunds import give_refund
from tests.fakes.stripe_server import StripeServer

PRICE = 4500


def pay(booking: dict[str, Any], card: str = GOOD_CARD) -> httpx.Response:
    """Types a card into Stripe's page."""
    return httpx.post(booking["checkout_url"], data={"card_number": card}, timeout=60)


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


def by_hand(webhooks: StripeServer, payment: str, amount: int = 0, *, reverses: bool = True) -> dict[str, Any]:
    """Somebody in the dashboard gives back so much, or all that is left, and ticks the boxes beside it."""
    wanted = {"payment_intent": payment} | ({"amount": str(amount)} if amount else {})
    boxes = {"reverse_transfer": "true", "refund_application_fee": "true"} if reverses else {}
    return give_refund(webhooks.ledger, wanted | boxes)


def disputed(webhooks: StripeServer, payment: str) -> str:
    """The payer's bank takes everything."""
    reference = str(open_dispute(webhooks.ledger, payment)["id"])
    webhooks.webhooks.deliver()
    return reference


def account(webhooks: StripeServer) -> int:
    """What the professional has at Stripe."""
    return next(amount for name, amount in webhooks.ledger.balances.items() if name.startswith("acct_"))


def earnings(professional: Person) -> dict[str, str]:
    shown = professional.get("/professional/earnings").json()
    return {name: shown[name] for name in ("upcoming", "paid", "refunded", "fees")}


def refunds(database: Database) -> list[tuple[str, str, int]]:
    with database.read() as session:
        rows = session.scalars(select(RefundRow).order_by(RefundRow.attempt))
        return [(row.source, row.status, row.amount_minor) for row in rows]
