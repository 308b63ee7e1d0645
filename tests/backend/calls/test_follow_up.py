"""What a professional sends after a session: once, after its end, for both to read, and the user gets a mail."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backend.calls.rules.notes import FOLLOW_UP_WITHIN, LONGEST_FOLLOW_UP
from backend.calls.tables import FollowUpRow
from backend.kit.database import Database
from backend.mail.tables import MailRow
from backend.retention import MESSAGES_KEPT, delete_old_rows
from tests.backend.stage import PASSWORD, Backend, Person

TEXT = "Thank you.\nHere is the sheet: https://example.org/?a=1&b=<2>"


@pytest.fixture
def over(backend: Backend, booking: dict[str, Any]) -> dict[str, Any]:
    """The session, a minute after its end."""
    backend.clock.move(minutes=51)
    return booking


def send(person: Person, booking: dict[str, Any], text: str = TEXT) -> tuple[int, str | None]:
    answer = person.put(f"/sessions/{booking['id']}/follow-up", json={"text": text})
    return answer.status_code, answer.json().get("error")


def found(person: Person, booking: dict[str, Any]) -> str | None:
    sent = person.get(f"/sessions/{booking['id']}/follow-up").json()["follow_up"]
    return sent["text"] if sent else None


def mails(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        rows = session.scalars(select(MailRow).where(MailRow.kind == "follow_up")).all()
        return [(str(row.account_id), row.facts) for row in rows]


def test_both_find_what_the_professional_sent(professional: Person, user: Person, over: dict[str, Any]) -> None:
    assert found(user, over) is None
    assert send(professional, over) == (200, None)
    assert (found(user, over), found(professional, over)) == (TEXT, TEXT)


def test_the_user_is_told_once_and_the_mail_does_not_say_what_it_is(
    database: Database, professional: Person, user: Person, over: dict[str, Any]
) -> None:
    send(professional, over)
    send(professional, over)
    ((reader, facts),) = mails(database)
    assert reader == user.id
    assert "Nora Berg" in facts
    assert "example.org" not in facts


def test_it_is_sent_once_and_cannot_be_changed(professional: Person, user: Person, over: dict[str, Any]) -> None:
    send(professional, over)
    assert send(professional, over, "Something else") == (409, "FollowUpSent")
    assert send(professional, over) == (200, None), "the same may come again: its answer was lost"
    assert found(user, over) == TEXT


def test_only_its_professional_sends_it(backend: Backend, user: Person, over: dict[str, Any]) -> None:
    assert send(user, over) == (403, "WrongRole")
    assert send(backend.professional("Vera Stein"), over) == (404, "NotFound")
    assert found(user, over) is None


def test_it_is_sent_from_the_end_of_the_session_for_a_month(
    backend: Backend, professional: Person, booking: dict[str, Any]
) -> None:
    answer = professional.put(f"/sessions/{booking['id']}/follow-up", json={"text": TEXT})
    assert answer.json()["error"] == "SessionNotOver"
    assert answer.json()["ends_at"] == "2027-03-01T10:45:00.000Z"
    backend.clock.move(seconds=FOLLOW_UP_WITHIN.total_seconds() / 2)
    assert professional.get("/auth/me").status_code == 200, "who is here stays signed in"
    backend.clock.move(minutes=51, seconds=FOLLOW_UP_WITHIN.total_seconds() / 2)
    assert send(professional, booking) == (409, "SessionOver")
    backend.clock.move(hours=-2)
    assert send(professional, booking) == (200, None)


def test_of_a_cancelled_session_there_is_none(
    backend: Backend, professional: Person, user: Person, booking: dict[str, Any]
) -> None:
    shown = professional.get(f"/sessions/{booking['id']}/cancellation").json()
    done = professional.post(f"/sessions/{booking['id']}/cancel", json={"expected_refund": shown["refund"]})
    assert done.status_code == 200, done.text
    backend.clock.move(hours=2)
    assert send(professional, booking) == (409, "SessionCancelled")


@pytest.mark.parametrize("wrong", ["", "  \n ", "x" * (LONGEST_FOLLOW_UP + 1), "a\0b", "a\x07b"])
def test_what_is_no_text_is_refused(professional: Person, over: dict[str, Any], wrong: str) -> None:
    assert send(professional, over, wrong) == (422, "InvalidPayload")


def test_it_goes_after_a_year(
    backend: Backend, database: Database, professional: Person, user: Person, over: dict[str, Any]
) -> None:
    send(professional, over)
    sent_at = backend.clock()
    for days, left in ((-1, 1), (1, 0)):
        delete_old_rows(database, sent_at + MESSAGES_KEPT + timedelta(days=days))
        with database.read() as session:
            assert len(session.scalars(select(FollowUpRow.text)).all()) == left


def test_it_goes_with_the_account_of_the_professional(
    professional: Person, user: Person, over: dict[str, Any], database: Database
) -> None:
    send(professional, over)
    told = professional.get("/auth/me/deletion").json()
    gone = professional.post("/auth/me/delete", json={"password": PASSWORD, "sessions": told["sessions"]})
    assert gone.status_code == 204
    assert found(user, over) is None


def test_it_is_in_the_export_of_both(professional: Person, user: Person, over: dict[str, Any]) -> None:
    send(professional, over)
    for person in (professional, user):
        assert [each["text"] for each in person.get("/auth/me/export").json()["follow_ups"]] == [TEXT]
