"""Bookings and slots as the backend would answer them, for tests of the lists."""

from datetime import UTC, datetime, timedelta
from typing import Any

from app.api.models import Booking, ProfessionalParty, UserParty

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)  # a Tuesday; 13:00 in Berlin


def booking(starts_at: datetime = NOON, minutes: int = 60, **changes: Any) -> Booking:
    """A confirmed, paid session of Maya (professional, Berlin) and Tom; `changes` replace fields."""
    ends_at = starts_at + timedelta(minutes=minutes)
    known: dict[str, Any] = {
        "id": f"booking-{starts_at:%d%H%M}",
        "status": "confirmed",
        "payment_status": "paid",
        "starts_at": starts_at,
        "ends_at": ends_at,
        "time_zone": "Europe/Berlin",
        "price_minor": 4500,
        "professional": ProfessionalParty(
            id="maya", name="Maya Lindt", headline="Strength for runners", time_zone="Europe/Berlin"
        ),
        "user": UserParty(id="tom", name="Tom Okafor"),
        "slot_id": f"slot-{starts_at:%d%H%M}",
        "join_opens_at": starts_at - timedelta(minutes=15),
        "join_closes_at": ends_at + timedelta(minutes=15),
        "created_at": NOON - timedelta(days=2),
    }
    return Booking(**(known | changes))


def hold(starts_at: datetime = NOON, now: datetime = NOON, **changes: Any) -> Booking:
    """A time held for ten minutes from `now` and not paid yet."""
    known: dict[str, Any] = {
        "status": "held",
        "payment_status": "pending",
        "hold_expires_at": now + timedelta(minutes=10),
        "checkout_url": "http://127.0.0.1:1/sandbox/checkout/x",
    }
    return booking(starts_at, **(known | changes))
