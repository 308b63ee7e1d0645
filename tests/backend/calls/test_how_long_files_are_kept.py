"""How long the files of a follow-up are kept, and what export and mail say of them."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from backend.calls.rules.files import UNSENT_KEPT
from backend.calls.tables import FollowUpFileRow
from backend.kit.database import Database
from backend.mail.tables import MailRow
from backend.retention import MESSAGES_KEPT, delete_old_rows
from tests.backend.calls.test_follow_up_files import PDF, kept, over, path, refusal, send, uploaded
from tests.backend.stage import PASSWORD, Backend, Person

__all__ = ["over"]  # a fixture


def test_files_that_are_not_sent_go_after_a_day_and_sent_ones_with_the_follow_up(
    backend: Backend, database: Database, professional: Person, over: dict[str, Any]
) -> None:
    uploaded(professional, over)
    delete_old_rows(database, backend.clock() + UNSENT_KEPT - timedelta(minutes=1))
    assert kept(database) == (1, 1)
    delete_old_rows(database, backend.clock() + UNSENT_KEPT + timedelta(minutes=1))
    assert kept(database) == (0, 0)
    send(professional, over, uploaded(professional, over), uploaded(professional, over))
    delete_old_rows(database, backend.clock() + MESSAGES_KEPT - timedelta(minutes=1))
    assert kept(database) == (2, 2)
    delete_old_rows(database, backend.clock() + MESSAGES_KEPT + timedelta(minutes=1))
    assert kept(database) == (0, 0)


def test_more_old_files_than_one_transaction_takes_all_go(
    backend: Backend, database: Database, professional: Person, over: dict[str, Any]
) -> None:
    with database.write() as session:
        for number in range(12):
            whose = {"booking_id": UUID(over["id"]), "account_id": UUID(professional.id), "name": "x", "size": 0}
            facts = {"position": number, "digest": b"", "created_at": backend.clock()}
            session.add(FollowUpFileRow(id=uuid4(), **whose, **facts))
    assert delete_old_rows(database, backend.clock() + timedelta(days=2)) >= 12
    assert kept(database) == (0, 0)


def test_they_go_with_the_account_of_the_professional(
    database: Database, professional: Person, user: Person, over: dict[str, Any]
) -> None:
    file_id = uploaded(professional, over)
    send(professional, over, file_id)
    told = professional.get("/auth/me/deletion").json()
    professional.post("/auth/me/delete", json={"password": PASSWORD, "sessions": told["sessions"]})
    assert refusal(user.get(path(over, file_id))) == (404, "NotFound")
    assert kept(database) == (0, 0)


def test_the_export_names_them_and_says_how_to_get_them(
    professional: Person, user: Person, over: dict[str, Any]
) -> None:
    file_id = uploaded(professional, over)
    assert user.get("/auth/me/export").json()["follow_up_files"] == []
    send(professional, over, file_id)
    for person in (professional, user):
        (told,) = person.get("/auth/me/export").json()["follow_up_files"]
        assert (told["name"], told["size"]) == ("plan.pdf", len(PDF))
        assert told["sent_at"].startswith("2027-03-01T10:")
        assert told["content"] == "Open the session in Rendezvous and press Save beside the file."
        assert "digest" not in told


def test_the_mail_says_how_many_and_not_what(
    database: Database, professional: Person, user: Person, over: dict[str, Any]
) -> None:
    send(professional, over, uploaded(professional, over), uploaded(professional, over))
    with database.read() as session:
        (facts,) = session.scalars(select(MailRow.facts).where(MailRow.kind == "follow_up")).all()
    assert '"files":2' in facts.replace(" ", "")
    assert "plan" not in facts
