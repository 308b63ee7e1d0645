"""What is kept of questions to record: each person's own acts, for both, and nobody can say the other's yes."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.calls.rules.messages import proof_of
from backend.calls.rules.recordings import MOST_OF_A_SESSION
from backend.calls.tables import RecordingRow
from backend.kit.database import Database
from backend.retention import MESSAGES_KEPT, delete_old_rows
from tests.backend.stage import START, Backend, Person

AT = "2027-03-01T09:56:00Z"
ASK = str(UUID(int=1))


def tell(person: Person, booking: dict[str, Any], event: str, at: str = AT, ask: str = ASK) -> tuple[int, str | None]:
    told = {"ask_id": ask, "event": event, "at": at}
    answer = person.post(f"/sessions/{booking['id']}/recordings", json=told)
    return answer.status_code, answer.json()["error"] if answer.content else None


def kept(person: Person, booking: dict[str, Any]) -> list[dict[str, Any]]:
    answer = person.get(f"/sessions/{booking['id']}/recordings")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["recordings"]
    return found


def minute(number: int) -> str:
    return f"2027-03-01T09:5{number}:00Z"


@pytest.mark.parametrize("order", ["01234", "43210", "20413", "34120"])
def test_both_find_who_asked_who_agreed_and_when_whichever_device_tells_first(
    professional: Person, user: Person, booking: dict[str, Any], order: str
) -> None:
    acts = [
        (professional, "asked", minute(1)),
        (user, "agreed", minute(2)),
        (professional, "began", minute(3)),
        (user, "withdrawn", minute(4)),
        (professional, "ended", minute(5)),
    ]
    for index in order:
        person, event, at = acts[int(index)]
        assert tell(person, booking, event, at) == (204, None)
    assert (
        kept(user, booking)
        == kept(professional, booking)
        == [
            {
                "ask_id": ASK,
                "asked_by": "professional",
                "asked_at": minute(1),
                "answer": "agreed",
                "answered_at": minute(2),
                "began_at": minute(3),
                "withdrawn_at": minute(4),
                "ended_at": minute(5),
            }
        ]
    )


def test_nobody_says_the_others_part(professional: Person, user: Person, booking: dict[str, Any]) -> None:
    assert tell(user, booking, "asked")[0] == 204
    for event in ("agreed", "refused", "withdrawn"):
        assert tell(user, booking, event) == (409, "NotYourRecording")
    for event in ("asked", "began", "ended"):
        assert tell(professional, booking, event) == (409, "NotYourRecording")
    (found,) = kept(user, booking)
    assert (found["asked_by"], found["answer"], found["began_at"]) == ("user", None, None)


def test_what_is_known_stays_as_it_was_first_told(professional: Person, user: Person, booking: dict[str, Any]) -> None:
    for event, at in (("refused", minute(1)), ("agreed", minute(2)), ("refused", minute(3))):
        assert tell(professional, booking, event, at)[0] == 204
    (found,) = kept(user, booking)
    assert (found["answer"], found["answered_at"], found["asked_at"]) == ("refused", minute(1), None)


def test_nobody_else_tells_or_reads_anything(backend: Backend, user: Person, booking: dict[str, Any]) -> None:
    stranger = backend.user("Ada Stranger")
    tell(user, booking, "asked")
    assert tell(stranger, booking, "agreed") == (404, "NotFound")
    assert stranger.get(f"/sessions/{booking['id']}/recordings").status_code == 404
    assert backend.client.get(f"/sessions/{booking['id']}/recordings").status_code == 401
    assert kept(user, booking)[0]["answer"] is None


@pytest.mark.parametrize(
    "wrong",
    [{"ask_id": "one"}, {"event": "told"}, {"event": ""}, {"at": "2027-03-01T09:56:00"}, {"asked_by": "user"}],
)
def test_what_is_no_act_is_refused(user: Person, booking: dict[str, Any], wrong: dict[str, Any]) -> None:
    told = {"ask_id": ASK, "event": "asked", "at": AT} | wrong
    answer = user.post(f"/sessions/{booking['id']}/recordings", json=told)
    assert (answer.status_code, answer.json()["error"]) == (422, "InvalidPayload")
    assert kept(user, booking) == []


def test_there_is_a_limit_to_questions(professional: Person, user: Person, booking: dict[str, Any]) -> None:
    for number in range(MOST_OF_A_SESSION):
        assert tell(user, booking, "asked", ask=str(UUID(int=number)))[0] == 204
    assert tell(user, booking, "asked", ask=str(UUID(int=1000))) == (409, "TooManyRecordings")
    assert tell(professional, booking, "refused", ask=str(UUID(int=7)))[0] == 204, "one that is known is answered"


@pytest.mark.parametrize(
    ("minutes", "error"), [(-30, "TooEarlyToStart"), (0, None), (24 * 60, None), (27 * 60, "SessionOver")]
)
def test_it_is_told_from_the_opening_of_the_room_until_a_day_after_it_closes(
    backend: Backend, user: Person, booking: dict[str, Any], minutes: float, error: str | None
) -> None:
    backend.clock.move(minutes=minutes)
    assert tell(user, booking, "asked")[1] == error


@pytest.mark.parametrize(
    ("said", "believed"),
    [("2026-01-01T00:00:00Z", "2027-03-01T09:45:00Z"), ("2099-01-01T00:00:00Z", "2027-03-01T09:56:00Z")],
)
def test_a_clock_that_is_wrong_is_not_believed(user: Person, booking: dict[str, Any], said: str, believed: str) -> None:
    tell(user, booking, "asked", said)
    assert kept(user, booking)[0]["asked_at"] == believed


def stored(database: Database) -> int:
    with database.read() as session:
        return len(session.scalars(select(RecordingRow)).all())


def test_it_goes_after_a_year(database: Database, user: Person, booking: dict[str, Any]) -> None:
    tell(user, booking, "asked")
    delete_old_rows(database, START + MESSAGES_KEPT - timedelta(days=1))
    assert stored(database) == 1
    delete_old_rows(database, START + MESSAGES_KEPT + timedelta(days=1))
    assert stored(database) == 0


def test_the_call_page_tells_with_its_key_beside_the_token_for_the_media_server_knows_the_token(
    backend: Backend, user: Person, booking: dict[str, Any]
) -> None:
    given = user.post(f"/sessions/{booking['id']}/generate-call-link").json()
    at, told = f"/call/{booking['id']}/recordings", {"ask_id": ASK, "event": "agreed", "at": AT}
    token = {"Authorization": f"Bearer {given['access_token']}"}
    proof = token | {"Call-Key-Proof": proof_of(given["encryption_key"])}
    for headers in (token, token | {"Call-Key-Proof": "0" * 64}):
        assert backend.client.post(at, headers=headers, json=told).status_code == 401
    assert backend.client.post(at, headers=proof, json=told).status_code == 204
    (found,) = kept(user, booking)
    assert (found["asked_by"], found["answer"]) == ("professional", "agreed")


def test_without_storage_no_server_records(professional: Person, user: Person, booking: dict[str, Any]) -> None:
    tell(professional, booking, "asked")
    tell(user, booking, "agreed")
    answer = professional.post(f"/sessions/{booking['id']}/recordings/{ASK}/server")
    assert (answer.status_code, answer.json()["error"]) == (409, "NotOffered")
