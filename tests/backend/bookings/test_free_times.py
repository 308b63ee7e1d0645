"""What is free, as people in different zones see it, and a professional's own slots."""

from typing import Any

import pytest

from tests.backend.bookings.acting import book, confirmed, held
from tests.backend.stage import Backend, Person

OWN = "/professional/sessions/availability"


def free(backend: Backend, professional: Person, **params: str) -> list[str]:
    answer = backend.client.get(f"/professional/{professional.id}/availability", params=params)
    assert answer.status_code == 200, answer.text
    return [slot["id"] for slot in answer.json()["items"]]


def test_a_dates_free_slots_are_real_and_in_order(backend: Backend, professional: Person) -> None:
    late = backend.slot(professional, start="15:00", end="15:45")
    early = backend.slot(professional)
    backend.slot(professional, "2027-03-03")
    assert free(backend, professional, date="2027-03-02") == [early["id"], late["id"]]


def test_anyone_may_look_and_sees_zone_price_and_utc(backend: Backend, professional: Person) -> None:
    slot = backend.slot(professional)
    answer = backend.client.get(f"/professional/{professional.id}/availability?date=2027-03-02").json()
    assert answer == {
        "date": "2027-03-02",
        "time_zone": "Europe/Berlin",
        "professional_time_zone": "Europe/Berlin",
        "items": [
            {
                "id": slot["id"],
                "starts_at": "2027-03-02T09:00:00Z",
                "ends_at": "2027-03-02T09:45:00Z",
                "price": "45.00",
                "currency": "USD",
            }
        ],
    }


def test_a_date_is_read_in_the_viewers_zone(backend: Backend, professional: Person) -> None:
    slot = backend.slot(professional, "2027-03-02", "01:00", "01:45")
    assert free(backend, professional, date="2027-03-02", tz="America/New_York") == []
    assert free(backend, professional, date="2027-03-01", tz="America/New_York") == [slot["id"]]


def test_the_day_of_a_clock_change_has_its_own_length(backend: Backend, professional: Person) -> None:
    last = backend.slot(professional, "2027-03-28", "23:00", "23:45")
    backend.slot(professional, "2027-03-29", "00:00", "00:45")
    assert free(backend, professional, date="2027-03-28") == [last["id"]]


def test_held_and_booked_slots_are_not_free(backend: Backend, professional: Person, user: Person) -> None:
    held(user, backend.slot(professional))
    confirmed(user, backend.slot(professional, start="12:00", end="12:45"))
    assert free(backend, professional, date="2027-03-02") == []


def test_a_slot_whose_hold_ran_out_is_free_again(backend: Backend, professional: Person, user: Person) -> None:
    slot = backend.slot(professional)
    held(user, slot)
    backend.clock.move(minutes=10)
    assert free(backend, professional, date="2027-03-02") == [slot["id"]]


def test_a_time_that_has_begun_is_not_free(backend: Backend, professional: Person) -> None:
    backend.slot(professional, "2027-03-01", "10:30", "11:15")
    backend.clock.move(minutes=30)
    assert free(backend, professional, date="2027-03-01") == []


def test_a_month_names_the_days_with_free_slots(backend: Backend, professional: Person, user: Person) -> None:
    for start, end in (("10:00", "10:45"), ("11:00", "11:45")):
        backend.slot(professional, "2027-03-30", start, end)
    backend.slot(professional, "2027-04-01")
    held(user, backend.slot(professional, "2027-03-31"))
    answer = backend.client.get(f"/professional/{professional.id}/availability/days?month=2027-03").json()
    assert answer == {
        "month": "2027-03",
        "time_zone": "Europe/Berlin",
        "days": [{"date": "2027-03-30", "free": 2}],
    }


def test_a_months_days_are_counted_in_the_viewers_zone(backend: Backend, professional: Person) -> None:
    backend.slot(professional, "2027-04-01", "01:00", "01:45")
    path = f"/professional/{professional.id}/availability/days?month=2027-03&tz=America/New_York"
    assert backend.client.get(path).json()["days"] == [{"date": "2027-03-31", "free": 1}]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "date"),
        ("?date=", "date"),
        ("?date=tomorrow", "date"),
        ("?date=2027-02-30", "date"),
        ("?date=9999-12-31", "date"),
        ("?date=0001-01-01", "date"),
        ("?date=2027-03-02T00:00:00", "date"),
        ("?date=2027-03-02&tz=Mars/Olympus", "tz"),
        ("?date=2027-03-02&tz=../etc/passwd", "tz"),
        ("/days", "month"),
        ("/days?month=2027-13", "month"),
        ("/days?month=2027", "month"),
        ("/days?month=9999-12", "month"),
        ("/days?month=2027-03&tz=Nowhere", "tz"),
    ],
)
def test_bad_dates_months_and_zones_are_named(backend: Backend, professional: Person, query: str, field: str) -> None:
    answer = backend.client.get(f"/professional/{professional.id}/availability{query}")
    assert answer.status_code == 422, answer.text
    assert list(answer.json()["fields"]) == [field]


def test_only_professionals_have_free_times(backend: Backend, user: Person) -> None:
    for person_id in (user.id, "00000000-0000-4000-8000-000000000000", "abc"):
        assert backend.client.get(f"/professional/{person_id}/availability?date=2027-03-02").status_code == 404


def own(professional: Person, **params: Any) -> list[tuple[str, str]]:
    answer = professional.get(OWN, params=params)
    assert answer.status_code == 200, answer.text
    return [(slot["id"], slot["status"]) for slot in answer.json()["items"]]


def test_ones_own_slots_say_what_has_become_of_them(backend: Backend, professional: Person, user: Person) -> None:
    slots = [backend.slot(professional, start=f"{hour}:00", end=f"{hour}:45") for hour in (10, 11, 12)]
    confirmed(user, slots[0])
    held(user, slots[1])
    assert own(professional) == [
        (slots[0]["id"], "booked"),
        (slots[1]["id"], "held"),
        (slots[2]["id"], "free"),
    ]


def test_a_slot_that_was_expired_and_cancelled_before_is_listed_once(
    backend: Backend, professional: Person, user: Person
) -> None:
    slot = backend.slot(professional)
    for _ in range(2):
        booking = held(user, slot)
        user.post(f"/sessions/{booking['id']}/release")
    other = backend.user()
    held(other, slot)
    backend.clock.move(minutes=10)
    confirmed(other, slot)
    assert own(professional) == [(slot["id"], "booked")]


def test_ones_own_slots_from_and_to_a_date_and_in_pages(backend: Backend, professional: Person) -> None:
    slots = [backend.slot(professional, f"2027-03-{day:02}")["id"] for day in range(2, 8)]
    found = own(professional, date_from="2027-03-03", date_to="2027-03-05")
    assert [slot_id for slot_id, _ in found] == slots[1:4]
    first = professional.get(OWN, params={"limit": 4}).json()
    rest = professional.get(OWN, params={"limit": 4, "cursor": first["next_cursor"]}).json()
    assert [slot["id"] for slot in first["items"] + rest["items"]] == slots
    assert rest["next_cursor"] is None


def test_without_dates_the_list_begins_today(backend: Backend, professional: Person) -> None:
    backend.slot(professional, "2027-03-01", "11:00", "11:45")
    later = backend.slot(professional, "2027-03-02")
    backend.clock.move(hours=15)  # past midnight in Berlin
    assert own(professional) == [(later["id"], "free")]


def test_ones_own_month_counts_slots_and_bookings(backend: Backend, professional: Person, user: Person) -> None:
    slots = [backend.slot(professional, start=f"{hour}:00", end=f"{hour}:45") for hour in (10, 11, 12)]
    confirmed(user, slots[0])
    held(user, slots[1])
    answer = professional.get(f"{OWN}/days", params={"month": "2027-03"}).json()
    assert answer["days"] == [{"date": "2027-03-02", "slots": 3, "booked": 1}]


def test_deleting_a_free_slot_takes_it_from_every_list(backend: Backend, professional: Person) -> None:
    slot = backend.slot(professional)
    assert professional.delete(f"{OWN}/{slot['id']}").status_code == 204
    assert own(professional) == []
    assert free(backend, professional, date="2027-03-02") == []


@pytest.mark.parametrize("act", [held, confirmed])
def test_a_held_or_booked_slot_cannot_be_deleted(
    backend: Backend, professional: Person, user: Person, act: Any
) -> None:
    slot = backend.slot(professional)
    act(user, slot)
    answer = professional.delete(f"{OWN}/{slot['id']}")
    assert (answer.status_code, answer.json()["error"]) == (409, "SlotBooked")
    assert len(own(professional)) == 1


def test_a_slot_whose_hold_ran_out_can_be_deleted(backend: Backend, professional: Person, user: Person) -> None:
    slot = backend.slot(professional)
    held(user, slot)
    backend.clock.move(minutes=10)
    assert professional.delete(f"{OWN}/{slot['id']}").status_code == 204


def test_a_deleted_slot_that_is_brought_back_can_be_booked(
    backend: Backend, professional: Person, user: Person
) -> None:
    slot = backend.slot(professional)
    professional.delete(f"{OWN}/{slot['id']}")
    professional.post(f"{OWN}/{slot['id']}/restore")
    assert book(user, slot).status_code == 201


def test_nobody_deletes_anothers_slot(backend: Backend, professional: Person, user: Person) -> None:
    slot = backend.slot(professional)
    assert backend.professional().delete(f"{OWN}/{slot['id']}").status_code == 404
    assert user.delete(f"{OWN}/{slot['id']}").status_code == 403
    assert backend.client.delete(f"{OWN}/{slot['id']}").status_code == 401
    assert own(professional) == [(slot["id"], "free")]


def test_a_slot_is_deleted_once(backend: Backend, professional: Person) -> None:
    slot = backend.slot(professional)
    professional.delete(f"{OWN}/{slot['id']}")
    assert professional.delete(f"{OWN}/{slot['id']}").status_code == 404


@pytest.mark.parametrize("slot_id", ["abc", "1", "days", "00000000-0000-4000-8000-000000000000"])
def test_deleting_what_is_not_there_says_so(professional: Person, slot_id: str) -> None:
    assert professional.delete(f"{OWN}/{slot_id}").status_code in {404, 405}
