"""Recording on a server: only with both people's consent, only what it can read, and never a moment longer."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI

from backend.settings import Settings
from tests.backend.calls.test_recordings import ASK, tell
from tests.backend.stage import Person
from tests.fakes.call_rooms import FakeCallRooms
from tests.fakes.server_recordings import FakeServerRecordings

SERVER = FakeServerRecordings()


@pytest.fixture
def app(keep_app: Callable[..., FastAPI], settings: Settings, rooms: FakeCallRooms) -> FastAPI:
    return keep_app(settings, call_rooms=rooms, server_recordings=SERVER)


@pytest.fixture
def server() -> FakeServerRecordings:
    SERVER.forget()
    return SERVER


def record(person: Person, booking: dict[str, Any], ask: str = ASK) -> tuple[int, str | None]:
    answer = person.post(f"/sessions/{booking['id']}/recordings/{ask}/server")
    return answer.status_code, answer.json()["error"] if answer.content else None


def agreed(professional: Person, user: Person, booking: dict[str, Any]) -> None:
    tell(professional, booking, "asked")
    tell(user, booking, "agreed")


def test_who_asked_and_was_agreed_to_has_it_recorded_until_it_ends(
    server: FakeServerRecordings, professional: Person, user: Person, booking: dict[str, Any]
) -> None:
    agreed(professional, user, booking)
    assert record(professional, booking) == (204, None)
    assert record(professional, booking) == (204, None)
    assert server.running == {f"session_{booking['id']}": f"{booking['id']}/{ASK}.mp4"}
    assert tell(professional, booking, "ended")[0] == 204
    assert server.running == {}
    assert record(professional, booking) == (409, "NotAgreed")


def test_without_a_yes_nothing_is_recorded(
    server: FakeServerRecordings, professional: Person, user: Person, booking: dict[str, Any]
) -> None:
    assert record(professional, booking) == (404, "NotFound")
    tell(professional, booking, "asked")
    assert record(professional, booking) == (409, "NotAgreed")
    assert record(user, booking) == (409, "NotYourRecording")
    tell(user, booking, "refused")
    assert record(professional, booking) == (409, "NotAgreed")
    assert record(professional, booking, str(UUID(int=5))) == (404, "NotFound")
    assert server.running == {}


def test_a_yes_that_is_taken_back_ends_it_also_while_it_is_being_started(
    server: FakeServerRecordings, professional: Person, user: Person, booking: dict[str, Any]
) -> None:
    agreed(professional, user, booking)
    record(professional, booking)
    assert tell(user, booking, "withdrawn")[0] == 204
    assert server.running == {}
    ask = str(UUID(int=2))
    tell(professional, booking, "asked", ask=ask)
    tell(user, booking, "agreed", ask=ask)
    server.meanwhile = lambda: tell(user, booking, "withdrawn", ask=ask)
    assert record(professional, booking, ask) == (409, "NotAgreed")
    assert server.running == {}


def test_what_is_encrypted_from_device_to_device_is_not_recorded(
    server: FakeServerRecordings, professional: Person, user: Person, booking: dict[str, Any]
) -> None:
    agreed(professional, user, booking)
    server.readable = False
    assert record(professional, booking) == (409, "CallEncrypted")
    assert server.running == {}


def test_where_it_cannot_be_ended_whoever_took_it_back_is_told_and_says_it_again(
    server: FakeServerRecordings, professional: Person, user: Person, booking: dict[str, Any]
) -> None:
    agreed(professional, user, booking)
    record(professional, booking)
    server.down = True
    assert tell(user, booking, "withdrawn") == (503, "ServiceUnavailable")
    assert record(professional, booking) == (409, "NotAgreed"), "kept all the same"
    server.down = False
    assert tell(user, booking, "withdrawn")[0] == 204
    assert server.running == {}
