"""What is kept of a call's messages: for its two people, once each, in order, and gone when either says so."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.calls.rules.messages import AT_ONCE, CLOCKS_APART, LONGEST, MOST_OF_ONE, proof_of
from backend.calls.tables import CallMessageRow
from backend.kit.database import Database
from backend.retention import MESSAGES_KEPT, delete_old_rows
from tests.backend.stage import START, Backend, Person

AT = "2027-03-01T09:56:00.000Z"


def message(number: int = 1, text: str = "Hello", sent_at: str = AT) -> dict[str, Any]:
    return {"id": str(UUID(int=number)), "text": text, "sent_at": sent_at}


def send(person: Person, booking: dict[str, Any], *messages: dict[str, Any]) -> tuple[int, str | None]:
    answer = person.post(f"/sessions/{booking['id']}/messages", json={"messages": list(messages)})
    return answer.status_code, answer.json()["error"] if answer.content else None


def kept(person: Person, booking: dict[str, Any]) -> list[dict[str, Any]]:
    answer = person.get(f"/sessions/{booking['id']}/messages")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["messages"]
    return found


def test_both_find_what_both_wrote_in_the_order_in_which_it_was_sent(
    professional: Person, user: Person, booking: dict[str, Any]
) -> None:
    assert send(user, booking, message(2, "second", "2027-03-01T09:55:02Z")) == (204, None)
    assert send(professional, booking, message(1, "third", "2027-03-01T09:55:03Z")) == (204, None)
    assert send(user, booking, message(9, "first", "2027-03-01T09:55:01Z")) == (204, None)
    assert kept(user, booking) == kept(professional, booking)
    assert [(each["role"], each["text"]) for each in kept(user, booking)] == [
        ("user", "first"),
        ("user", "second"),
        ("professional", "third"),
    ]


def test_sent_again_it_is_the_same_message_and_another_text_does_not_replace_it(
    professional: Person, user: Person, booking: dict[str, Any]
) -> None:
    assert send(user, booking, message(), message())[0] == 204
    assert send(user, booking, message(), message(2))[0] == 204
    assert send(professional, booking, message(text="not hers"))[0] == 204
    assert [(each["role"], each["text"]) for each in kept(user, booking)] == [("user", "Hello"), ("user", "Hello")]


def test_nobody_else_reads_writes_or_deletes_them(backend: Backend, user: Person, booking: dict[str, Any]) -> None:
    stranger = backend.user("Ada Stranger")
    send(user, booking, message())
    at = f"/sessions/{booking['id']}/messages"
    assert send(stranger, booking, message(2)) == (404, "NotFound")
    assert (stranger.get(at).status_code, stranger.delete(at).status_code) == (404, 404)
    assert backend.client.get(at).status_code == 401
    assert len(kept(user, booking)) == 1


def test_either_deletes_them_for_both(professional: Person, user: Person, booking: dict[str, Any]) -> None:
    send(user, booking, message())
    send(professional, booking, message(2))
    assert user.delete(f"/sessions/{booking['id']}/messages").status_code == 204
    assert (kept(user, booking), kept(professional, booking)) == ([], [])


@pytest.mark.parametrize(
    "wrong",
    [
        message(text=""),
        message(text="   \n "),
        message(text="x" * (LONGEST + 1)),
        message(text="a\0b"),
        message(text="a\x07b"),
        message(sent_at="2027-03-01T09:56:00"),
        message() | {"role": "professional"},
        message() | {"id": "one"},
    ],
)
def test_what_is_no_message_is_refused(user: Person, booking: dict[str, Any], wrong: dict[str, Any]) -> None:
    assert send(user, booking, wrong) == (422, "InvalidPayload")


def test_there_is_a_limit_to_what_one_request_and_one_person_can_have_kept(
    professional: Person, user: Person, booking: dict[str, Any]
) -> None:
    assert send(user, booking, *(message(number) for number in range(1, AT_ONCE + 2)))[0] == 422
    for first in range(1, MOST_OF_ONE, AT_ONCE):
        assert send(user, booking, *(message(first + number) for number in range(AT_ONCE)))[0] == 204
    assert send(user, booking, message(MOST_OF_ONE + 1)) == (409, "TooManyMessages")
    assert send(user, booking, message(MOST_OF_ONE))[0] == 204, "what is kept already may come again"
    assert send(professional, booking, message(MOST_OF_ONE + 1))[0] == 204, "the other has as many"


@pytest.mark.parametrize(
    ("minutes", "error"), [(-30, "TooEarlyToStart"), (0, None), (24 * 60, None), (27 * 60, "SessionOver")]
)
def test_they_are_kept_from_the_opening_of_the_room_until_a_day_after_it_closes(
    backend: Backend, user: Person, booking: dict[str, Any], minutes: float, error: str | None
) -> None:
    backend.clock.move(minutes=minutes)
    assert send(user, booking, message())[1] == error


@pytest.mark.parametrize(
    ("said", "believed"),
    [("2026-01-01T00:00:00Z", "2027-03-01T09:45:00Z"), ("2099-01-01T00:00:00Z", "2027-03-01T09:56:00Z")],
)
def test_a_clock_that_is_wrong_is_not_believed(user: Person, booking: dict[str, Any], said: str, believed: str) -> None:
    assert timedelta(minutes=1) == CLOCKS_APART
    send(user, booking, message(sent_at=said))
    assert kept(user, booking)[0]["sent_at"] == believed


def test_text_stays_text(user: Person, booking: dict[str, Any]) -> None:
    text = "<script>alert(1)</script>\nhttps://example.org/?a=1&b=2"
    send(user, booking, message(text=text))
    assert kept(user, booking)[0]["text"] == text


def stored(database: Database) -> list[str]:
    """Whose there are, past everybody's sign-in."""
    with database.read() as session:
        return list(session.scalars(select(CallMessageRow.role).order_by(CallMessageRow.role)))


def test_they_go_after_a_year(database: Database, professional: Person, user: Person, booking: dict[str, Any]) -> None:
    send(user, booking, message())
    send(professional, booking, message(2))
    delete_old_rows(database, START + MESSAGES_KEPT - timedelta(days=1))
    assert stored(database) == ["professional", "user"]
    delete_old_rows(database, START + MESSAGES_KEPT + timedelta(days=1))
    assert stored(database) == []


def test_they_go_with_the_account_that_wrote_them() -> None:
    keys = {key.column.table.name: key.ondelete for key in CallMessageRow.__table__.foreign_keys}
    assert keys == {"accounts": "CASCADE", "bookings": "CASCADE"}


def test_the_call_page_needs_the_key_beside_its_token_for_the_media_server_knows_the_token(
    backend: Backend, user: Person, booking: dict[str, Any]
) -> None:
    given = user.post(f"/sessions/{booking['id']}/generate-call-link").json()
    at = f"/call/{booking['id']}/messages"
    token = {"Authorization": f"Bearer {given['access_token']}"}
    proof = token | {"Call-Key-Proof": proof_of(given["encryption_key"])}
    for headers in (token, token | {"Call-Key-Proof": "0" * 64}, token | {"Call-Key-Proof": "é"}):
        assert (
            backend.client.get(at, headers={name: each.encode() for name, each in headers.items()}).status_code == 401
        )
        assert backend.client.post(at, headers=token, json={"messages": [message()]}).status_code == 401
    assert backend.client.post(at, headers=proof, json={"messages": [message()]}).status_code == 204
    assert [each["text"] for each in backend.client.get(at, headers=proof).json()["messages"]] == ["Hello"]
    backend.clock.move(hours=3)
    delete_old_rows(backend.database, backend.clock())
    assert backend.client.get(at, headers=proof).status_code == 401, "the key is gone with the session"
