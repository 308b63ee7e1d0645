"""The demo: at every start there is a session of its two people that can be started, and nothing of theirs is lost."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from backend.availability.tables import SlotRow
from backend.main import create_app, prepare_demo
from backend.settings import Settings
from tests.backend.stage import NO_MAIL_SERVER, Backend, Person
from tests.fakes.payment_gateway import FakePaymentGateway


def person(backend: Backend, number: int) -> Person:
    """Nora is the first of the demo people, Sam the second."""
    who = backend.client.get("/demo/people").json()["items"][number]
    body = {"email": who["email"], "password": who["password"]}
    signed_in = backend.client.post("/auth/sign-in", json=body).json()
    return Person(backend.client, signed_in["account"], signed_in["token"], who["password"])


def startable(backend: Backend) -> list[dict[str, Any]]:
    """Nora's sessions with Sam that both may join now."""
    items = person(backend, 0).get("/professional/sessions", params={"limit": 100}).json()["items"]
    now = backend.clock()
    return [
        session
        for session in items
        if session["user"]["name"] == "Sam Okafor"
        and session["status"] == "confirmed"
        and session["payment_status"] == "paid"
        and datetime.fromisoformat(session["join_opens_at"]) <= now < datetime.fromisoformat(session["ends_at"])
    ]


def slots_stored(backend: Backend) -> int:
    with backend.database.read() as session:
        return session.scalar(select(func.count()).select_from(SlotRow)) or 0


def test_the_two_people_can_sign_in(app: FastAPI, backend: Backend) -> None:
    prepare_demo(app, days_ahead=3)
    people = backend.client.get("/demo/people").json()["items"]
    assert [(who["name"], who["role"]) for who in people] == [
        ("Nora Lindqvist", "professional"),
        ("Sam Okafor", "user"),
    ]
    assert person(backend, 0).get("/auth/me").json()["role"] == "professional"


def test_there_is_one_paid_session_that_can_be_started_now(app: FastAPI, backend: Backend) -> None:
    prepare_demo(app, days_ahead=3)
    (session,) = startable(backend)
    starts_in = datetime.fromisoformat(session["starts_at"]) - backend.clock()
    assert timedelta(0) < starts_in <= timedelta(minutes=10)


def test_both_people_see_the_session(app: FastAPI, backend: Backend) -> None:
    prepare_demo(app, days_ahead=3)
    mine = person(backend, 1).get("/sessions/my-bookings").json()["items"]
    assert [session["id"] for session in mine] == [session["id"] for session in startable(backend)]


def test_a_second_start_finds_everything_there(app: FastAPI, backend: Backend) -> None:
    prepare_demo(app, days_ahead=3)
    before = slots_stored(backend), startable(backend)
    backend.clock.move(minutes=2)
    prepare_demo(app, days_ahead=3)
    assert (slots_stored(backend), startable(backend)) == before


# Hours of two days, a change of clocks, and moments around Stockholm's midnight.
STARTS = [
    *(
        datetime(2027, 6, 7, 5, 3, tzinfo=UTC) + timedelta(hours=hours, minutes=7 * hours % 60)
        for hours in range(0, 40, 5)
    ),
    datetime(2027, 3, 28, 0, 52, tzinfo=UTC),
    datetime(2027, 10, 31, 0, 20, tzinfo=UTC),
    *(datetime(2027, 6, 7, 21, minute, tzinfo=UTC) for minute in (30, 46, 55, 58, 59)),
]


@pytest.mark.parametrize("now", STARTS, ids=str)
def test_at_whatever_time_it_is_started_a_session_can_be_started(app: FastAPI, backend: Backend, now: datetime) -> None:
    backend.clock.set(now - timedelta(days=2))
    prepare_demo(app, days_ahead=3)
    backend.clock.set(now)
    prepare_demo(app, days_ahead=3)
    assert len(startable(backend)) == 1


def test_when_the_session_is_almost_over_another_is_made(app: FastAPI, backend: Backend) -> None:
    prepare_demo(app, days_ahead=3)
    (first,) = startable(backend)
    backend.clock.set(datetime.fromisoformat(first["ends_at"]) - timedelta(minutes=5))
    prepare_demo(app, days_ahead=3)
    earlier, later = startable(backend)
    assert earlier["id"] == first["id"]
    assert datetime.fromisoformat(later["ends_at"]) - backend.clock() >= timedelta(minutes=15)


def test_the_days_ahead_have_free_times_of_several_categories(app: FastAPI, backend: Backend) -> None:
    prepare_demo(app)
    cards = backend.client.get("/professionals").json()["items"]
    assert len(cards) == 7
    assert len({card["category"] for card in cards}) == 7
    assert all(card["next_free_at"] for card in cards)


def test_a_day_that_its_professional_cleared_stays_clear(app: FastAPI, backend: Backend) -> None:
    prepare_demo(app, days_ahead=3)
    nora = person(backend, 0)
    day = {"date_from": "2027-03-02", "date_to": "2027-03-02"}
    slots = nora.get("/professional/sessions/availability", params=day).json()["items"]
    assert slots
    for slot in slots:
        assert nora.delete(f"/professional/sessions/availability/{slot['id']}").status_code == 204
    prepare_demo(app, days_ahead=3)
    assert nora.get("/professional/sessions/availability", params=day).json()["items"] == []


def test_what_a_person_changed_stays(app: FastAPI, backend: Backend) -> None:
    prepare_demo(app, days_ahead=3)
    nora = person(backend, 0)
    nora.patch("/professional/profile", json={"headline": "My own words", "time_zone": "Asia/Tokyo"})
    prepare_demo(app, days_ahead=3)
    profile = nora.get("/professional/profile").json()
    assert (profile["headline"], profile["time_zone"]) == ("My own words", "Asia/Tokyo")


def test_a_slot_that_has_begun_unbooked_gives_way(app: FastAPI, backend: Backend) -> None:
    prepare_demo(app, days_ahead=3)
    nora = person(backend, 0)
    slot = backend.slot(nora, "2027-03-01", "14:00", "15:00")
    backend.clock.set(datetime.fromisoformat(slot["starts_at"]) + timedelta(minutes=10))
    prepare_demo(app, days_ahead=3)
    assert len(startable(backend)) == 1


def test_a_booked_session_of_nora_is_not_touched(app: FastAPI, backend: Backend) -> None:
    prepare_demo(app, days_ahead=3)
    (session,) = startable(backend)
    with backend.database.read() as opened:
        slot = opened.get_one(SlotRow, UUID(session["slot_id"]))
    assert slot.withdrawn_at is None


def test_without_the_demo_nobody_is_told_of_its_people(settings: Settings) -> None:
    real = Settings(**(settings.model_dump() | {"rendezvous_demo": False} | NO_MAIL_SERVER))
    app = create_app(real, payment_gateway=FakePaymentGateway(), run_worker=False)
    with TestClient(app) as client:
        assert client.get("/demo/people").status_code == 404
