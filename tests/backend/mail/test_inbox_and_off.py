"""A demo without a mail server shows its mails; one click in a mail switches its kind off."""

import re
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.auth.service import PasswordHasher
from backend.bookings.access import terms_of
from backend.calls.access import limits_of
from backend.integrations.sandbox.inbox import SandboxInbox
from backend.main import create_app, writer_of
from backend.settings import Settings
from backend.worker import Worker
from backend.worker.mail_tasks import Post
from tests.backend.bookings.acting import confirmed
from tests.backend.mail.smtp_server import SmtpServer
from tests.backend.stage import Backend, MovableClock, Person


@pytest.fixture
def inbox_worker(app: FastAPI, settings: Settings, clock: MovableClock, worker: Worker) -> Worker:
    """As in a demo."""
    state = app.state
    post = Post(writer_of(settings), SandboxInbox(state.database, clock))
    parts = (terms_of(settings), limits_of(settings), clock)
    return Worker(state.database, state.payment_gateway, None, *parts, post=post)


def links(page: str) -> list[str]:
    return re.findall(r'/sandbox/mails/[^"?/]+(?=")', page)


def test_the_inbox_shows_what_would_have_been_sent(
    backend: Backend, professional: Person, user: Person, inbox_worker: Worker
) -> None:
    confirmed(user, backend.slot(professional))
    inbox_worker.run("send mails")
    inbox_worker.run("send mails")
    listed = backend.client.get("/sandbox/mails").text
    assert len(links(listed)) == 2
    mine = backend.client.get("/sandbox/mails", params={"to": user.account["email"]}).text
    (path,) = links(mine)
    page = backend.client.get(path)
    assert "Your session with Nora Berg is booked" in page.text
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    assert 'sandbox="allow-popups' in page.text
    html = backend.client.get(f"{path}/html")
    assert html.headers["Content-Security-Policy"].startswith("sandbox ")
    assert "default-src 'none'" in html.headers["Content-Security-Policy"]
    assert "Your session is booked" in html.text
    assert backend.client.get(f"{path}/calendar").text.startswith("BEGIN:VCALENDAR")


def test_an_empty_inbox_says_so_and_an_unknown_mail_is_not_there(backend: Backend) -> None:
    assert "There is nothing here yet." in backend.client.get("/sandbox/mails").text
    for path in ("/sandbox/mails/x@y", "/sandbox/mails/x@y/html", "/sandbox/mails/x@y/calendar"):
        assert backend.client.get(path).status_code == 404


def test_a_code_has_no_calendar_file(backend: Backend, inbox_worker: Worker) -> None:
    kim = backend.sign_up("user", "Kim Sand", verified=False)
    kim.post("/auth/me/email-code")
    inbox_worker.run("send mails")
    (path,) = links(backend.client.get("/sandbox/mails", params={"to": kim.account["email"]}).text)
    assert backend.client.get(f"{path}/calendar").status_code == 404


def test_with_a_mail_server_there_is_no_inbox(
    settings: Settings, clock: MovableClock, passwords: PasswordHasher
) -> None:
    with_server = settings.model_copy(update={"smtp_url": type(settings.smtp_url)("smtp+plain://127.0.0.1")})
    app = create_app(with_server, now=clock, passwords=passwords, run_worker=False)
    with TestClient(app) as client:
        assert client.get("/sandbox/mails").status_code == 404


def off_url(server: SmtpServer, person: Person) -> str:
    (mail,) = [each for each in server.taken if each["To"].addresses[0].addr_spec == person.account["email"]]
    return urlsplit(str(mail["List-Unsubscribe"]).strip("<>")).path


def test_looking_at_the_link_changes_nothing_and_its_button_switches_the_kind_off(
    backend: Backend, professional: Person, user: Person, worker: Worker, server: SmtpServer
) -> None:
    confirmed(user, backend.slot(professional))
    worker.run("send mails")
    path = off_url(server, user)
    page = backend.client.get(path)
    assert "Mails that tell you that a session of yours is booked will not be sent any more." in page.text
    assert f'action="{path}"' in page.text
    assert "booked" in [each["kind"] for each in user.get("/auth/me/mails").json()["items"] if each["on"]]
    for _ in range(2):  # a mail program's one click (RFC 8058), and again
        answer = backend.client.post(path, data={"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, "Switched off" in answer.text) == (200, True)
    off = [each["kind"] for each in user.get("/auth/me/mails").json()["items"] if not each["on"]]
    assert off == ["booked"]
    server.taken.clear()
    confirmed(user, backend.slot(professional, "2027-03-03"))
    worker.run("send mails")
    assert [each["To"].addresses[0].addr_spec for each in server.taken] == [professional.account["email"]]
    assert user.put("/auth/me/mails", json={"kind": "booked", "on": True}).status_code == 200
    server.taken.clear()
    confirmed(user, backend.slot(professional, "2027-03-04"))
    worker.run("send mails")
    assert len(server.taken) == 2


def test_a_link_that_is_not_whole_is_said_in_words(backend: Backend) -> None:
    for ask in (backend.client.get, backend.client.post):
        answer = ask("/mail/off/nonsense")
        assert (answer.status_code, "This link is not whole" in answer.text) == (404, True)


def test_codes_cannot_be_switched_off(user: Person) -> None:
    assert user.put("/auth/me/mails", json={"kind": "verify_code", "on": False}).status_code == 422
