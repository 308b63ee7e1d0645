"""What the people of a booking are told, through a real mail server: each once, with a calendar file that fits."""

from datetime import datetime
from email.message import EmailMessage
from typing import Any

import pytest
from fastapi import FastAPI

from backend.bookings.repository.due import to_remind_of
from backend.kit.database import Database
from backend.mail.rules import MailKind
from backend.worker import Worker
from tests.backend.bookings.acting import confirmed, send_refunds
from tests.backend.mail.reading import event_of, part
from tests.backend.mail.smtp_server import SmtpServer
from tests.backend.stage import Backend, Person


def to(server: SmtpServer, person: Person) -> list[EmailMessage]:
    return [mail for mail in server.taken if mail["To"].addresses[0].addr_spec == person.account["email"]]


def subjects(server: SmtpServer, person: Person) -> list[str]:
    return [str(mail["Subject"]) for mail in to(server, person)]


def test_a_paid_booking_is_confirmed_to_one_and_announced_to_the_other_once(
    backend: Backend, professional: Person, user: Person, worker: Worker, server: SmtpServer
) -> None:
    booking = confirmed(user, backend.slot(professional))
    assert server.taken == [], "nothing is sent within a request"
    for _ in range(3):
        worker.run("send mails")
    assert subjects(server, user) == ["Your session with Nora Berg is booked"]
    assert subjects(server, professional) == ["Sam Vale has booked a session with you"]
    for person, other in ((user, "Nora Berg"), (professional, "Sam Vale")):
        (mail,) = to(server, person)
        event = event_of(mail)
        assert event["SUMMARY"] == f"Session with {other}"
        assert (event["DTSTART"], event["DTEND"]) == ("20270302T090000Z", "20270302T094500Z")
        assert (event["UID"], event["METHOD"]) == (f"{booking['id']}@rendezvous", "PUBLISH")
        assert "$45.00" in part(mail, "text/plain")
        assert "$45.00" in part(mail, "text/html")


def test_a_move_and_a_cancellation_change_the_same_event(
    backend: Backend, professional: Person, user: Person, worker: Worker, server: SmtpServer
) -> None:
    booking = confirmed(user, backend.slot(professional, "2027-03-10"))
    later = backend.slot(professional, "2027-03-11")
    assert user.post(f"/sessions/{booking['id']}/reschedule", json={"slot_id": later["id"]}).status_code == 200
    assert user.post(f"/sessions/{booking['id']}/cancel", json={"expected_refund": "45.00"}).status_code == 200
    worker.run("send mails")
    for person in (user, professional):
        booked, moved, cancelled = to(server, person)
        events = [event_of(each) for each in (booked, moved, cancelled)]
        assert len({event["UID"] for event in events}) == 1
        assert [event["METHOD"] for event in events] == ["PUBLISH", "PUBLISH", "CANCEL"]
        revisions = [int(event["SEQUENCE"]) for event in events]
        assert revisions == sorted(set(revisions))
        assert [event["DTSTART"][:8] for event in events] == ["20270310", "20270311", "20270311"]
    text = part(to(server, user)[2], "text/plain")
    assert "You have cancelled the session with Nora Berg." in text
    assert "$45.00 goes back to you, all of $45.00" in text
    text = part(to(server, professional)[2], "text/plain")
    assert "Sam Vale has cancelled the session with you." in text
    assert "$45.00 goes back to Sam Vale" in text


def test_late_cancelling_says_that_nothing_goes_back(
    backend: Backend, professional: Person, user: Person, worker: Worker, server: SmtpServer
) -> None:
    booking = confirmed(user, backend.slot(professional))
    backend.clock.set(datetime.fromisoformat("2027-03-02T08:59:00+00:00"))
    assert user.post(f"/sessions/{booking['id']}/cancel", json={"expected_refund": "0.00"}).status_code == 200
    worker.run("send mails")
    assert "Nothing goes back to you" in part(to(server, user)[-1], "text/plain")


def test_a_refund_that_is_done_is_told_once(
    backend: Backend, app: FastAPI, database: Database, professional: Person, user: Person, worker: Worker,
    server: SmtpServer,
) -> None:  # fmt: skip
    booking = confirmed(user, backend.slot(professional))
    user.post(f"/sessions/{booking['id']}/cancel", json={"expected_refund": "45.00"})
    for _ in range(2):
        send_refunds(database, app.state.payment_gateway, backend.clock)
        backend.clock.move(hours=1)
        worker.run("send mails")
    assert subjects(server, user).count("$45.00 is on its way back to you") == 1
    assert not [each for each in subjects(server, professional) if "$" in each]


def test_times_are_in_the_readers_own_zone_and_order(backend: Backend, worker: Worker, server: SmtpServer) -> None:
    professional = backend.professional("Nora Berg", "Europe/Berlin")
    user = backend.user("Sam Vale", "America/New_York")
    signing_in = {"email": user.account["email"], "password": user.password}
    backend.client.post("/auth/sign-in", json=signing_in, headers={"Accept-Language": "en-US,en;q=0.9"})
    signing_in = {"email": professional.account["email"], "password": professional.password}
    backend.client.post("/auth/sign-in", json=signing_in, headers={"Accept-Language": "de-DE"})
    confirmed(user, backend.slot(professional))
    worker.run("send mails")
    texts = {person.id: part(to(server, person)[-1], "text/plain") for person in (user, professional)}
    assert "Tue, March 2, 2027" in texts[user.id]
    assert "4:00 AM to 4:45 AM (New York time)" in texts[user.id]
    assert "Tuesday, 2 March 2027" in texts[professional.id]
    assert "10:00 to 10:45 (Berlin time)" in texts[professional.id]


def test_a_new_sign_in_is_told_and_signing_up_is_not(
    backend: Backend, user: Person, worker: Worker, server: SmtpServer
) -> None:
    worker.run("send mails")
    assert server.taken == []
    backend.client.post("/auth/sign-in", json={"email": user.account["email"], "password": user.password})
    backend.client.post("/auth/sign-in", json={"email": user.account["email"], "password": "wrong but long"})
    worker.run("send mails")
    assert subjects(server, user) == ["Somebody signed in to your Rendezvous account"]


@pytest.mark.parametrize(("minutes", "expected"), [(1441, []), (1440, [1]), (1201, [1]), (1200, [])])
def test_a_day_before_is_told_from_a_day_before_on_and_not_late(
    backend: Backend, professional: Person, user: Person, worker: Worker, server: SmtpServer, minutes: int,
    expected: list[int],
) -> None:  # fmt: skip
    confirmed(user, backend.slot(professional, "2027-03-10"))
    worker.run("send mails")
    server.taken.clear()
    starts_at = datetime.fromisoformat("2027-03-10T09:00:00+00:00")
    backend.clock.set(starts_at)
    backend.clock.move(minutes=-minutes)
    for _ in range(3):
        worker.run("remind")
        worker.run("send mails")
    for person in (user, professional):
        assert [1 for mail in subjects(server, person) if " is on " in mail] == expected


def test_whoever_was_reminded_does_not_stand_in_the_way_of_the_next(
    backend: Backend, database: Database, professional: Person, user: Person, worker: Worker
) -> None:
    confirmed(user, backend.slot(professional, "2027-03-10"))
    backend.clock.set(datetime.fromisoformat("2027-03-09T09:00:00+00:00"))
    with database.read() as session:
        assert len(to_remind_of(session, MailKind.REMINDER_DAY, backend.clock(), 50)) == 1
    worker.run("remind")
    with database.read() as session:
        assert to_remind_of(session, MailKind.REMINDER_DAY, backend.clock(), 50) == []


def remind_at(backend: Backend, worker: Worker, instant: str) -> None:
    backend.clock.set(datetime.fromisoformat(instant))
    for _ in range(2):
        worker.run("remind")
        worker.run("send mails")


def reminders(server: SmtpServer) -> list[str]:
    words = (str(mail["Subject"]) for mail in server.taken)
    return [subject for subject in words if " is on " in subject or " begins at " in subject]


def test_each_reminder_comes_once_whoever_asks_how_often(
    backend: Backend, professional: Person, user: Person, worker: Worker, server: SmtpServer
) -> None:
    confirmed(user, backend.slot(professional, "2027-03-10"))
    for instant in ("2027-03-09T09:00", "2027-03-09T10:00", "2027-03-10T08:45", "2027-03-10T08:50", "2027-03-10T08:59"):
        remind_at(backend, worker, f"{instant}:00+00:00")
    assert sorted(reminders(server)) == [
        "Your session with Nora Berg begins at 10:00 AM",
        "Your session with Nora Berg is on Wed, March 10, 2027",
        "Your session with Sam Vale begins at 10:00 AM",
        "Your session with Sam Vale is on Wed, March 10, 2027",
    ]


def test_who_books_within_the_last_day_is_only_reminded_of_the_start(
    backend: Backend, professional: Person, user: Person, worker: Worker, server: SmtpServer
) -> None:
    backend.clock.set(datetime.fromisoformat("2027-03-09T12:00:00+00:00"))
    confirmed(user, backend.slot(professional, "2027-03-10"))
    remind_at(backend, worker, "2027-03-09T12:00:05+00:00")
    assert reminders(server) == []
    remind_at(backend, worker, "2027-03-10T08:45:00+00:00")
    assert len(reminders(server)) == 2


def test_a_cancelled_session_is_not_remembered_even_if_its_reminder_waited_already(
    backend: Backend, professional: Person, user: Person, worker: Worker, server: SmtpServer
) -> None:
    booking = confirmed(user, backend.slot(professional, "2027-03-10"))
    backend.clock.set(datetime.fromisoformat("2027-03-09T09:00:00+00:00"))
    worker.run("remind")  # in the outbox, not sent
    user.post(f"/sessions/{booking['id']}/cancel", json={"expected_refund": "45.00"})
    for instant in ("2027-03-09T09:01", "2027-03-10T08:45"):
        remind_at(backend, worker, f"{instant}:00+00:00")
    assert reminders(server) == []


def test_a_moved_session_is_remembered_at_its_new_time_alone(
    backend: Backend, professional: Person, user: Person, worker: Worker, server: SmtpServer
) -> None:
    booking = confirmed(user, backend.slot(professional, "2027-03-10"))
    later = backend.slot(professional, "2027-03-12")
    backend.clock.set(datetime.fromisoformat("2027-03-09T09:00:00+00:00"))
    worker.run("remind")
    assert user.post(f"/sessions/{booking['id']}/reschedule", json={"slot_id": later["id"]}).status_code == 200
    for instant in ("2027-03-09T09:01", "2027-03-10T08:45", "2027-03-11T09:00", "2027-03-12T08:45"):
        remind_at(backend, worker, f"{instant}:00+00:00")
    assert len([each for each in reminders(server) if "March 12" in each]) == 2
    assert len([each for each in reminders(server) if "begins at" in each]) == 2
    assert not [each for each in reminders(server) if "March 10" in each]


def test_a_reminder_that_could_not_be_sent_in_time_is_not_sent_late(
    backend: Backend, professional: Person, user: Person, worker: Worker, server: SmtpServer
) -> None:
    confirmed(user, backend.slot(professional, "2027-03-10"))
    worker.run("send mails")
    server.stop()
    remind_at(backend, worker, "2027-03-10T08:45:00+00:00")
    server.start()
    remind_at(backend, worker, "2027-03-10T08:58:00+00:00")
    assert reminders(server) == []


def test_who_switched_a_kind_off_gets_none_of_it_and_all_others(
    backend: Backend, professional: Person, user: Person, worker: Worker, server: SmtpServer
) -> None:
    off: dict[str, Any] = {"kind": "booked", "on": False}
    assert user.put("/auth/me/mails", json=off).status_code == 200
    slot = backend.slot(professional)
    booking = confirmed(user, slot)
    user.post(f"/sessions/{booking['id']}/cancel", json={"expected_refund": "45.00"})
    worker.run("send mails")
    assert subjects(server, user) == ["Your session with Nora Berg is cancelled"]
    assert len(subjects(server, professional)) == 2
