"""Earnings week by week, as the professional's own zone counts weeks."""

import pytest

from tests.backend.bookings.acting import confirmed
from tests.backend.bookings.money.reports import earnings_report
from tests.backend.stage import Backend, MovableClock, Person


def test_who_has_earned_nothing_sees_twelve_empty_weeks_up_to_this_one(professional: Person) -> None:
    shown = earnings_report(professional)
    assert {name: shown[name] for name in shown if name != "weeks"} == {
        "currency": "USD",
        "time_zone": "Europe/Berlin",
        "upcoming": "0.00",
        "paid": "0.00",
        "refunded": "0.00",
        "fees": "0.00",
        "on_hold": "0.00",
        "on_hold_reason": None,
    }
    empty = {"upcoming": "0.00", "paid": "0.00", "refunded": "0.00", "sessions": 0}
    assert shown["weeks"][0] == {"week": "2026-12-14"} | empty
    assert shown["weeks"][-1] == {"week": "2027-03-01"} | empty
    assert len(shown["weeks"]) == 12


def test_weeks_are_of_the_own_zone_by_the_start_also_where_the_clocks_change(backend: Backend, user: Person) -> None:
    """Berlin's clocks go forward on Sunday, 28 March 2027: that Sunday's last hour begins at 21:00 UTC."""
    professional = backend.professional()
    for day, start, end in (("2027-03-28", "23:00", "24:00"), ("2027-03-29", "00:00", "01:00")):
        confirmed(user, backend.slot(professional, day, start, end))
    weeks = {week["week"]: week["sessions"] for week in earnings_report(professional)["weeks"]}
    assert {week: n for week, n in weeks.items() if n} == {"2027-03-22": 1, "2027-03-29": 1}
    assert list(weeks)[-5:] == ["2027-03-01", "2027-03-08", "2027-03-15", "2027-03-22", "2027-03-29"]
    professional.patch("/auth/me", json={"time_zone": "America/New_York"})
    weeks = {week["week"]: week["sessions"] for week in earnings_report(professional)["weeks"]}
    assert {week: n for week, n in weeks.items() if n} == {"2027-03-22": 2}


def test_the_totals_hold_more_than_the_weeks_that_are_asked_for(
    backend: Backend, professional: Person, user: Person, clock: MovableClock
) -> None:
    confirmed(user, backend.slot(professional, "2027-03-02"))
    confirmed(user, backend.slot(professional, "2027-03-10"))
    clock.move(weeks=3)
    shown = earnings_report(professional, weeks=1)
    assert (shown["upcoming"], [week["week"] for week in shown["weeks"]]) == ("81.00", ["2027-03-22"])
    shown = earnings_report(professional, weeks=52)
    assert [week["sessions"] for week in shown["weeks"]][-4:] == [1, 1, 0, 0]
    assert len(shown["weeks"]) == 52


@pytest.mark.parametrize("weeks", [0, 53, "many"])
def test_a_number_of_weeks_that_cannot_be_is_named(professional: Person, weeks: object) -> None:
    answer = professional.get("/professional/earnings", params={"weeks": weeks})
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["weeks"])
