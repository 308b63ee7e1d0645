"""Moving a paid session to another time."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backend.bookings.rules import BookingStatus
from backend.bookings.rules.cancellation import Policy, deadlines, reschedule_until
from backend.kit.database import Database
from backend.payments.tables import PaymentRow
from tests.backend.bookings.acting import book, confirmed, held, seen
from tests.backend.stage import START, Backend, Person


@pytest.fixture
def booking(backend: Backend, professional: Person, user: Person) -> dict[str, Any]:
    """From 10:00 UTC tomorrow; it is 9:00, 25 hours before."""
    return confirmed(user, backend.slot(professional, "2027-03-02", "11:00", "11:45"))


@pytest.fixture
def other(backend: Backend, professional: Person) -> dict[str, Any]:
    return backend.slot(professional, "2027-03-05", "15:00", "16:00")


def move(person: Person, booking: dict[str, Any], slot: dict[str, Any]) -> Any:
    return person.post(f"/sessions/{booking['id']}/reschedule", json={"slot_id": slot["id"]})


def test_it_takes_place_at_the_new_time_and_the_payment_stays(
    backend: Backend,
    user: Person,
    professional: Person,
    booking: dict[str, Any],
    other: dict[str, Any],
    database: Database,
) -> None:
    moved = move(user, booking, other).json()
    assert (moved["starts_at"], moved["ends_at"]) == ("2027-03-05T14:00:00Z", "2027-03-05T15:00:00Z")
    assert (moved["moved_from"], moved["slot_id"]) == (booking["starts_at"], other["id"])
    assert (moved["status"], moved["payment_status"], moved["price"]) == ("confirmed", "paid", "45.00")
    assert moved["policy"]["full_until"] == "2027-03-05T02:00:00Z"
    assert seen(professional, booking) == moved
    with database.read() as session:
        assert [str(payment.booking_id) for payment in session.scalars(select(PaymentRow))] == [booking["id"]]
    assert book(backend.user(), {"id": booking["slot_id"]}).status_code == 201


def test_moving_again_to_where_it_is_changes_nothing(
    user: Person, booking: dict[str, Any], other: dict[str, Any]
) -> None:
    once = move(user, booking, other).json()
    assert move(user, booking, other).json() == once


def test_a_time_that_somebody_holds_is_taken_and_others_are_named(
    backend: Backend, professional: Person, user: Person, booking: dict[str, Any], other: dict[str, Any]
) -> None:
    free = backend.slot(professional, "2027-03-06")
    held(backend.user(), other)
    answer = move(user, booking, other)
    assert (answer.status_code, answer.json()["error"]) == (409, "SlotAlreadyTaken")
    assert [slot["id"] for slot in answer.json()["next_free"]] == [free["id"]]
    assert seen(user, booking)["starts_at"] == booking["starts_at"]


def test_another_price_is_refused(
    backend: Backend, professional: Person, user: Person, booking: dict[str, Any]
) -> None:
    dearer = backend.slot(professional, "2027-03-06", price="45.01")
    answer = move(user, booking, dearer)
    assert (answer.status_code, answer.json()["error"]) == (409, "DifferentPrice")


def test_another_professionals_time_is_not_there(backend: Backend, user: Person, booking: dict[str, Any]) -> None:
    assert move(user, booking, backend.slot(backend.professional(), "2027-03-06")).status_code == 404


def test_one_cannot_be_in_two_sessions_at_once(
    backend: Backend, user: Person, booking: dict[str, Any], other: dict[str, Any]
) -> None:
    confirmed(user, backend.slot(backend.professional(), "2027-03-05", "15:30", "16:30"))
    answer = move(user, booking, other)
    assert (answer.status_code, answer.json()["error"]) == (409, "OverlappingSession")


def test_a_time_that_overlaps_the_session_itself_is_none(backend: Backend, professional: Person, user: Person) -> None:
    early, late = (
        backend.slot(professional, "2027-03-06", "10:00", "10:30"),
        backend.slot(professional, "2027-03-06", "10:30", "11:00"),
    )
    booking = confirmed(user, early)
    assert move(user, booking, late).status_code == 200


@pytest.mark.parametrize(("hours", "possible"), [(23, True), (23.001, False)])
def test_it_can_be_moved_while_something_would_come_back(
    backend: Backend, user: Person, booking: dict[str, Any], other: dict[str, Any], hours: float, possible: bool
) -> None:
    assert seen(user, booking)["reschedule_until"] == "2027-03-02T08:00:00Z"
    backend.clock.move(hours=hours)
    assert (seen(user, booking)["reschedule_until"] is not None) == possible
    answer = move(user, booking, other)
    assert answer.status_code == (200 if possible else 409)
    if not possible:
        assert answer.json()["error"] == "NotReschedulable"


def test_moving_is_no_way_around_a_deadline(
    backend: Backend, user: Person, booking: dict[str, Any], other: dict[str, Any]
) -> None:
    backend.clock.move(hours=14)
    move(user, booking, other)
    shown = user.get(f"/sessions/{booking['id']}/cancellation").json()
    assert (shown["share"], shown["refund"], shown["changes_at"]) == ("half", "22.50", "2027-03-05T12:00:00Z")


def test_only_its_user_moves_it(
    backend: Backend, professional: Person, booking: dict[str, Any], other: dict[str, Any]
) -> None:
    assert move(professional, booking, other).status_code == 403
    assert move(backend.user(), booking, other).status_code == 404


def test_what_is_not_paid_cannot_be_moved(
    backend: Backend, professional: Person, user: Person, other: dict[str, Any]
) -> None:
    answer = move(user, held(user, backend.slot(professional)), other)
    assert (answer.status_code, answer.json()["error"]) == (409, "NotReschedulable")


def test_nothing_is_moved_once_its_room_is_open_even_where_half_comes_back_until_the_start() -> None:
    until = deadlines(START, Policy(24 * 60, 0))
    opens_at = START - timedelta(minutes=15)
    assert reschedule_until(BookingStatus.CONFIRMED, until, opens_at, opens_at) == opens_at
    assert reschedule_until(BookingStatus.CONFIRMED, until, opens_at, opens_at + timedelta(microseconds=1)) is None
