"""Rows of single tables, and the ids by which they refer to each other."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

NOW = datetime.fromisoformat("2027-03-01T09:00:00.123456+00:00")
PRO, USER, OTHER = (UUID(int=number) for number in (1, 2, 3))
SLOT, LATER_SLOT, WITHDRAWN_SLOT = (UUID(int=number) for number in (11, 12, 13))
CONFIRMED, REFUND_DUE, HELD = (UUID(int=number) for number in (21, 22, 23))
PAYMENT, SECOND_PAYMENT, REFUND = (UUID(int=number) for number in (31, 32, 41))


def account(row_id: UUID, role: str) -> dict[str, Any]:
    return {
        "id": row_id,
        "role": role,
        "email": f"{row_id.int}@example.com",
        "name": "Åsa Öğüš",
        "sort_name": "åsa öğüš",
        "time_zone": "Europe/Berlin",
        "password_hash": "-",
        "created_at": NOW,
    }


def slot(row_id: UUID, start: int = 0, end: int = 45, **changes: Any) -> dict[str, Any]:
    """A slot from `start` to `end`, in minutes after NOW."""
    times = {"starts_at": NOW + timedelta(minutes=start), "ends_at": NOW + timedelta(minutes=end)}
    row = {"id": row_id, "professional_id": PRO, "price_minor": 4500, "created_at": NOW, "withdrawn_at": None}
    return row | times | changes


def booking(row_id: UUID, slot_id: UUID, status: str, payment_status: str) -> dict[str, Any]:
    """A booking as revision 0002 knew it."""
    return {
        "id": row_id,
        "slot_id": slot_id,
        "professional_id": PRO,
        "user_id": USER,
        "starts_at": NOW,
        "ends_at": NOW + timedelta(minutes=45),
        "time_zone": "Europe/Berlin",
        "price_minor": 4500,
        "currency": "USD",
        "status": status,
        "payment_status": payment_status,
        "hold_expires_at": NOW,
        "created_at": NOW,
        "gateway": "sandbox",
    }


def event(event_id: str, booking_id: UUID, outcome: str) -> dict[str, Any]:
    return {
        "gateway": "sandbox",
        "event_id": event_id,
        "kind": "paid",
        "booking_id": booking_id,
        "reference": f"checkout-{event_id}",
        "payment_reference": f"money-{event_id}",
        "amount_minor": 4500,
        "currency": "USD",
        "occurred_at": NOW,
        "received_at": NOW,
        "outcome": outcome,
    }


def payment(row_id: UUID, booking_id: UUID, event_id: str) -> dict[str, Any]:
    return {
        "id": row_id,
        "booking_id": booking_id,
        "gateway": "sandbox",
        "payment_reference": f"money-{event_id}",
        "amount_minor": 4500,
        "currency": "USD",
        "fee_minor": 0,
        "pays": True,
        "paid_at": NOW,
    }
