"""The two lists of sessions, a page at a time."""

from typing import Any

import pytest

from tests.backend.bookings.acting import confirmed, held, pay
from tests.backend.stage import Backend, Person

MINE, THEIRS = "/sessions/my-bookings", "/professional/sessions"


def ids(person: Person, path: str, **params: Any) -> list[str]:
    answer = person.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


def test_a_confirmed_session_is_in_both_lists(backend: Backend, professional: Person, user: Person) -> None:
    booking = confirmed(user, backend.slot(professional))
    assert ids(user, MINE) == [booking["id"]]
    assert ids(professional, THEIRS) == [booking["id"]]


def test_a_hold_is_in_the_users_list_only(backend: Backend, professional: Person, user: Person) -> None:
    booking = held(user, backend.slot(professional))
    assert ids(user, MINE) == [booking["id"]]
    assert ids(professional, THEIRS) == []


def test_an_overdue_hold_is_past_at_that_instant(backend: Backend, professional: Person, user: Person) -> None:
    booking = held(user, backend.slot(professional))
    backend.clock.move(minutes=10)
    assert ids(user, MINE) == []
    past = user.get(MINE, params={"when": "past"}).json()["items"]
    assert [(item["id"], item["status"]) for item in past] == [(booking["id"], "expired")]


def test_what_was_given_back_unpaid_is_nothing_to_the_professional(
    backend: Backend, professional: Person, user: Person
) -> None:
    booking = held(user, backend.slot(professional))
    user.post(f"/sessions/{booking['id']}/release")
    assert ids(user, MINE, when="past") == [booking["id"]]
    assert ids(professional, THEIRS, when="past") == []


def test_a_session_is_upcoming_until_its_end(backend: Backend, professional: Person, user: Person) -> None:
    booking = confirmed(user, backend.slot(professional, "2027-03-01", "11:00", "11:45"))
    backend.clock.move(hours=1, minutes=44)
    assert ids(user, MINE) == ids(professional, THEIRS) == [booking["id"]]
    backend.clock.move(minutes=1)
    assert ids(user, MINE) == ids(professional, THEIRS) == []
    assert ids(user, MINE, when="past") == ids(professional, THEIRS, when="past") == [booking["id"]]


def test_upcoming_is_by_start_and_past_has_the_latest_first(
    backend: Backend, professional: Person, user: Person
) -> None:
    days = ["2027-03-04", "2027-03-02", "2027-03-03"]
    bookings = {day: confirmed(user, backend.slot(professional, day))["id"] for day in days}
    in_order = [bookings[day] for day in sorted(days)]
    assert ids(user, MINE) == in_order
    backend.clock.move(days=7)
    assert ids(user, MINE, when="past") == ids(professional, THEIRS, when="past") == in_order[::-1]


@pytest.mark.parametrize("when", ["upcoming", "past"])
def test_pages_follow_each_other_without_gap_or_repeat(
    backend: Backend, professional: Person, user: Person, when: str
) -> None:
    slots = [backend.slot(professional, f"2027-03-{day:02}") for day in range(2, 9)]
    bookings = [confirmed(user, slot)["id"] for slot in slots]
    if when == "past":
        backend.clock.move(days=14)
    found, cursor = [], ""
    while True:
        page = user.get(MINE, params={"when": when, "limit": 3, "cursor": cursor}).json()
        found += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == (bookings if when == "upcoming" else bookings[::-1])


def test_lists_show_only_ones_own(backend: Backend, professional: Person, user: Person) -> None:
    confirmed(user, backend.slot(professional))
    assert ids(backend.user(), MINE) == []
    assert ids(backend.professional(), THEIRS) == []


def test_each_list_is_for_its_role(professional: Person, user: Person) -> None:
    assert professional.get(MINE).json()["error"] == "WrongRole"
    assert user.get(THEIRS).json()["error"] == "WrongRole"


@pytest.mark.parametrize("params", [{"when": "now"}, {"limit": 0}, {"limit": 101}, {"cursor": "!!"}])
def test_bad_parameters_are_named(user: Person, params: dict[str, Any]) -> None:
    answer = user.get(MINE, params=params)
    assert answer.status_code == 422
    assert list(answer.json()["fields"]) == list(params)


def test_a_booking_keeps_the_zone_it_was_made_in(backend: Backend, professional: Person, user: Person) -> None:
    booking = held(user, backend.slot(professional))
    professional.patch("/auth/me", json={"time_zone": "Asia/Tokyo"})
    pay(user, booking)
    (now,) = user.get(MINE).json()["items"]
    assert (now["time_zone"], now["professional"]["time_zone"]) == ("Europe/Berlin", "Asia/Tokyo")
