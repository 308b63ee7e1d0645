"""Holding a slot: who may, when, and what everyone else sees then."""

import pytest

from tests.backend.bookings.acting import book, confirmed, held, pay, seen
from tests.backend.stage import Backend, Person


def test_booking_holds_the_slot_for_ten_minutes_and_says_where_to_pay(
    backend: Backend, professional: Person, user: Person
) -> None:
    slot = backend.slot(professional)
    booking = held(user, slot)
    assert booking["status"] == "held"
    assert booking["payment_status"] == "pending"
    assert booking["hold_expires_at"] == "2027-03-01T09:10:00Z"
    assert booking["checkout_url"].startswith("http://backend.test/sandbox/checkout/")


def test_a_hold_ends_when_its_session_begins_so_that_nobody_pays_for_what_is_over(
    backend: Backend, professional: Person, user: Person
) -> None:
    slot = backend.slot(professional, "2027-03-01", "10:03", "10:08")
    booking = held(user, slot)
    assert booking["hold_expires_at"] == slot["starts_at"] == "2027-03-01T09:03:00Z"
    backend.clock.move(minutes=9)
    pay(user, booking)
    now = seen(user, booking)
    assert (now["status"], now["payment_status"]) == ("expired", "pending")


def test_a_booking_names_its_people_times_and_price(backend: Backend, professional: Person, user: Person) -> None:
    slot = backend.slot(professional)
    booking = held(user, slot)
    assert booking["professional"]["name"] == "Nora Berg"
    assert booking["user"] == {"id": user.id, "name": "Sam Vale"}
    assert (booking["starts_at"], booking["ends_at"]) == (slot["starts_at"], slot["ends_at"])
    assert (booking["price"], booking["currency"], booking["time_zone"]) == ("45.00", "USD", "Europe/Berlin")
    assert (booking["join_opens_at"], booking["join_closes_at"]) == ("2027-03-02T08:45:00Z", "2027-03-02T10:00:00Z")


def test_a_second_hold_on_the_same_slot_is_refused(backend: Backend, professional: Person, user: Person) -> None:
    slot = backend.slot(professional)
    held(user, slot)
    answer = book(backend.user(), slot)
    assert (answer.status_code, answer.json()["error"]) == (409, "SlotAlreadyTaken")


def test_a_taken_slot_names_up_to_three_next_free_ones(backend: Backend, professional: Person, user: Person) -> None:
    earlier = backend.slot(professional, start="09:00", end="09:45")
    slot = backend.slot(professional)
    later = [backend.slot(professional, start=f"{hour}:00", end=f"{hour}:45") for hour in (11, 12)]
    held(user, slot)
    next_free = book(backend.user(), slot).json()["next_free"]
    assert [free["id"] for free in next_free] == [later[0]["id"], later[1]["id"], earlier["id"]]


def test_next_free_leaves_out_what_is_taken_too(backend: Backend, professional: Person, user: Person) -> None:
    slot, other = backend.slot(professional), backend.slot(professional, start="11:00", end="11:45")
    held(user, slot)
    held(user, other)
    assert book(backend.user(), slot).json()["next_free"] == []


def test_an_overdue_hold_frees_the_slot_at_that_instant(backend: Backend, professional: Person, user: Person) -> None:
    slot = backend.slot(professional)
    first = held(user, slot)
    backend.clock.move(minutes=10)
    second = book(backend.user(), slot)
    assert second.status_code == 201
    assert seen(user, first)["status"] == "expired"


def test_a_hold_still_counts_just_before_its_end(backend: Backend, professional: Person, user: Person) -> None:
    slot = backend.slot(professional)
    held(user, slot)
    backend.clock.move(minutes=9, seconds=59.999)
    assert book(backend.user(), slot).status_code == 409


def test_one_does_not_hold_the_same_slot_twice(backend: Backend, professional: Person, user: Person) -> None:
    slot = backend.slot(professional)
    held(user, slot)
    answer = book(user, slot)
    assert answer.json() == {"error": "OverlappingSession", "detail": "You are already holding this time."}


def test_a_user_holds_at_most_two_slots(backend: Backend, professional: Person, user: Person) -> None:
    slots = [backend.slot(professional, start=f"{hour}:00", end=f"{hour}:45") for hour in (10, 11, 12)]
    for slot in slots[:2]:
        held(user, slot)
    answer = book(user, slots[2])
    assert (answer.status_code, answer.json()["error"]) == (409, "TooManyHolds")


def test_a_paid_booking_is_no_hold_any_more(backend: Backend, professional: Person, user: Person) -> None:
    slots = [backend.slot(professional, start=f"{hour}:00", end=f"{hour}:45") for hour in (10, 11, 12)]
    for slot in slots[:2]:
        confirmed(user, slot)
    assert book(user, slots[2]).status_code == 201


def test_a_user_never_has_two_sessions_at_one_time(backend: Backend, professional: Person, user: Person) -> None:
    confirmed(user, backend.slot(professional))
    other = backend.slot(backend.professional(), start="10:30", end="11:15")
    answer = book(user, other)
    assert (answer.status_code, answer.json()["error"]) == (409, "OverlappingSession")
    assert "10:00-10:45 on 2 March 2027" in answer.json()["detail"]


def test_a_session_may_begin_as_the_other_ends(backend: Backend, professional: Person, user: Person) -> None:
    confirmed(user, backend.slot(professional))
    assert book(user, backend.slot(backend.professional(), start="10:45", end="11:30")).status_code == 201


def test_a_time_that_has_begun_cannot_be_booked(backend: Backend, professional: Person, user: Person) -> None:
    slot = backend.slot(professional, "2027-03-01", "10:30", "11:15")
    backend.clock.move(minutes=30)
    answer = book(user, slot)
    assert answer.json()["error"] == "SlotAlreadyTaken"
    assert answer.json()["detail"] == "This time has already begun."


def test_a_deleted_slot_cannot_be_booked(backend: Backend, professional: Person, user: Person) -> None:
    slot = backend.slot(professional)
    professional.delete(f"/professional/sessions/availability/{slot['id']}")
    assert book(user, slot).status_code == 404


def test_a_professional_cannot_book(backend: Backend, professional: Person) -> None:
    slot = backend.slot(professional)
    answer = book(backend.professional(), slot)
    assert (answer.status_code, answer.json()["error"]) == (403, "WrongRole")


def test_booking_needs_a_signed_in_person(backend: Backend, professional: Person) -> None:
    slot = backend.slot(professional)
    answer = backend.client.post("/sessions/book", json={"slot_id": slot["id"]})
    assert (answer.status_code, answer.json()["error"]) == (401, "NotSignedIn")


@pytest.mark.parametrize(
    "body",
    [None, {}, [], "slot", {"slot_id": None}, {"slot_id": 7}, {"slot_id": "abc"}, {"slot_id": "' OR 1=1"}],
)
def test_a_malformed_body_is_refused_and_holds_nothing(
    backend: Backend, professional: Person, user: Person, body: object
) -> None:
    backend.slot(professional)
    answer = user.post("/sessions/book", json=body)
    assert (answer.status_code, answer.json()["error"]) == (422, "InvalidPayload")
    assert user.get("/sessions/my-bookings").json()["items"] == []


def test_an_unknown_slot_does_not_exist(user: Person) -> None:
    answer = user.post("/sessions/book", json={"slot_id": "00000000-0000-4000-8000-000000000000"})
    assert (answer.status_code, answer.json()["error"]) == (404, "NotFound")


def test_releasing_frees_the_slot_at_once(backend: Backend, professional: Person, user: Person) -> None:
    slot = backend.slot(professional)
    booking = held(user, slot)
    answer = user.post(f"/sessions/{booking['id']}/release")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert book(backend.user(), slot).status_code == 201


def test_a_released_booking_can_no_longer_be_paid(backend: Backend, professional: Person, user: Person) -> None:
    booking = held(user, backend.slot(professional))
    user.post(f"/sessions/{booking['id']}/release")
    page = pay(user, booking)
    assert "Nothing was paid" in page.text
    assert seen(user, booking)["payment_status"] == "failed"


def test_a_paid_booking_cannot_be_released(backend: Backend, professional: Person, user: Person) -> None:
    booking = confirmed(user, backend.slot(professional))
    answer = user.post(f"/sessions/{booking['id']}/release")
    assert (answer.status_code, answer.json()["error"]) == (409, "NotHeld")
    assert seen(user, booking)["status"] == "confirmed"


def test_an_overdue_hold_cannot_be_released(backend: Backend, professional: Person, user: Person) -> None:
    booking = held(user, backend.slot(professional))
    backend.clock.move(minutes=10)
    assert user.post(f"/sessions/{booking['id']}/release").json()["error"] == "NotHeld"


def test_nobody_releases_anothers_hold(backend: Backend, professional: Person, user: Person) -> None:
    booking = held(user, backend.slot(professional))
    answer = backend.user().post(f"/sessions/{booking['id']}/release")
    assert (answer.status_code, answer.json()["error"]) == (404, "NotFound")
    assert seen(user, booking)["status"] == "held"


def test_a_session_is_not_a_third_persons_to_know_of(backend: Backend, professional: Person, user: Person) -> None:
    booking = held(user, backend.slot(professional))
    for stranger in (backend.user(), backend.professional()):
        assert stranger.get(f"/sessions/{booking['id']}").status_code == 404


@pytest.mark.parametrize("path", ["/sessions/abc", "/sessions/1", "/sessions/%00", "/sessions/abc/release"])
def test_a_malformed_session_id_does_not_exist(user: Person, path: str) -> None:
    answer = user.post(path) if path.endswith("release") else user.get(path)
    assert answer.status_code == 404
