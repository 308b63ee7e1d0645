"""An account is deleted: what will happen is said before, nobody else is harmed, and the books still add up."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from backend.kit.database import Database
from backend.worker import Worker
from tests.backend.bookings.acting import confirmed, held, live_through, seen
from tests.backend.bookings.money.reports import sums
from tests.backend.stage import PASSWORD, Backend, MovableClock, Person, both_were_there


def deletion(person: Person) -> dict[str, Any]:
    answer = person.get("/auth/me/deletion")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def deleted(person: Person, sessions: int, password: str = PASSWORD) -> Any:
    return person.post("/auth/me/delete", json={"password": password, "sessions": sessions})


def everything_in(database: Database) -> str:
    """Every value of every table as one text, but what is on its way to the other person by mail."""
    with database.read() as session:
        dialect = session.get_bind().dialect.name
        tables = (
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
            if dialect == "sqlite"
            else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        names = [
            name for (name,) in session.execute(text(tables)) if not name.startswith(("sqlite", "sandbox", "mails"))
        ]
        return "\n".join(str(row) for name in names for row in session.execute(text(f"SELECT * FROM {name}")))


def test_a_user_reads_first_what_will_happen_and_then_it_does(
    backend: Backend, professional: Person, user: Person, database: Database
) -> None:
    soon = confirmed(user, backend.slot(professional, "2027-03-01", "11:00", "11:45"))
    later = confirmed(user, backend.slot(professional, "2027-03-08"))
    holding = held(user, backend.slot(professional, "2027-03-09"))
    assert deletion(user) == {"sessions": 2, "refund": "45.00", "currency": "USD", "kept": 0}
    assert deleted(user, sessions=2).status_code == 204
    assert user.get("/auth/me").status_code == 401
    assert (seen(professional, soon)["status"], seen(professional, soon)["payment_status"]) == ("cancelled", "paid")
    assert seen(professional, later)["payment_status"] == "refund_pending"
    assert seen(professional, later)["user"]["name"] == "Deleted account"
    assert professional.get(f"/sessions/{holding['id']}").json()["status"] == "cancelled"
    assert "Sam Vale" not in everything_in(database)
    assert "sam" not in everything_in(database).lower()
    with database.read() as session:
        told = session.execute(text("SELECT DISTINCT account_id FROM mails")).scalars().all()
    assert [str(UUID(str(each))) for each in told] == [professional.id]


def test_a_professional_who_goes_gives_everything_back_and_is_not_found_any_more(
    backend: Backend, professional: Person, user: Person
) -> None:
    assert professional.patch("/professional/profile", json={"headline": "Strength", "handle": "nora-b"}).is_success
    booking = confirmed(user, backend.slot(professional, "2027-03-08"))
    free = backend.slot(professional, "2027-03-09")
    holding = held(user, backend.slot(professional, "2027-03-10"))
    assert deletion(professional) == {"sessions": 1, "refund": "45.00", "currency": "USD", "kept": 0}
    assert deleted(professional, sessions=1).status_code == 204
    assert seen(user, booking)["refund"]["amount"] == "45.00"
    assert seen(user, booking)["professional"]["name"] == "Deleted account"
    assert seen(user, holding)["status"] == "cancelled"
    assert user.post("/sessions/book", json={"slot_id": free["id"]}).status_code == 404
    assert user.get(f"/professionals/{professional.id}").status_code == 404
    assert user.get("/professionals", params={"q": "Nora"}).json()["items"] == []
    assert user.client.get("/p/nora-b").status_code == 410


def test_it_asks_for_the_password_and_for_what_was_shown(backend: Backend, professional: Person, user: Person) -> None:
    booking = confirmed(user, backend.slot(professional, "2027-03-08"))
    wrong = deleted(user, sessions=1, password="not the password")
    assert (wrong.status_code, wrong.json()["fields"]) == (422, {"password": "This is not your password."})
    changed = deleted(user, sessions=0)
    assert (changed.status_code, changed.json()["error"]) == (409, "DeletionChanged")
    assert seen(user, booking)["status"] == "confirmed"


def test_the_address_is_free_for_a_new_account(backend: Backend) -> None:
    email = "sam.again@example.com"
    assert deleted(backend.sign_up("user", email=email), sessions=0).status_code == 204
    assert backend.sign_up("user", email=email).get("/auth/me").status_code == 200


@pytest.mark.parametrize("who", ["user", "professional"])
def test_what_took_place_is_paid_out_and_the_books_add_up(
    backend: Backend, professional: Person, user: Person, clock: MovableClock, worker: Worker, who: str
) -> None:
    booking = confirmed(user, backend.slot(professional, "2027-03-01", "11:00", "11:45"))
    both_were_there(backend.database, booking)
    clock.move(hours=1, minutes=47)
    live_through(worker, clock, minutes=1)
    before = sums(professional)
    going = user if who == "user" else professional
    assert deleted(going, sessions=0).status_code == 204
    clock.move(hours=25)
    worker.run_once()
    worker.run_once()
    with backend.database.read() as session:
        row = session.execute(
            text("SELECT amount_minor, back_minor, payee_minor, transferred_minor FROM payments")
        ).one()
    assert (row.amount_minor, row.back_minor, row.payee_minor, row.transferred_minor) == (4500, 0, 4050, 4050)
    if who == "user":
        assert sums(professional)[3] == before[3]


def test_a_session_that_has_begun_cannot_be_cancelled_and_is_told(
    backend: Backend, professional: Person, user: Person, clock: MovableClock
) -> None:
    booking = confirmed(user, backend.slot(professional, "2027-03-01", "11:00", "11:45"))
    clock.move(hours=1, minutes=10)
    assert deletion(user) == {"sessions": 0, "refund": "0.00", "currency": "USD", "kept": 1}
    assert deleted(user, sessions=0).status_code == 204
    assert seen(professional, booking)["status"] == "confirmed"


def test_nothing_is_sent_to_who_is_gone_and_the_other_is_told(
    backend: Backend, professional: Person, user: Person, worker: Worker, clock: MovableClock
) -> None:
    confirmed(user, backend.slot(professional, "2027-03-08"))
    assert deleted(user, sessions=1).status_code == 204
    clock.move(minutes=5)
    worker.run_once()  # the refund is done, which its payer would be told
    waiting = text("SELECT DISTINCT account_id FROM mails WHERE status = 'pending'")
    with backend.database.read() as session:
        told = [str(UUID(str(each))) for each in session.execute(waiting).scalars()]
        kinds = session.execute(text("SELECT kind FROM mails WHERE status = 'dropped'")).scalars().all()
    assert told == [professional.id]
    assert "refund" in kinds
