"""Bookings and holds of the fake backend, some time from now."""

from datetime import timedelta

from tests.fakes.api import NOW, FakeApi
from tests.fakes.instants import wire_time

HOUR = timedelta(hours=1)


def book(api: FakeApi, starts_in: timedelta, **fields: object) -> str:
    """A session that begins `starts_in` from now; answers its id."""
    number = len(api.bookings) + 1
    api.add_slot(f"slot-{number}", NOW + starts_in)
    api.add_booking(f"booking-{number}", f"slot-{number}", **fields)
    return f"booking-{number}"


def book_hold(api: FakeApi, starts_in: timedelta = 5 * HOUR) -> str:
    end = wire_time(api.now + timedelta(minutes=10))
    fields = {"status": "held", "payment_status": "pending", "hold_expires_at": end, "checkout_url": "http://pay.test"}
    return book(api, starts_in, **fields)
