"""What is decided when a session is over, what it does to the money, and what either may say against it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from backend.worker import Worker
from tests.backend.bookings.acting import confirmed, live_through, seen
from tests.backend.stage import Backend, MovableClock, Person
from tests.fakes.call_rooms import FakeCallRooms

DAY = timedelta(hours=24)


def there(rooms: FakeCallRooms, booking: dict[str, Any], *people: Person) -> None:
    """Only these are in the session's room from now on."""
    rooms.rooms[f"session_{booking['id']}"] = {f"{each.account['role']}_{each.id}" for each in people}


def final(worker: Worker, clock: MovableClock) -> None:
    """The 24 hours have passed."""
    clock.move(hours=24)
    worker.run_once()
    worker.run_once()


def decided(person: Person, booking: dict[str, Any]) -> dict[str, Any]:
    answer = person.get(f"/sessions/{booking['id']}/attendance")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def standing(person: Person, booking: dict[str, Any]) -> tuple[str, str, str]:
    shown = seen(person, booking)
    return shown["status"], shown["absent"], shown["payment_status"]


def objected(person: Person, booking: dict[str, Any], reason: str = "Nobody could hear me.") -> Any:
    return person.post(f"/sessions/{booking['id']}/problem", json={"reason": reason})


def test_a_professional_who_did_not_come_means_everything_back_after_a_day(
    worker: Worker,
    clock: MovableClock,
    rooms: FakeCallRooms,
    professional: Person,
    user: Person,
    booking: dict[str, Any],
) -> None:
    there(rooms, booking, user)
    live_through(worker, clock, minutes=54)
    for person in (user, professional):
        assert standing(person, booking) == ("no_show", "professional", "refund_pending")
        shown = seen(person, booking)["refund"]
        assert (shown["amount"], shown["reason"], shown["status"]) == ("45.00", "professional_absent", "pending")
    clock.move(hours=23)
    worker.run_once()
    assert standing(user, booking)[2] == "refund_pending"
    final(worker, clock)
    assert standing(user, booking)[2] == "refunded"


@pytest.mark.parametrize("minutes", [1, 20])
def test_a_professional_who_came_for_less_than_half_is_not_paid(
    worker: Worker,
    clock: MovableClock,
    rooms: FakeCallRooms,
    professional: Person,
    user: Person,
    booking: dict[str, Any],
    minutes: int,
) -> None:
    there(rooms, booking, user, professional)
    live_through(worker, clock, minutes=5 + minutes)
    there(rooms, booking, user)
    live_through(worker, clock, minutes=49 - minutes)
    assert standing(user, booking)[:2] == ("no_show", "professional")
    figures = decided(user, booking)
    assert figures["judged_s"] == 45 * 60
    assert abs(figures["kept_s"] - 60 * minutes) <= 30
    final(worker, clock)
    assert standing(user, booking)[2] == "refunded"


def test_a_user_who_did_not_come_gets_nothing_back(
    worker: Worker,
    clock: MovableClock,
    rooms: FakeCallRooms,
    professional: Person,
    user: Person,
    booking: dict[str, Any],
) -> None:
    there(rooms, booking, professional)
    live_through(worker, clock, minutes=54)
    final(worker, clock)
    assert standing(user, booking) == ("no_show", "user", "paid")


def test_when_neither_came_it_is_as_if_cancelled_at_the_start(
    worker: Worker, clock: MovableClock, user: Person, booking: dict[str, Any]
) -> None:
    live_through(worker, clock, minutes=54)
    final(worker, clock)
    assert standing(user, booking) == ("no_show", "both", "paid")


def test_when_neither_came_a_policy_that_is_free_until_the_start_gives_everything_back(
    backend: Backend, worker: Worker, clock: MovableClock, professional: Person, user: Person
) -> None:
    policy = {"full_until_minutes": 0, "half_until_minutes": 0}
    assert professional.put("/professional/cancellation-policy", json=policy).is_success
    booking = confirmed(user, backend.slot(professional, "2027-03-01", "11:00", "11:45"))
    clock.move(minutes=55)
    live_through(worker, clock, minutes=54)
    assert seen(user, booking)["refund"]["reason"] == "nobody_came"
    final(worker, clock)
    assert standing(user, booking) == ("no_show", "both", "refunded")


def test_two_who_met_have_had_their_session(
    worker: Worker,
    clock: MovableClock,
    rooms: FakeCallRooms,
    professional: Person,
    user: Person,
    booking: dict[str, Any],
) -> None:
    there(rooms, booking, user, professional)
    live_through(worker, clock, minutes=54)
    assert decided(professional, booking)["late_s"] == 0
    final(worker, clock)
    assert standing(user, booking) == ("completed", "nobody", "paid")
    assert decided(user, booking)["final"] is True


@pytest.mark.parametrize("who_is_down", ["media server", "backend"])
def test_an_outage_of_ours_is_never_the_users_cost(
    worker: Worker, clock: MovableClock, rooms: FakeCallRooms, user: Person, booking: dict[str, Any], who_is_down: str
) -> None:
    if who_is_down == "media server":
        rooms.down = True
        live_through(worker, clock, minutes=54)
    else:
        clock.move(minutes=54)
        worker.run_once()
    assert standing(user, booking)[:2] == ("completed", "unclear")
    assert seen(user, booking)["refund"]["reason"] == "unclear"
    final(worker, clock)
    assert standing(user, booking)[2] == "refunded"


def test_a_gap_that_could_not_change_anything_changes_nothing(
    worker: Worker, clock: MovableClock, rooms: FakeCallRooms, user: Person, booking: dict[str, Any]
) -> None:
    there(rooms, booking, user)
    live_through(worker, clock, minutes=15)
    clock.move(minutes=10)
    live_through(worker, clock, minutes=29)
    assert standing(user, booking)[1] == "professional"
    assert 9 * 60 <= decided(user, booking)["unwatched_s"] <= 11 * 60


def test_it_is_decided_once(
    worker: Worker, clock: MovableClock, rooms: FakeCallRooms, user: Person, booking: dict[str, Any]
) -> None:
    there(rooms, booking, user)
    live_through(worker, clock, minutes=54)
    once = decided(user, booking)
    clock.move(minutes=1)
    worker.run_once()
    assert decided(user, booking) == once


def test_the_decision_is_shown_to_both_and_to_nobody_else(
    backend: Backend,
    worker: Worker,
    clock: MovableClock,
    professional: Person,
    user: Person,
    booking: dict[str, Any],
) -> None:
    before = user.get(f"/sessions/{booking['id']}/attendance")
    assert (before.status_code, before.json()["error"]) == (409, "NothingDecided")
    live_through(worker, clock, minutes=54)
    assert decided(user, booking) == decided(professional, booking)
    assert backend.user().get(f"/sessions/{booking['id']}/attendance").status_code == 404
    assert objected(backend.user(), booking).status_code == 404


@pytest.mark.parametrize("who", ["user", "professional"])
def test_while_something_went_wrong_no_money_moves_until_it_is_decided_or_two_weeks_have_passed(
    worker: Worker,
    clock: MovableClock,
    rooms: FakeCallRooms,
    professional: Person,
    user: Person,
    booking: dict[str, Any],
    who: str,
) -> None:
    there(rooms, booking, user)
    live_through(worker, clock, minutes=54)
    person, other = (user, professional) if who == "user" else (professional, user)
    answer = objected(person, booking, "  I was there,\nthe app said otherwise. ")
    assert answer.json()["objected"] == [who]
    assert answer.json()["reason"] == "I was there,\nthe app said otherwise."
    shown = decided(other, booking)
    assert (shown["objected"], shown["reason"]) == ([who], None)
    assert user.client.get("/status").json()["objections"] == 1
    final(worker, clock)
    assert decided(user, booking)["final"] is False
    assert standing(user, booking)[2] == "refund_pending"
    clock.move(days=14)
    worker.run_once()
    worker.run_once()
    assert decided(user, booking)["final"] is True
    assert standing(user, booking)[2] == "refunded"
    assert user.client.get("/status").json()["objections"] == 0


def test_a_second_word_replaces_the_first(
    worker: Worker, clock: MovableClock, user: Person, booking: dict[str, Any]
) -> None:
    live_through(worker, clock, minutes=54)
    objected(user, booking, "One.")
    assert objected(user, booking, "Two.").json()["reason"] == "Two."


def test_after_a_day_nobody_can_object(
    worker: Worker, clock: MovableClock, user: Person, booking: dict[str, Any]
) -> None:
    early = objected(user, booking)
    assert (early.status_code, early.json()["error"]) == (409, "NothingDecided")
    live_through(worker, clock, minutes=54)
    shown = decided(user, booking)
    assert datetime.fromisoformat(shown["open_until"]) - datetime.fromisoformat(shown["decided_at"]) == DAY
    clock.move(hours=24)
    answer = objected(user, booking)
    assert (answer.status_code, answer.json()["error"]) == (409, "DecisionFinal")


@pytest.mark.parametrize("reason", ["", "   ", "x" * 1001])
def test_a_reason_has_to_be_given_in_words(
    worker: Worker, clock: MovableClock, user: Person, booking: dict[str, Any], reason: str
) -> None:
    live_through(worker, clock, minutes=54)
    answer = objected(user, booking, reason)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["reason"])
