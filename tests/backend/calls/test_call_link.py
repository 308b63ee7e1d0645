"""Who gets into a session's room, when, and with what."""

from typing import Any

import pytest

from backend.calls.access import limits_of
from backend.calls.service.deciding import decide_ended
from backend.settings import Settings
from tests.backend.bookings.acting import confirmed, held
from tests.backend.stage import Backend, Person, both_were_there
from tests.fakes.call_rooms import FakeCallRooms


@pytest.fixture
def booking(backend: Backend, professional: Person, user: Person) -> dict[str, Any]:
    """Paid, from 11:00 to 11:45 in Berlin: the room is open from 9:45 to 11:00 UTC; it is 9:00."""
    return confirmed(user, backend.slot(professional, "2027-03-01", "11:00", "11:45"))


def link(person: Person, booking: dict[str, Any]) -> Any:
    return person.post(f"/sessions/{booking['id']}/generate-call-link")


def test_the_answer_has_exactly_the_agreed_fields(
    backend: Backend, professional: Person, booking: dict[str, Any]
) -> None:
    backend.clock.move(minutes=45)
    answer = link(professional, booking).json()
    key = answer["encryption_key"]
    assert answer == {
        "session_id": booking["id"],
        "room_name": f"session_{booking['id']}",
        "livekit_url": "ws://livekit.test",
        "access_token": "token-1",
        "encryption_key": key,
        "participant_identity": f"professional_{professional.id}",
        "participant_role": "professional",
        "call_url": f"http://backend.test/call/{booking['id']}"
        "#livekit_url=ws%3A%2F%2Flivekit.test&access_token=token-1"
        f"&encryption_key={key}",
    }


def test_both_get_the_same_room_and_each_their_own_identity_role_and_token(
    backend: Backend, professional: Person, user: Person, booking: dict[str, Any], rooms: FakeCallRooms
) -> None:
    backend.clock.move(minutes=45)
    theirs, mine = link(professional, booking).json(), link(user, booking).json()
    assert theirs["room_name"] == mine["room_name"]
    for own in ("participant_identity", "participant_role", "access_token"):
        assert theirs[own] != mine[own]
    assert [room_pass.name for room_pass in rooms.passes] == ["Nora Berg", "Sam Vale"]


def test_every_link_makes_sure_that_the_room_is_there_until_the_window_closes(
    backend: Backend, user: Person, booking: dict[str, Any], rooms: FakeCallRooms
) -> None:
    backend.clock.move(minutes=45)
    link(user, booking)
    assert rooms.kept_s == {f"session_{booking['id']}": 75 * 60}
    rooms.rooms.clear()
    link(user, booking)
    assert list(rooms.rooms) == [f"session_{booking['id']}"]


def test_the_token_is_good_for_joining_until_the_window_closes(
    backend: Backend, user: Person, booking: dict[str, Any], rooms: FakeCallRooms
) -> None:
    backend.clock.move(minutes=45)
    link(user, booking)
    assert rooms.passes[0].valid_for.total_seconds() == 75 * 60


@pytest.mark.parametrize(
    ("minutes", "error"),
    [
        (44.999, "TooEarlyToStart"),
        (45, None),
        (60, None),
        (105, None),  # its time is over, the window is not
        (119.999, None),
        (120, "SessionOver"),
    ],
)
def test_the_room_is_open_exactly_in_the_join_window(
    backend: Backend, user: Person, booking: dict[str, Any], minutes: float, error: str | None
) -> None:
    backend.clock.move(minutes=minutes)
    answer = link(user, booking)
    assert (answer.status_code, answer.json().get("error")) == ((409, error) if error else (200, None))


def test_being_too_early_says_when_the_room_opens(user: Person, booking: dict[str, Any]) -> None:
    assert link(user, booking).json()["opens_at"] == "2027-03-01T09:45:00.000Z"


def test_a_session_that_is_completed_can_be_joined_until_the_window_closes(
    backend: Backend, user: Person, booking: dict[str, Any], settings: Settings
) -> None:
    backend.clock.move(minutes=110)
    both_were_there(backend.database, booking)
    with backend.database.write() as session:
        assert decide_ended(session, limits_of(settings), backend.clock()) == 1
    assert link(user, booking).status_code == 200


def test_a_session_that_is_not_paid_has_no_room(
    backend: Backend, professional: Person, user: Person, rooms: FakeCallRooms
) -> None:
    booking = held(user, backend.slot(professional, "2027-03-01", "10:10", "10:55"))
    for person in (user, professional):
        answer = link(person, booking)
        assert (answer.status_code, answer.json()["error"]) == (409, "NotPaid")
    assert rooms.rooms == {}


def test_a_cancelled_session_says_so(backend: Backend, professional: Person, user: Person) -> None:
    booking = held(user, backend.slot(professional, "2027-03-01", "10:10", "10:55"))
    user.post(f"/sessions/{booking['id']}/release")
    assert link(user, booking).json()["error"] == "SessionCancelled"


def test_a_third_person_gets_no_token(backend: Backend, booking: dict[str, Any], rooms: FakeCallRooms) -> None:
    backend.clock.move(minutes=45)
    for stranger in (backend.user(), backend.professional()):
        assert link(stranger, booking).status_code == 404
    assert backend.client.post(f"/sessions/{booking['id']}/generate-call-link").status_code == 401
    assert (rooms.passes, rooms.rooms) == ([], {})


def test_without_a_media_server_the_person_is_asked_to_try_again(
    backend: Backend, user: Person, booking: dict[str, Any], rooms: FakeCallRooms
) -> None:
    backend.clock.move(minutes=45)
    rooms.down = True
    answer = link(user, booking)
    assert (answer.status_code, answer.json()["error"]) == (503, "ServiceUnavailable")
    assert rooms.passes == []


def presence(person: Person, booking: dict[str, Any]) -> Any:
    return person.get(f"/sessions/{booking['id']}/presence")


def test_presence_names_who_is_in_the_room(
    backend: Backend, professional: Person, user: Person, booking: dict[str, Any], rooms: FakeCallRooms
) -> None:
    backend.clock.move(minutes=45)
    identity = link(user, booking).json()["participant_identity"]
    assert presence(professional, booking).json() == {"present": []}
    rooms.rooms[f"session_{booking['id']}"] = {identity, "someone else"}
    assert presence(professional, booking).json() == {"present": ["user"]}


def test_outside_the_window_nobody_is_there_and_nobody_is_asked(
    user: Person, booking: dict[str, Any], rooms: FakeCallRooms
) -> None:
    assert presence(user, booking).json() == {"present": []}
    assert rooms.asked == 0


def test_presence_is_for_the_two_only(backend: Backend, booking: dict[str, Any]) -> None:
    assert presence(backend.user(), booking).status_code == 404


LAPTOP, PHONE = "1aptop-1aptop-1aptop", "phone_phone_phone_phone"


def enter(person: Person, booking: dict[str, Any], device: str, *, rejoin: bool = False) -> Any:
    said = {"join_id": device, "rejoin": rejoin}
    return person.post(f"/sessions/{booking['id']}/generate-call-link", json=said)


@pytest.fixture
def open_booking(backend: Backend, booking: dict[str, Any]) -> dict[str, Any]:
    backend.clock.move(minutes=45)
    return booking


def test_a_device_that_lost_its_connection_may_come_back_as_often_as_it_takes(
    user: Person, open_booking: dict[str, Any]
) -> None:
    enter(user, open_booking, LAPTOP)
    assert [enter(user, open_booking, LAPTOP, rejoin=True).status_code for _ in range(3)] == [200] * 3


def test_a_device_that_comes_back_does_not_evict_the_one_on_which_the_person_has_joined_since(
    user: Person, open_booking: dict[str, Any], rooms: FakeCallRooms
) -> None:
    enter(user, open_booking, LAPTOP)
    enter(user, open_booking, PHONE)
    let_in = len(rooms.passes)
    refused = enter(user, open_booking, LAPTOP, rejoin=True)
    assert (refused.status_code, refused.json()["error"]) == (409, "JoinedElsewhere")
    assert len(rooms.passes) == let_in
    assert enter(user, open_booking, PHONE, rejoin=True).status_code == 200, "the newest one stays the newest"


def test_a_person_may_always_change_the_device_themselves(user: Person, open_booking: dict[str, Any]) -> None:
    enter(user, open_booking, LAPTOP)
    enter(user, open_booking, PHONE)
    assert enter(user, open_booking, LAPTOP).status_code == 200
    assert enter(user, open_booking, PHONE, rejoin=True).json()["error"] == "JoinedElsewhere"


def test_the_other_person_and_an_app_that_names_no_join_are_not_concerned(
    user: Person, professional: Person, open_booking: dict[str, Any]
) -> None:
    enter(professional, open_booking, LAPTOP)
    enter(user, open_booking, PHONE)
    assert enter(professional, open_booking, LAPTOP, rejoin=True).status_code == 200
    assert link(professional, open_booking).status_code == 200, "each time a new join, as ever"
    assert enter(professional, open_booking, LAPTOP, rejoin=True).json()["error"] == "JoinedElsewhere"


def test_a_rejoin_of_which_nothing_is_known_is_let_in(user: Person, open_booking: dict[str, Any]) -> None:
    assert enter(user, open_booking, LAPTOP, rejoin=True).status_code == 200
    assert enter(user, open_booking, PHONE, rejoin=True).json()["error"] == "JoinedElsewhere"


def test_a_device_that_was_not_let_in_is_not_the_newest(
    user: Person, open_booking: dict[str, Any], rooms: FakeCallRooms
) -> None:
    enter(user, open_booking, LAPTOP)
    rooms.down = True
    assert enter(user, open_booking, PHONE).status_code == 503
    rooms.down = False
    assert enter(user, open_booking, LAPTOP, rejoin=True).status_code == 200


@pytest.mark.parametrize(
    "said", [{"join_id": "short"}, {"join_id": "with spaces in it, here"}, {"rejoin": True}, {"join_id": PHONE, "x": 1}]
)
def test_a_join_that_is_named_badly_is_refused(
    user: Person, open_booking: dict[str, Any], said: dict[str, Any]
) -> None:
    refused = user.post(f"/sessions/{open_booking['id']}/generate-call-link", json=said)
    assert (refused.status_code, refused.json()["error"]) == (422, "InvalidPayload")
