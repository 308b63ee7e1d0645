"""The operators' commands, as they are typed, on either database: each does one thing and leaves an entry."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from backend.admin import cli
from backend.bookings.service.money.refund_outbox import add_refund, fail
from backend.bookings.service.money.refunding import rebalance
from backend.bookings.tables import BookingRow
from backend.mail.rules.facts import SecondFactorFacts
from backend.payments import repository as ledgers
from backend.payments.rules import MAX_REFUND_FAILURES, RefundReason, RefundSource
from backend.payments.tables import PaymentRow
from backend.worker import Worker
from tests.backend.auth.authenticator import turn_on
from tests.backend.bookings.acting import book, confirmed, live_through, seen
from tests.backend.mail.reading import by_kind
from tests.backend.stage import PASSWORD, Backend, MovableClock, Person
from tests.fakes.call_rooms import FakeCallRooms

WHY = ("--why", "They asked us to.")


class Admin:
    """Types a command; the database is the test's."""

    def __init__(self, url: str) -> None:
        self._surroundings = {"DATABASE_URL": url, "OPERATOR": "ada"}

    def run(self, *words: str, answer: str = "") -> Result:
        return CliRunner().invoke(cli, list(words), env=self._surroundings, input=answer)

    def done(self, *words: str) -> str:
        result = self.run(*words)
        assert result.exit_code == 0, result.output
        return result.output


@pytest.fixture
def admin(database_url: str) -> Admin:
    return Admin(database_url)


@pytest.fixture
def now(clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> MovableClock:
    """The commands' clock is the backend's."""
    monkeypatch.setattr("backend.admin.utc_now", clock)
    return clock


def sign_in(backend: Backend, email: str) -> Any:
    return backend.client.post("/auth/sign-in", json={"email": email, "password": PASSWORD})


def test_an_account_is_found_by_name_address_or_id(backend: Backend, admin: Admin) -> None:
    person = backend.sign_up("user", "Zoë Okafor", email="zoe@example.com")
    for words in ("zoe ok", "ZOE@example.com", person.id):
        said = admin.done("find", words)
        assert person.id in said, words
        assert "zoe@example.com" in said
    nobody = admin.run("find", "%")
    assert (nobody.exit_code, nobody.output) == (1, "Error: Nobody was found.\n")


def test_who_is_blocked_is_signed_out_cannot_sign_in_and_is_free_again_later(
    backend: Backend, admin: Admin, now: MovableClock
) -> None:
    person = backend.sign_up("user", email="sam@example.com")
    assert admin.done("block", person.id, *WHY) == "Done: blocked.\n"
    assert person.get("/auth/me").status_code == 401
    refused = sign_in(backend, "sam@example.com")
    assert (refused.status_code, refused.json()["error"]) == (403, "AccountBlocked")
    wrong = backend.client.post("/auth/sign-in", json={"email": "sam@example.com", "password": "wrong"})
    assert wrong.json()["error"] == "WrongEmailOrPassword", "only who knows the password learns of it"
    assert "blocked already" in admin.run("block", person.id, *WHY).output
    assert admin.done("unblock", person.id, *WHY) == "Done: free again.\n"
    assert sign_in(backend, "sam@example.com").status_code == 200


def test_a_blocked_professional_is_not_found_and_not_booked(
    backend: Backend, professional: Person, user: Person, admin: Admin, now: MovableClock
) -> None:
    booking = confirmed(user, backend.slot(professional, "2027-03-08"))
    free = backend.slot(professional, "2027-03-09")
    admin.done("block", professional.id, *WHY)
    assert user.get("/professionals").json()["items"] == []
    assert user.get(f"/professionals/{professional.id}").status_code == 404
    assert book(user, free).json()["error"] == "ProfessionalNotReady"
    assert seen(user, booking)["status"] == "confirmed", "what is coming stays unless it is asked for"


def test_blocking_can_cancel_what_is_coming(
    backend: Backend, professional: Person, user: Person, admin: Admin, now: MovableClock
) -> None:
    booking = confirmed(user, backend.slot(professional, "2027-03-08"))
    said = admin.done("block", professional.id, "--cancel-sessions", *WHY)
    assert said == "Done: blocked, 1 sessions cancelled, 4500 cents go back.\n"
    assert seen(user, booking)["payment_status"] == "refund_pending"


@pytest.mark.parametrize(
    ("absent", "status", "money"),
    [
        ("nobody", "completed", "paid"),
        ("user", "no_show", "paid"),
        ("professional", "no_show", "refunded"),
        ("unclear", "completed", "refunded"),
    ],
)
def test_a_disputed_session_is_decided_and_the_money_follows(
    backend: Backend,
    professional: Person,
    user: Person,
    admin: Admin,
    now: MovableClock,
    worker: Worker,
    rooms: FakeCallRooms,
    absent: str,
    status: str,
    money: str,
) -> None:
    booking = confirmed(user, backend.slot(professional, "2027-03-01", "11:00", "11:45"))
    now.move(minutes=55)
    rooms.rooms[f"session_{booking['id']}"] = {f"user_{user.id}"}
    live_through(worker, now, minutes=54)
    assert seen(user, booking)["absent"] == "professional"
    reason = "The professional was\nthere all the time."
    assert professional.post(f"/sessions/{booking['id']}/problem", json={"reason": reason}).is_success
    assert f"objection {booking['id']}  by the professional: The professional was there" in admin.done("stuck")
    admin.done("decide", booking["id"], absent, *WHY)
    assert admin.done("stuck") == "Nothing is stuck.\n"
    worker.run_once()
    worker.run_once()
    shown = seen(user, booking)
    assert (shown["status"], shown["absent"], shown["payment_status"]) == (status, absent, money)
    decision = user.get(f"/sessions/{booking['id']}/attendance").json()
    assert (decision["decided_by"], decision["final"]) == ("operator", True)
    assert "decision is final" in admin.run("decide", booking["id"], "nobody", *WHY).output


def test_a_refund_that_failed_too_often_is_sent_again(
    backend: Backend, professional: Person, user: Person, admin: Admin, now: MovableClock, worker: Worker
) -> None:
    booking = confirmed(user, backend.slot(professional, "2027-03-08"))
    assert user.post(f"/sessions/{booking['id']}/cancel", json={"expected_refund": "45.00"}).is_success
    assert "is on its way" in admin.run("refund-again", booking["id"], *WHY).output
    fail_every_refund(backend, now())
    assert f"refund    {booking['id']}  4500 cents, failed {MAX_REFUND_FAILURES} times" in admin.done("stuck")
    attempt = MAX_REFUND_FAILURES + 1
    assert admin.done("refund-again", booking["id"], *WHY) == f"Done: attempt {attempt}, 4500 cents.\n"
    worker.run_once()
    worker.run_once()
    assert seen(user, booking)["payment_status"] == "refunded"
    assert "Nothing is owed." in admin.run("refund-again", booking["id"], *WHY).output


def fail_every_refund(backend: Backend, now: datetime) -> None:
    """As if the bank had refused it as often as it is tried."""
    with backend.database.write() as session:
        payment = session.scalars(select(PaymentRow)).one()
        order = ledgers.ordered_refund(session, payment.id)
        assert order is not None
        fail(order, "account closed", now)
        for _ in range(MAX_REFUND_FAILURES - 1):
            reason, owed = RefundReason.USER_CANCELLED, payment.owed_minor
            refund = add_refund(session, payment, owed, reason, RefundSource.OURS, now)
            fail(refund, "account closed", now)
            session.flush()
        rebalance(session, session.get_one(BookingRow, payment.booking_id), payment, now)


def test_an_export_is_a_file_for_one_pair_of_eyes(
    user: Person, admin: Admin, now: MovableClock, tmp_path: Path
) -> None:
    target = tmp_path / "sam.json"
    admin.done("export", user.id, str(target), *WHY)
    assert json.loads(target.read_text())["account"][0]["name"] == "Sam Vale"
    assert target.stat().st_mode & 0o077 == 0
    assert "is there already" in admin.run("export", user.id, str(target), *WHY).output


def test_deleting_says_what_will_happen_and_asks(
    backend: Backend, professional: Person, user: Person, admin: Admin, now: MovableClock
) -> None:
    booking = confirmed(user, backend.slot(professional, "2027-03-08"))
    no = admin.run("delete", user.id, *WHY, answer="n\n")
    assert "Delete Sam Vale? 1 sessions cancelled, 4500 cents go back. This cannot be undone." in no.output
    assert seen(user, booking)["status"] == "confirmed"
    admin.done("delete", user.id, "--yes", *WHY)
    assert seen(professional, booking)["user"]["name"] == "Deleted account"


def test_every_change_is_in_the_audit_log_with_who_and_why(
    user: Person, professional: Person, admin: Admin, now: MovableClock, tmp_path: Path
) -> None:
    admin.done("block", user.id, *WHY)
    admin.done("unblock", user.id, *WHY)
    admin.done("export", user.id, str(tmp_path / "file"), *WHY)
    admin.done("delete", user.id, "--yes", *WHY)
    admin.done("block", professional.id, *WHY)
    lines = admin.done("log", "--about", user.id).splitlines()
    assert sorted(line.split("  ")[2].split()[0] for line in lines) == ["block", "delete", "export", "unblock"]
    assert all("ada" in line and "They asked us to." in line for line in lines)
    assert len(admin.done("log").splitlines()) == 5
    assert "Sam Vale" not in admin.done("log")


@pytest.mark.parametrize("command", ["block", "unblock", "decide", "refund-again", "delete"])
def test_what_is_not_there_is_said_and_nothing_is_noted(admin: Admin, command: str, database_url: str) -> None:
    nobody = "0b9e4d2a-5a0c-4d61-9a43-1f1d35f0a9c1"
    words = (command, nobody, *(("nobody",) if command == "decide" else ()), *WHY)
    said = admin.run(*words)
    assert said.exit_code == 1
    assert said.output.startswith("Error: ")
    assert admin.done("log") == ""


def test_a_change_without_a_reason_is_refused(user: Person, admin: Admin) -> None:
    said = admin.run("block", user.id)
    assert said.exit_code == 2
    assert "--why" in said.output


def test_a_second_factor_is_taken_off_for_who_lost_it_with_a_mail_and_an_entry(
    backend: Backend, admin: Admin, now: MovableClock
) -> None:
    nora = backend.professional("Nora Berg")
    assert "has no second factor" in admin.run("second-factor-off", nora.id, *WHY).output
    turn_on(nora)
    assert sign_in(backend, nora.account["email"]).json()["error"] == "SecondFactorNeeded"
    assert admin.done("second-factor-off", nora.id, *WHY) == "Done: second factor taken off.\n"
    assert nora.get("/auth/me").status_code == 401, "whoever found the phone is signed out"
    assert sign_in(backend, nora.account["email"]).status_code == 200
    (mail,) = by_kind(backend.database, "second_factor_off")
    assert SecondFactorFacts.model_validate_json(mail.facts).by_operator
    entry = admin.done("log", "--about", nora.id)
    assert f"ada  second-factor-off {nora.id}: They asked us to.; second factor taken off" in entry
