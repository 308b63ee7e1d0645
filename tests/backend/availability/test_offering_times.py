"""POST /professional/sessions/availability: what is accepted, and that what is refused changes nothing."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from backend.availability.tables import SlotRow
from tests.backend.stage import Backend, Person

PATH = "/professional/sessions/availability"


def slots_stored(backend: Backend) -> int:
    with backend.database.read() as session:
        return session.scalar(select(func.count()).select_from(SlotRow)) or 0


def test_a_slot_carries_exact_and_wall_time(backend: Backend, professional: Person) -> None:
    slot = backend.slot(professional, "2027-03-02", "10:00", "10:45", "45.00")
    slot.pop("id")
    assert slot == {
        "starts_at": "2027-03-02T09:00:00Z",
        "ends_at": "2027-03-02T09:45:00Z",
        "time_zone": "Europe/Berlin",
        "date": "2027-03-02",
        "start_time": "10:00",
        "end_time": "10:45",
        "price": "45.00",
        "currency": "USD",
        "status": "free",
        "repeats": [],
        "left_out": [],
    }


def test_weekly_repeats_keep_their_wall_time_across_a_clock_change(backend: Backend, professional: Person) -> None:
    slot = backend.slot(professional, "2027-03-22", "10:00", "11:00", repeat_weeks=2)
    assert [repeat["start_time"] for repeat in slot["repeats"]] == ["10:00", "10:00"]
    assert [slot["starts_at"], *(repeat["starts_at"] for repeat in slot["repeats"])] == [
        "2027-03-22T09:00:00Z",
        "2027-03-29T08:00:00Z",
        "2027-04-05T08:00:00Z",
    ]


def test_a_slot_may_end_at_midnight(backend: Backend, professional: Person) -> None:
    assert backend.slot(professional, "2027-03-02", "23:00", "24:00")["end_time"] == "24:00"


@pytest.mark.parametrize(("end", "hours"), [("01:00", 2), ("00:00", 1), ("24:00", 1), ("07:00", 8)])
def test_a_slot_may_go_over_midnight_up_to_eight_hours_and_is_found_on_the_day_it_starts(
    backend: Backend, professional: Person, end: str, hours: int
) -> None:
    slot = backend.slot(professional, "2027-03-02", "23:00", end)
    length = datetime.fromisoformat(slot["ends_at"]) - datetime.fromisoformat(slot["starts_at"])
    assert (length, slot["date"], slot["start_time"]) == (timedelta(hours=hours), "2027-03-02", "23:00")
    path = f"/professional/{professional.id}/availability"
    found = {day: backend.client.get(path, params={"date": f"2027-03-0{day}"}).json()["items"] for day in (1, 2, 3)}
    assert {day: [each["id"] for each in items] for day, items in found.items()} == {1: [], 2: [slot["id"]], 3: []}
    days = professional.get(f"{PATH}/days", params={"month": "2027-03"}).json()["days"]
    assert days == [{"date": "2027-03-02", "slots": 1, "booked": 0}]


@pytest.mark.parametrize(("day", "start", "end"), [("2027-03-02", "22:00", "23:30"), ("2027-03-03", "00:30", "02:00")])
def test_an_overlap_over_midnight_is_refused_from_either_side(
    backend: Backend, professional: Person, day: str, start: str, end: str
) -> None:
    backend.slot(professional, "2027-03-02", "23:00", "01:00")
    answer = backend.offer(professional, day, start, end)
    words = "You already offer 23:00-01:00 (next day) on 2 March 2027."
    assert (answer.status_code, answer.json()["detail"]) == (409, words)
    assert backend.offer(professional, "2027-03-03", "01:00", "02:00").status_code == 201


def test_a_slot_of_exactly_eight_hours_is_taken(backend: Backend, professional: Person) -> None:
    assert backend.slot(professional, start="10:00", end="18:00")["end_time"] == "18:00"


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Pago_Pago"])
def test_west_of_utc_this_evening_can_still_be_offered(backend: Backend, zone: str) -> None:
    """It is the next day already in UTC, by which the professional's day is not over."""
    backend.clock.set(datetime(2027, 3, 2, 18, 0, tzinfo=ZoneInfo(zone)))
    professional = backend.professional(time_zone=zone)
    assert backend.clock.now.astimezone(UTC).date() == date(2027, 3, 3)
    assert backend.slot(professional, "2027-03-02", "20:00", "21:00")["date"] == "2027-03-02"
    assert backend.offer(professional, "2027-03-01", "20:00", "21:00").json()["fields"] == {"date": "This day is over."}


def test_east_of_utc_a_day_that_is_over_cannot(backend: Backend) -> None:
    backend.clock.set(datetime(2027, 3, 2, 20, 0, tzinfo=UTC))  # the third, in Auckland
    professional = backend.professional(time_zone="Pacific/Auckland")
    assert backend.offer(professional, "2027-03-02", "23:00", "24:00").json()["fields"] == {"date": "This day is over."}


@pytest.mark.parametrize(
    "typed",
    [
        {"start_time": "１４：３０", "end_time": "１５：１５", "price": "４５"},
        {"start_time": "١٤:٣٠", "end_time": "١٥:١٥", "price": "٤٥٫٠"},
        {"start_time": "१४:३०", "end_time": "१५:१५", "price": "45,00", "date": "２０２７-03-02"},
    ],
    ids=str,
)
def test_the_digits_of_any_keyboard_are_taken(backend: Backend, professional: Person, typed: dict[str, str]) -> None:
    answer = professional.post(PATH, json={**GOOD, **typed}).json()
    assert (answer["date"], answer["start_time"], answer["end_time"]) == ("2027-03-02", "14:30", "15:15")
    assert answer["price"] == "45.00"


def test_slots_may_touch(backend: Backend, professional: Person) -> None:
    backend.slot(professional, start="10:00", end="11:00")
    assert backend.offer(professional, start="11:00", end="12:00").status_code == 201
    assert backend.offer(professional, start="09:00", end="10:00").status_code == 201


def test_two_professionals_may_offer_the_same_time(backend: Backend, professional: Person) -> None:
    backend.slot(professional)
    assert backend.offer(backend.professional()).status_code == 201


@pytest.mark.parametrize(
    ("start", "end"),
    [("10:00", "10:45"), ("09:30", "10:01"), ("10:44", "11:00"), ("09:00", "12:00"), ("10:10", "10:20")],
)
def test_an_overlap_is_refused_and_names_the_slot_in_the_way(
    backend: Backend, professional: Person, start: str, end: str
) -> None:
    backend.slot(professional, start="10:00", end="10:45")
    answer = backend.offer(professional, start=start, end=end)
    assert (answer.status_code, answer.json()) == (
        409,
        {"error": "SlotOverlaps", "detail": "You already offer 10:00-10:45 on 2 March 2027."},
    )
    assert slots_stored(backend) == 1


def test_repeats_are_all_or_none(backend: Backend, professional: Person) -> None:
    backend.slot(professional, "2027-03-16", "10:00", "10:45")
    answer = backend.offer(professional, "2027-03-02", "10:00", "10:45", repeat_weeks=4)
    assert answer.json()["detail"] == "You already offer 10:00-10:45 on 16 March 2027."
    assert slots_stored(backend) == 1


GOOD: dict[str, Any] = {
    "date": "2027-03-02",
    "start_time": "10:00",
    "end_time": "10:45",
    "price": "45.00",
    "repeat_weeks": 0,
}
BAD = [
    *(
        ({"price": price}, "price")
        for price in ["0", "0.99", "250.01", "1e9", "abc", "", "1.234", "-1", 45, 45.0, None]
    ),
    ({"end_time": "10:00"}, "end_time"),
    ({"end_time": "09:00"}, "end_time"),
    ({"end_time": "10:04"}, "end_time"),
    ({"end_time": "18:01"}, "end_time"),
    ({"end_time": "00:00"}, "end_time"),
    ({"date": "2027-02-28"}, "date"),
    ({"date": "1970-01-01"}, "date"),
    ({"date": "2030-01-01"}, "date"),
    ({"date": "9999-12-31"}, "date"),
    ({"date": "0001-01-01"}, "date"),
    ({"date": "2027-02-30"}, "date"),
    ({"date": "2027-03-02T10:00:00Z"}, "date"),
    ({"date": 1800000000}, "date"),
    ({"date": "2027-03-01", "start_time": "10:00"}, "start_time"),  # 10:00 in Berlin is the present moment
    ({"date": "2027-03-28", "start_time": "02:30", "end_time": "04:00"}, "start_time"),
    ({"date": "2027-03-28", "start_time": "02:30", "end_time": "04:00", "which": "second"}, "start_time"),
    ({"which": "third"}, "which"),
    ({"start_time": "23:00", "end_time": "07:01"}, "end_time"),
    ({"start_time": "10"}, "start_time"),
    ({"start_time": "24:00"}, "start_time"),
    ({"start_time": None}, "start_time"),
    ({"repeat_weeks": -1}, "repeat_weeks"),
    ({"repeat_weeks": 26}, "repeat_weeks"),
    ({"repeat_weeks": "many"}, "repeat_weeks"),
    ({"colour": "blue"}, "colour"),
]


@pytest.mark.parametrize(("change", "field"), BAD, ids=str)
def test_a_bad_slot_is_refused_at_its_field_and_nothing_is_stored(
    backend: Backend, professional: Person, change: dict[str, Any], field: str
) -> None:
    answer = professional.post(PATH, json={**GOOD, **change})
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"] == "InvalidPayload"
    assert list(answer.json()["fields"]) == [field]
    assert slots_stored(backend) == 0


@pytest.mark.parametrize("missing", ["date", "start_time", "end_time", "price"])
def test_a_missing_field_is_named(backend: Backend, professional: Person, missing: str) -> None:
    body = {name: value for name, value in GOOD.items() if name != missing}
    assert professional.post(PATH, json=body).json()["fields"] == {missing: "This is needed."}


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"text"', "\xff"])
def test_a_malformed_body_is_refused_in_the_common_shape(backend: Backend, professional: Person, body: str) -> None:
    answer = professional.post(PATH, content=body.encode("latin-1"), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]) == (422, "InvalidPayload")


def test_a_user_cannot_offer_times(backend: Backend, user: Person) -> None:
    answer = user.post(PATH, json=GOOD)
    assert (answer.status_code, answer.json()["error"]) == (403, "WrongRole")


def test_without_a_token_nobody_offers_times(backend: Backend) -> None:
    answer = backend.client.post(PATH, json=GOOD)
    assert (answer.status_code, answer.json()["error"]) == (401, "NotSignedIn")


def withdraw(backend: Backend, slot_id: str) -> None:
    """What deleting does to the row; deleting over HTTP is the bookings' part."""
    with backend.database.write() as session:
        row = session.scalars(select(SlotRow)).all()
        next(slot for slot in row if str(slot.id) == slot_id).withdrawn_at = backend.clock()


def test_a_deleted_slot_comes_back_within_ten_minutes(backend: Backend, professional: Person) -> None:
    slot = backend.slot(professional)
    withdraw(backend, slot["id"])
    backend.clock.move(minutes=10)
    answer = professional.post(f"{PATH}/{slot['id']}/restore")
    slot = {name: value for name, value in slot.items() if name not in ("repeats", "left_out")}
    assert (answer.status_code, answer.json()) == (200, slot)


def test_a_slot_deleted_longer_ago_stays_deleted(backend: Backend, professional: Person) -> None:
    slot = backend.slot(professional)
    withdraw(backend, slot["id"])
    backend.clock.move(minutes=10, seconds=1)
    assert professional.post(f"{PATH}/{slot['id']}/restore").status_code == 404


def test_a_deleted_slot_whose_time_was_offered_anew_stays_deleted(backend: Backend, professional: Person) -> None:
    slot = backend.slot(professional)
    withdraw(backend, slot["id"])
    backend.slot(professional, start="10:30", end="11:30")
    answer = professional.post(f"{PATH}/{slot['id']}/restore")
    assert (answer.status_code, answer.json()["error"]) == (409, "SlotOverlaps")


def test_someone_elses_deleted_slot_is_not_theirs_to_bring_back(backend: Backend, professional: Person) -> None:
    slot = backend.slot(professional)
    withdraw(backend, slot["id"])
    assert backend.professional().post(f"{PATH}/{slot['id']}/restore").status_code == 404


@pytest.mark.parametrize("slot_id", ["not-an-id", "00000000-0000-0000-0000-000000000000", "0", "%00"])
def test_a_slot_that_is_none_cannot_be_brought_back(backend: Backend, professional: Person, slot_id: str) -> None:
    answer = professional.post(f"{PATH}/{slot_id}/restore")
    assert (answer.status_code, answer.json()["error"]) == (404, "NotFound")
