"""One's own notes of a session: for their author alone, as typed, and never over what another device has saved."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from backend.calls.rules.messages import proof_of
from backend.calls.rules.notes import LONGEST_NOTE
from backend.calls.tables import PrivateNoteRow
from backend.kit.database import Database
from backend.retention import MESSAGES_KEPT, delete_old_rows
from tests.backend.bookings.acting import held
from tests.backend.stage import PASSWORD, START, Backend, Person


def at(booking: dict[str, Any]) -> str:
    return f"/sessions/{booking['id']}/note"


def save(person: Person, booking: dict[str, Any], text: str, version: int = 0) -> dict[str, Any]:
    answer = person.put(at(booking), json={"text": text, "version": version})
    said: dict[str, Any] = answer.json()
    return said | {"status": answer.status_code}


def kept(person: Person, booking: dict[str, Any]) -> tuple[str, int]:
    said = person.get(at(booking)).json()
    return said["text"], said["version"]


def test_each_of_the_two_has_notes_of_their_own(professional: Person, user: Person, booking: dict[str, Any]) -> None:
    assert (kept(user, booking), user.get(at(booking)).json()["updated_at"]) == (("", 0), None)
    assert save(user, booking, "mine")["version"] == 1
    assert save(professional, booking, "hers")["version"] == 1
    assert (kept(user, booking), kept(professional, booking)) == (("mine", 1), ("hers", 1))


def test_nobody_else_knows_of_them(backend: Backend, user: Person, booking: dict[str, Any]) -> None:
    stranger = backend.user("Ada Stranger")
    save(user, booking, "mine")
    assert stranger.get(at(booking)).status_code == 404
    assert save(stranger, booking, "theirs")["status"] == 404
    assert backend.client.get(at(booking)).status_code == 401
    assert kept(user, booking) == ("mine", 1)


def test_text_stays_as_it_is_typed(user: Person, booking: dict[str, Any]) -> None:
    typed = "  a \n\n<b>b</b>\t\n "
    save(user, booking, typed)
    assert kept(user, booking)[0] == typed
    assert save(user, booking, "a\r\nb", 1)["text"] == "a\nb"
    assert save(user, booking, "", 2)["version"] == 3


def test_a_text_written_over_older_notes_is_not_saved_and_says_what_they_are(
    user: Person, booking: dict[str, Any]
) -> None:
    save(user, booking, "first")
    save(user, booking, "of the phone", 1)
    refused = save(user, booking, "of the laptop", 1)
    assert (refused["status"], refused["error"]) == (409, "NoteChanged")
    assert (refused["note"]["text"], refused["note"]["version"]) == ("of the phone", 2)
    assert kept(user, booking) == ("of the phone", 2)
    assert save(user, booking, "ahead of all", 9)["status"] == 409


def test_what_is_saved_already_may_come_again_for_its_answer_was_lost(user: Person, booking: dict[str, Any]) -> None:
    assert save(user, booking, "first")["version"] == 1
    again = save(user, booking, "first")
    assert (again["status"], again["version"]) == (200, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": "x" * (LONGEST_NOTE + 1), "version": 0},
        {"text": "a\0b", "version": 0},
        {"text": "a\x07b", "version": 0},
        {"text": "a", "version": -1},
        {"text": "a", "version": "0"},
        {"text": "a", "version": True},
        {"text": "a", "version": 2**40},
        {"text": "a"},
        {"text": "a", "version": 0, "account_id": "x"},
    ],
)
def test_what_is_no_note_is_refused(user: Person, booking: dict[str, Any], wrong: dict[str, Any]) -> None:
    answer = user.put(at(booking), json=wrong)
    assert (answer.status_code, answer.json()["error"]) == (422, "InvalidPayload")


def test_the_longest_of_all_texts_can_be_saved(user: Person, booking: dict[str, Any]) -> None:
    assert save(user, booking, "😀" * LONGEST_NOTE)["status"] == 200


def test_notes_can_be_made_before_the_session_and_long_after(
    backend: Backend, user: Person, booking: dict[str, Any]
) -> None:
    backend.clock.move(hours=-1)
    assert save(user, booking, "to ask")["version"] == 1
    backend.clock.move(hours=24 * 20)
    assert save(user, booking, "asked", 1)["version"] == 2


def test_of_what_nobody_paid_there_are_none(backend: Backend, professional: Person, user: Person) -> None:
    unpaid = held(user, backend.slot(professional, "2027-03-05"))
    assert save(user, unpaid, "mine")["error"] == "NotPaid"
    assert user.post(f"/sessions/{unpaid['id']}/release").status_code == 200
    assert save(user, unpaid, "mine")["error"] == "NotPaid"


def count(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(PrivateNoteRow)) or 0


def test_they_go_a_year_after_their_last_change(database: Database, user: Person, booking: dict[str, Any]) -> None:
    save(user, booking, "mine")
    delete_old_rows(database, START + MESSAGES_KEPT - timedelta(days=1))
    assert count(database) == 1
    delete_old_rows(database, START + MESSAGES_KEPT + timedelta(days=1))
    assert count(database) == 0


def test_they_go_with_their_authors_account_alone(
    database: Database, professional: Person, user: Person, booking: dict[str, Any]
) -> None:
    save(user, booking, "mine")
    save(professional, booking, "hers")
    assert user.post("/auth/me/delete", json={"password": PASSWORD, "sessions": 1}).status_code == 204
    assert kept(professional, booking) == ("hers", 1)
    assert count(database) == 1


def test_they_are_in_their_authors_export_alone(professional: Person, user: Person, booking: dict[str, Any]) -> None:
    save(user, booking, "mine")
    assert [each["text"] for each in user.get("/auth/me/export").json()["private_notes"]] == ["mine"]
    assert professional.get("/auth/me/export").json()["private_notes"] == []


def test_the_call_page_needs_the_key_beside_its_token(backend: Backend, user: Person, booking: dict[str, Any]) -> None:
    given = user.post(f"/sessions/{booking['id']}/generate-call-link").json()
    page = f"/call/{booking['id']}/note"
    token = {"Authorization": f"Bearer {given['access_token']}"}
    proof = token | {"Call-Key-Proof": proof_of(given["encryption_key"])}
    wanted = {"text": "from the page", "version": 0}
    assert backend.client.put(page, headers=token, json=wanted).status_code == 401
    assert backend.client.get(page, headers=token).status_code == 401
    assert backend.client.put(page, headers=proof, json=wanted).json()["version"] == 1
    assert backend.client.get(page, headers=proof).json()["text"] == "from the page"
    assert kept(user, booking) == ("from the page", 1)
