"""What cancelling gives back, who may, and what becomes of the money."""

from typing import Any

import pytest
from sqlalchemy import func, select

from backend.availability.tables import SlotRow
from backend.kit.database import Database
from backend.payments.tables import RefundRow
from tests.backend.bookings.acting import book, confirmed, held, seen
from tests.backend.stage import Backend, Person


@pytest.fixture
def booking(backend: Backend, professional: Person, user: Person) -> dict[str, Any]:
    """From 10:00 UTC tomorrow; it is 9:00, 25 hours before. $45.01, so that half of it is not even."""
    return confirmed(user, backend.slot(professional, "2027-03-02", "11:00", "11:45", price="45.01"))


def preview(person: Person, booking: dict[str, Any]) -> dict[str, Any]:
    answer = person.get(f"/sessions/{booking['id']}/cancellation")
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def cancel(person: Person, booking: dict[str, Any], expected: str) -> Any:
    return person.post(f"/sessions/{booking['id']}/cancel", json={"expected_refund": expected})


def test_the_preview_says_what_comes_back_and_until_when(user: Person, booking: dict[str, Any]) -> None:
    assert preview(user, booking) == {
        "refund": "45.01",
        "share": "full",
        "because": "user_cancels",
        "full_until": "2027-03-01T22:00:00Z",
        "half_until": "2027-03-02T08:00:00Z",
        "changes_at": "2027-03-01T22:00:00Z",
        "price": "45.01",
        "currency": "USD",
    }


@pytest.mark.parametrize(
    ("hours", "refund", "share", "status"),
    [
        (13, "45.01", "full", "refund_pending"),
        (13.001, "22.51", "half", "refund_pending"),
        (23, "22.51", "half", "refund_pending"),
        (23.001, "0.00", "none", "paid"),
        (24.9, "0.00", "none", "paid"),
    ],
)
def test_the_share_shrinks_at_the_deadlines(
    backend: Backend, user: Person, booking: dict[str, Any], hours: float, refund: str, share: str, status: str
) -> None:
    backend.clock.move(hours=hours)
    shown = preview(user, booking)
    assert (shown["refund"], shown["share"]) == (refund, share)
    cancelled = cancel(user, booking, refund).json()
    assert (cancelled["status"], cancelled["payment_status"]) == ("cancelled", status)
    assert (cancelled["cancelled_by"], (cancelled["refund"] or {}).get("amount", "0.00")) == ("user", refund)


def test_an_amount_that_was_not_shown_cancels_nothing(backend: Backend, user: Person, booking: dict[str, Any]) -> None:
    backend.clock.move(hours=14)
    answer = cancel(user, booking, "45.01")
    assert (answer.status_code, answer.json()["error"]) == (409, "RefundChanged")
    assert answer.json()["cancellation"]["refund"] == "22.51"
    assert seen(user, booking)["status"] == "confirmed"


def test_cancelling_again_gives_the_cancelled_session_and_one_refund(
    user: Person, professional: Person, booking: dict[str, Any], database: Database
) -> None:
    once = cancel(user, booking, "45.01").json()
    assert cancel(user, booking, "45.01").json() == once
    assert cancel(professional, booking, "45.01").json() == once
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(RefundRow)) == 1


def test_a_professional_who_cancels_gives_everything_back_and_the_time_is_gone(
    backend: Backend, user: Person, professional: Person, booking: dict[str, Any], database: Database
) -> None:
    backend.clock.move(hours=25.5)
    assert preview(professional, booking)["because"] == "professional_cancels"
    cancelled = cancel(professional, booking, "45.01").json()
    assert (cancelled["cancelled_by"], cancelled["refund"]["reason"]) == ("professional", "professional_cancelled")
    with database.read() as session:
        assert session.scalars(select(SlotRow.withdrawn_at)).one() is not None


def test_a_time_that_the_user_cancelled_is_free_for_another(
    backend: Backend, user: Person, booking: dict[str, Any]
) -> None:
    cancel(user, booking, "45.01")
    assert book(backend.user(), {"id": booking["slot_id"]}).status_code == 201


@pytest.mark.parametrize(
    ("role", "hours", "possible"),
    [("user", 24.999, True), ("user", 25, False), ("professional", 25.7, True), ("professional", 25.75, False)],
)
def test_a_user_may_until_it_begins_and_a_professional_until_it_ends(
    backend: Backend,
    user: Person,
    professional: Person,
    booking: dict[str, Any],
    role: str,
    hours: float,
    possible: bool,
) -> None:
    backend.clock.move(hours=hours)
    person = user if role == "user" else professional
    answer = person.get(f"/sessions/{booking['id']}/cancellation")
    assert answer.status_code == (200 if possible else 409)
    if not possible:
        assert answer.json()["error"] == cancel(person, booking, "0.00").json()["error"] == "NotCancellable"


def test_what_is_only_held_is_given_back_and_not_cancelled(
    backend: Backend, user: Person, professional: Person
) -> None:
    booking = held(user, backend.slot(professional))
    answer = cancel(user, booking, "0.00")
    assert (answer.status_code, answer.json()["error"]) == (409, "NotCancellable")


def test_nobody_else_can_see_or_cancel_it(backend: Backend, booking: dict[str, Any]) -> None:
    for stranger in (backend.user(), backend.professional()):
        assert stranger.get(f"/sessions/{booking['id']}/cancellation").status_code == 404
        assert cancel(stranger, booking, "45.01").status_code == 404


@pytest.mark.parametrize("expected", ["", "abc", "-1.00", "45.011", None, 45])
def test_an_amount_that_is_none_is_named(user: Person, booking: dict[str, Any], expected: object) -> None:
    answer = user.post(f"/sessions/{booking['id']}/cancel", json={"expected_refund": expected})
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["expected_refund"])


def test_the_policy_is_the_one_that_held_when_it_was_booked(
    backend: Backend, user: Person, professional: Person, booking: dict[str, Any]
) -> None:
    wanted = {"full_until_minutes": 2880, "half_until_minutes": 1440}
    assert professional.put("/professional/cancellation-policy", json=wanted).json() == wanted
    assert professional.get("/professional/cancellation-policy").json() == wanted
    assert user.get(f"/professional/{professional.id}").json()["cancellation_policy"] == wanted
    assert preview(user, booking)["share"] == "full"
    later = confirmed(user, backend.slot(professional, "2027-03-02", "14:00", "14:45"))
    assert preview(user, later)["share"] == "half"


@pytest.mark.parametrize(
    ("full", "half", "field"),
    [(60, 120, "half_until_minutes"), (-1, 0, "full_until_minutes"), (20161, 0, "full_until_minutes"), ("1", 0, None)],
)
def test_a_policy_that_cannot_be_is_named(professional: Person, full: Any, half: int, field: str | None) -> None:
    body = {"full_until_minutes": full, "half_until_minutes": half}
    answer = professional.put("/professional/cancellation-policy", json=body)
    assert answer.status_code == 422
    assert (field or "full_until_minutes") in answer.json()["fields"]


def test_deadlines_are_exact_lengths_also_over_a_clock_change(
    backend: Backend, user: Person, professional: Person
) -> None:
    """Berlin's clocks go forward on 28 March 2027 at 2:00: noon that day is 11 hours after midnight."""
    booking = confirmed(user, backend.slot(professional, "2027-03-28", "12:00", "12:45"))
    shown = preview(user, booking)
    assert shown["full_until"] == "2027-03-27T22:00:00Z"
