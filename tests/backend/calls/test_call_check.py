"""Trying the connection before a call."""

from fastapi.testclient import TestClient

from backend.calls.rules import booking_of_room
from tests.backend.stage import Person
from tests.fakes.call_rooms import FakeCallRooms


def test_each_check_has_a_room_of_its_own_that_soon_goes(user: Person, rooms: FakeCallRooms) -> None:
    first, second = user.post("/calls/check").json(), user.post("/calls/check").json()
    assert first.keys() == {"room_name", "livekit_url", "access_token"}
    assert first["room_name"] != second["room_name"]
    assert set(rooms.kept_s.values()) == {30}
    assert {room_pass.room_name for room_pass in rooms.passes} == {first["room_name"], second["room_name"]}
    assert all(room_pass.valid_for.total_seconds() == 120 for room_pass in rooms.passes)


def test_a_checks_room_is_never_a_sessions(user: Person) -> None:
    assert booking_of_room(user.post("/calls/check").json()["room_name"]) is None


def test_checking_needs_a_sign_in(client: TestClient, rooms: FakeCallRooms) -> None:
    assert client.post("/calls/check").status_code == 401
    assert rooms.rooms == {}


def test_without_a_media_server_the_check_says_so(user: Person, rooms: FakeCallRooms) -> None:
    rooms.down = True
    answer = user.post("/calls/check")
    assert (answer.status_code, answer.json()["error"]) == (503, "ServiceUnavailable")
