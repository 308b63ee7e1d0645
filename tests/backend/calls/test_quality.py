"""How a call ran: who may say it and when, what is kept, and that nothing else follows from it."""

from typing import Any

import pytest
from fastapi import FastAPI

from backend.bookings.access import terms_of
from backend.calls.access import limits_of
from backend.settings import Settings
from backend.worker import Worker
from tests.backend.bookings.acting import confirmed, held, seen
from tests.backend.stage import Backend, Person
from tests.fakes.call_rooms import FakeCallRooms

REPORT: dict[str, Any] = {
    "measured_s": 600,
    "own_rating": "good",
    "other_rating": "fair",
    "round_trip_ms": 45,
    "loss_in_permille": 3,
    "loss_out_permille": 12,
    "concealed_permille": 4,
    "frozen_s": 2,
    "reduced_s": 30,
    "interruptions": 1,
    "received_height": 720,
    "received_rate_hz": 29,
}


@pytest.fixture
def booking(backend: Backend, professional: Person, user: Person) -> dict[str, Any]:
    """Paid, from 10:00 to 10:45 UTC; the room is open from 9:45 to 11:00; it is 10:00."""
    booking = confirmed(user, backend.slot(professional, "2027-03-01", "11:00", "11:45"))
    backend.clock.move(minutes=60)
    return booking


def path(booking: dict[str, Any]) -> str:
    return f"/sessions/{booking['id']}/quality"


def report(person: Person, booking: dict[str, Any], **changes: Any) -> Any:
    return person.put(path(booking), json={**REPORT, **changes})


def test_both_see_what_each_has_reported(professional: Person, user: Person, booking: dict[str, Any]) -> None:
    assert report(user, booking).status_code == 200
    report(professional, booking, own_rating="poor", other_rating=None)
    answer = professional.get(path(booking)).json()
    assert user.get(path(booking)).json() == answer
    assert (answer["user"]["own_rating"], answer["professional"]["own_rating"]) == ("good", "poor")
    assert answer["user"] == {**REPORT, "reported_at": "2027-03-01T10:00:00Z"}


def test_who_has_not_reported_is_null(user: Person, booking: dict[str, Any]) -> None:
    assert user.get(path(booking)).json() == {"professional": None, "user": None}


def test_the_report_of_an_app_that_was_started_again_does_not_hide_the_longer_one(
    user: Person, booking: dict[str, Any]
) -> None:
    report(user, booking, measured_s=500, own_rating="fair")
    assert report(user, booking, measured_s=20, frozen_s=0, reduced_s=0).json()["user"]["own_rating"] == "fair"
    assert report(user, booking, measured_s=800).json()["user"]["own_rating"] == "good"


def test_it_is_nobody_elses_to_see_or_say(backend: Backend, booking: dict[str, Any]) -> None:
    other = backend.user()
    assert (report(other, booking).status_code, other.get(path(booking)).status_code) == (404, 404)


@pytest.mark.parametrize(
    "changes",
    [
        {"measured_s": 0},
        {"measured_s": "600"},
        {"measured_s": 600.5},
        {"measured_s": True},
        {"own_rating": "superb"},
        {"own_rating": None},
        {"round_trip_ms": -1},
        {"loss_in_permille": 1001},
        {"frozen_s": 601},
        {"reduced_s": 601},
        {"interruptions": 1001},
        {"received_height": 0},
        {"note": "hello"},
    ],
)
def test_what_cannot_be_is_refused(user: Person, booking: dict[str, Any], changes: dict[str, Any]) -> None:
    answer = report(user, booking, **changes)
    assert (answer.status_code, answer.json()["error"]) == (422, "InvalidPayload")
    assert user.get(path(booking)).json()["user"] is None


def test_more_than_the_room_was_open_for_cannot_have_been_measured(user: Person, booking: dict[str, Any]) -> None:
    answer = report(user, booking, measured_s=901)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["measured_s"])
    assert report(user, booking, measured_s=900).status_code == 200


@pytest.mark.parametrize(
    ("minutes", "error"),
    [(-15.01, "TooEarlyToStart"), (120, None), (59 + 24 * 60, None), (60 + 24 * 60, "SessionOver")],
)
def test_it_is_taken_from_the_opening_of_the_room_until_a_day_after(
    backend: Backend, user: Person, booking: dict[str, Any], minutes: float, error: str | None
) -> None:
    backend.clock.move(minutes=minutes)
    answer = report(user, booking, measured_s=1, frozen_s=0, reduced_s=0)
    assert answer.json().get("error") == error


def test_a_session_that_is_not_paid_has_no_call(backend: Backend, professional: Person, user: Person) -> None:
    waiting = held(user, backend.slot(professional, "2027-03-01", "11:00", "11:45"))
    assert report(user, waiting).json()["error"] == "NotPaid"


def test_a_cancelled_session_has_no_call(user: Person, professional: Person, booking: dict[str, Any]) -> None:
    shown = professional.get(f"/sessions/{booking['id']}/cancellation").json()["refund"]
    professional.post(f"/sessions/{booking['id']}/cancel", json={"expected_refund": shown})
    assert report(user, booking).json()["error"] == "SessionCancelled"


def test_what_an_app_says_of_a_call_decides_nothing_about_who_came(
    app: FastAPI, backend: Backend, settings: Settings, user: Person, booking: dict[str, Any], rooms: FakeCallRooms
) -> None:
    worker = Worker(
        backend.database, app.state.payment_gateway, rooms, terms_of(settings), limits_of(settings), backend.clock
    )
    for _ in range(70):  # the room is looked into all the time, and nobody is ever there
        worker.run_once()
        backend.clock.move(minutes=1)
        report(user, booking, measured_s=600)
    assert user.get(path(booking)).json()["user"] is not None
    assert seen(user, booking)["absent"] == "both"
