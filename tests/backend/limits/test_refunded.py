"""Booking, paying and cancelling in time, again and again: the provider keeps its fee each time."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from backend.bookings.rules.fairness import REFUNDED_WORDS
from backend.settings import Settings
from tests.backend.bookings.acting import book, confirmed
from tests.backend.stage import Backend, MovableClock, Person

FAR = date(2027, 6, 1)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With somebody to write to."""
    return settings.model_copy(update={"support_contact": "help@rendezvous.test"})


def cancelled(user: Person, slots: Iterator[dict[str, Any]]) -> None:
    """Booked, paid and cancelled in time, for the whole price."""
    booking = confirmed(user, next(slots))
    answer = user.post(f"/sessions/{booking['id']}/cancel", json={"expected_refund": "45.00"})
    assert answer.status_code == 200, answer.text


def test_who_books_and_cancels_again_and_again_waits_a_day_and_is_then_refused(
    backend: Backend, user: Person, professional: Person, clock: MovableClock
) -> None:
    slots = iter([backend.slot(professional, FAR + timedelta(days=day)) for day in range(16)])
    for _ in range(6):
        cancelled(user, slots)
    refused = book(user, next(slots))
    assert (refused.status_code, refused.json()["retry_after_s"]) == (429, 86_400)
    assert refused.json()["detail"] == f"{REFUNDED_WORDS} You can book again in 24 hours."
    clock.move(hours=24)
    assert book(user, next(slots)).status_code == 201


def test_after_eleven_full_refunds_nothing_can_be_booked_until_enough_are_a_month_ago(
    backend: Backend, user: Person, professional: Person, clock: MovableClock
) -> None:
    slots = iter([backend.slot(professional, FAR + timedelta(days=day)) for day in range(20)])
    for number in range(11):
        if number >= 6:
            clock.move(hours=24)
        cancelled(user, slots)
    last = next(slots)
    refused = book(user, last)
    assert refused.status_code == 429
    assert "Write to help@rendezvous.test if you need one sooner." in refused.json()["detail"]
    assert refused.json()["retry_after_s"] == (timedelta(days=30) - timedelta(days=5)).total_seconds()
    clock.move(days=25)
    assert book(user, last).status_code == 201


def test_cancelling_late_or_being_cancelled_on_counts_for_nobody(
    backend: Backend, user: Person, professional: Person, clock: MovableClock
) -> None:
    for day in range(14):
        booking = confirmed(user, backend.slot(professional, date(2027, 3, 10) + timedelta(days=day)))
        if day % 2:
            answer = professional.post(f"/sessions/{booking['id']}/cancel", json={"expected_refund": "45.00"})
        else:
            clock.set(datetime.fromisoformat(booking["starts_at"]) - timedelta(hours=4))
            answer = user.post(f"/sessions/{booking['id']}/cancel", json={"expected_refund": "22.50"})
        assert answer.status_code == 200, answer.text
    assert book(user, backend.slot(professional, date(2027, 3, 30))).status_code == 201
