"""The key of a session's encryption: who gets it, for how long, and where it never stands."""

import logging
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from backend.calls.tables import CallKeyRow
from backend.retention import delete_old_rows
from tests.backend.bookings.acting import confirmed
from tests.backend.stage import Backend, Person
from tests.fakes.call_rooms import FakeCallRooms


@pytest.fixture
def open_room(backend: Backend, professional: Person, user: Person) -> dict[str, Any]:
    """A session that can be joined now, until an hour later."""
    booking = confirmed(user, backend.slot(professional, "2027-03-01", "11:00", "11:45"))
    backend.clock.move(minutes=60)
    return booking


def link(person: Person, booking: dict[str, Any], **said: Any) -> dict[str, Any]:
    answer = person.post(f"/sessions/{booking['id']}/generate-call-link", json=said or None)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def kept(backend: Backend) -> list[str]:
    with backend.database.read() as session:
        return list(session.scalars(select(CallKeyRow.key)))


def test_both_get_the_same_key_and_so_does_every_device_and_rejoin(
    professional: Person, user: Person, open_room: dict[str, Any]
) -> None:
    phone = "a" * 16
    keys = {
        link(professional, open_room)["encryption_key"],
        link(user, open_room)["encryption_key"],
        link(user, open_room, join_id=phone)["encryption_key"],
        link(user, open_room, join_id=phone, rejoin=True)["encryption_key"],
    }
    (key,) = keys
    assert len(key) == 43  # 32 random bytes


def test_each_session_has_a_key_of_its_own(
    backend: Backend, professional: Person, user: Person, open_room: dict[str, Any]
) -> None:
    other = confirmed(user, backend.slot(professional, "2027-03-01", "11:50", "12:35"))
    backend.clock.move(minutes=40)
    assert link(user, open_room)["encryption_key"] != link(user, other)["encryption_key"]


def test_neither_the_token_nor_what_the_token_opens_carries_the_key(
    backend: Backend, user: Person, open_room: dict[str, Any], rooms: FakeCallRooms, caplog: pytest.LogCaptureFixture
) -> None:
    """The media server reads the token, so whoever has one must not get the key with it."""
    caplog.set_level(logging.DEBUG)
    given = link(user, open_room)
    client: TestClient = backend.client
    headers = {"Authorization": f"Bearer {given['access_token']}"}
    at = f"/call/{open_room['id']}"
    joined = client.post(f"{at}/join", headers=headers, json={"join_id": "a" * 16}).text
    facts = client.get(f"{at}/facts", headers=headers).text
    passes = [repr(room_pass) for room_pass in rooms.passes]
    for text in (joined, facts, given["access_token"], *passes, caplog.text):
        assert given["encryption_key"] not in text


def test_the_key_is_gone_when_the_session_is_over(backend: Backend, user: Person, open_room: dict[str, Any]) -> None:
    link(user, open_room)
    delete_old_rows(backend.database, backend.clock())
    assert len(kept(backend)) == 1
    backend.clock.move(minutes=60)
    delete_old_rows(backend.database, backend.clock())
    assert kept(backend) == []
