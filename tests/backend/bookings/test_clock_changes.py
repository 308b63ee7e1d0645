"""The days on which clocks change, through the whole backend: offering, finding, counting days, cancelling."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.backend.availability.clock_changes import CHANGES, Change
from tests.backend.bookings.acting import book, checkout_path, confirmed, held
from tests.backend.stage import Backend, Person

each_change = pytest.mark.parametrize("change", CHANGES, ids=str)
OWN = "/professional/sessions/availability"


def before(backend: Backend, change: Change) -> None:
    """It is two weeks before the change."""
    backend.clock.set(datetime.combine(change.day - timedelta(days=14), datetime.min.time(), UTC))


def every_hour(backend: Backend, professional: Person, begin: datetime, hours: int) -> list[dict[str, Any]]:
    """Slots of ten minutes that begin each full hour of UTC, by the wall clock of a professional in UTC."""
    found = []
    for hour in range(hours):
        starts_at = begin + timedelta(hours=hour)
        end = f"{starts_at + timedelta(minutes=10):%H:%M}"
        found.append(backend.slot(professional, starts_at.date(), f"{starts_at:%H:%M}", end))
    return found


def free(backend: Backend, professional: Person, day: date, zone: str) -> list[str]:
    answer = backend.client.get(f"/professional/{professional.id}/availability", params={"date": str(day), "tz": zone})
    assert answer.status_code == 200, answer.text
    return [slot["id"] for slot in answer.json()["items"]]


@each_change
def test_a_viewers_day_has_the_slots_that_begin_within_it_however_long_it_is(backend: Backend, change: Change) -> None:
    before(backend, change)
    professional = backend.professional(time_zone="UTC")
    noon = datetime.fromisoformat(change.at_utc).replace(tzinfo=UTC, minute=0) - timedelta(hours=36)
    slots = every_hour(backend, professional, noon, 72)
    zone = ZoneInfo(change.zone)
    seen: list[str] = []
    for day in (change.day + timedelta(days=offset) for offset in (-1, 0, 1)):
        expected = [
            slot["id"] for slot in slots if datetime.fromisoformat(slot["starts_at"]).astimezone(zone).date() == day
        ]
        assert free(backend, professional, day, change.zone) == expected
        seen += expected
    assert len(set(seen)) == len(seen)
    on_the_day = len(free(backend, professional, change.day, change.zone))
    assert on_the_day in {int(change.hours), int(change.hours + 0.5)}


@each_change
def test_the_days_of_a_month_are_counted_as_the_viewer_sees_them(backend: Backend, change: Change) -> None:
    before(backend, change)
    professional = backend.professional(time_zone="UTC")
    noon = datetime.fromisoformat(change.at_utc).replace(tzinfo=UTC, minute=0) - timedelta(hours=36)
    every_hour(backend, professional, noon, 72)
    path = f"/professional/{professional.id}/availability/days"
    answer = backend.client.get(path, params={"month": f"{change.day:%Y-%m}", "tz": change.zone}).json()
    for day in answer["days"]:
        assert day["free"] == len(free(backend, professional, date.fromisoformat(day["date"]), change.zone))
    assert str(change.day) in {day["date"] for day in answer["days"]}


@each_change
def test_a_skipped_time_cannot_be_offered_and_one_that_happens_twice_is_the_first(
    backend: Backend, change: Change
) -> None:
    before(backend, change)
    professional = backend.professional(time_zone=change.zone)
    for text in change.skipped:
        later = datetime.combine(change.day, time.fromisoformat(text)) + timedelta(minutes=10)
        answer = backend.offer(professional, change.day, text, f"{later:%H:%M}")
        assert answer.status_code == 422
        assert answer.json()["fields"]["start_time"].startswith(f"{text} does not exist on {change.day.day} ")
    if change.twice:
        text, first = change.twice
        end = f"{datetime.fromisoformat(f'2000-01-01 {text}') + timedelta(minutes=10):%H:%M}"
        slot = backend.slot(professional, change.day, text, end)
        assert slot["starts_at"] == datetime.fromisoformat(first).strftime("%Y-%m-%dT%H:%M:%SZ")
        assert (slot["date"], slot["start_time"], slot["end_time"]) == (str(change.day), text, end)
        body = {"date": str(change.day), "start_time": text, "end_time": end, "price": "45.00", "which": "second"}
        second = professional.post(OWN, json=body).json()
        apart = datetime.fromisoformat(second["starts_at"]) - datetime.fromisoformat(slot["starts_at"])
        assert apart == timedelta(hours=change.hours - 24)
        taken = backend.offer(professional, change.day, text, end).json()["detail"]
        assert taken.startswith(f"You already offer {text} "), "which of the two is named"


@each_change
def test_repeats_over_the_change_keep_their_wall_time_and_are_on_their_days(backend: Backend, change: Change) -> None:
    before(backend, change)
    professional = backend.professional(time_zone=change.zone)
    slot = backend.slot(professional, change.day - timedelta(days=7), "18:00", "18:45", repeat_weeks=2)
    made = [slot, *slot["repeats"]]
    assert {(each["start_time"], each["end_time"]) for each in made} == {("18:00", "18:45")}
    for each in made:
        assert free(backend, professional, date.fromisoformat(each["date"]), change.zone) == [each["id"]]
    listed = professional.get(OWN, params={"date_from": str(change.day), "date_to": str(change.day)}).json()
    assert [each["id"] for each in listed["items"]] == [made[1]["id"]]


@each_change
def test_cancelling_counts_exact_hours_over_the_change_and_the_calendar_has_exact_times(
    backend: Backend, user: Person, change: Change
) -> None:
    before(backend, change)
    user = backend.user(time_zone=change.zone)
    professional = backend.professional(time_zone=change.zone)
    slot = backend.slot(professional, change.day, "10:00", "10:45")
    starts_at = datetime.fromisoformat(slot["starts_at"])
    booking = confirmed(user, slot)
    assert datetime.fromisoformat(booking["policy"]["full_until"]) == starts_at - timedelta(hours=12)
    event = user.get(f"/sessions/{booking['id']}/calendar").text
    assert f"DTSTART:{starts_at:%Y%m%dT%H%M%SZ}" in event
    for late, share in ((timedelta(0), "full"), (timedelta(seconds=1), "half")):
        backend.clock.set(starts_at - timedelta(hours=12) + late)
        assert user.get(f"/sessions/{booking['id']}/cancellation").json()["share"] == share


def test_the_pay_page_and_refusals_name_which_of_two_equal_hours_it_is(backend: Backend) -> None:
    backend.clock.set(datetime(2027, 11, 1, tzinfo=UTC))
    london, other = backend.professional(time_zone="Europe/London"), backend.professional(time_zone="Europe/London")
    user = backend.user(time_zone="America/New_York")
    booking = held(user, backend.slot(london, "2027-11-07", "05:00", "06:00"))
    later = held(user, backend.slot(london, "2027-11-07", "06:00", "07:00"))
    pages = [user.client.get(checkout_path(each)).text for each in (booking, later)]
    assert "01:00 EDT-01:00 EST on 7 November 2027 (New York)" in pages[0]
    assert "01:00 EST-02:00 on 7 November 2027 (New York)" in pages[1]
    clash = book(user, backend.slot(other, "2027-11-07", "06:30", "07:00")).json()
    assert clash["detail"] == "You already have a session at this time: 01:00 EST-02:00 on 7 November 2027."
