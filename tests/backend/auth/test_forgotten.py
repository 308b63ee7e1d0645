"""A forgotten password: by a code that works once, and without a word about which addresses have accounts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import Response
from sqlalchemy import event

from backend.auth.service.codes import MOST_RESETS_A_DAY
from backend.kit.database import Database
from backend.main import writer_of
from backend.settings import Settings
from backend.worker import Worker
from backend.worker.mail_tasks import MailTasks, Post
from backend.worker.rounds import Round
from tests.backend.mail.outbox import codes_for
from tests.backend.stage import Backend, Person

NEW = "a brand new pass phrase"
Answer = Callable[[], None]


class Nowhere:
    """Takes no mail: the outbox keeps it, where tests read it."""

    def send(self, _message: object) -> None:
        raise AssertionError("nothing is sent here")


@pytest.fixture
def answer_requests(backend: Backend, database: Database, settings: Settings) -> Answer:
    """What the worker does about requests for a new password."""
    tasks = MailTasks(database, Post(writer_of(settings), Nowhere()), backend.clock)
    return lambda: _done(tasks)


def _done(tasks: MailTasks) -> None:
    round_ = Round("answer forgotten passwords", lambda: False, None)
    tasks.answer_reset_requests(round_)
    assert round_.failed == 0


def forget(backend: Backend, email: str) -> Response:
    answer: Response = backend.client.post("/auth/forgotten", json={"email": email})
    return answer


def reset(backend: Backend, email: str, code: str, password: str = NEW) -> Response:
    body = {"email": email, "code": code, "new_password": password}
    answer: Response = backend.client.post("/auth/reset", json=body)
    return answer


def sign_in(backend: Backend, person: Person, password: str) -> int:
    body = {"email": person.account["email"], "password": password}
    return int(backend.client.post("/auth/sign-in", json=body).status_code)


def code_of(backend: Backend, database: Database, answer_requests: Answer, person: Person) -> str:
    assert forget(backend, person.account["email"]).status_code == 204
    answer_requests()
    return codes_for(database, person.account["email"])[-1]


def test_the_code_sets_a_new_password_and_signs_every_device_out(
    backend: Backend, database: Database, user: Person, answer_requests: Answer
) -> None:
    code = code_of(backend, database, answer_requests, user)
    assert user.get("/auth/me").status_code == 200
    assert reset(backend, user.account["email"], code).status_code == 204
    assert user.get("/auth/me").status_code == 401
    assert sign_in(backend, user, user.password) == 401
    assert sign_in(backend, user, NEW) == 200


def test_a_code_works_once_and_for_half_an_hour(
    backend: Backend, database: Database, user: Person, answer_requests: Answer
) -> None:
    email = user.account["email"]
    code = code_of(backend, database, answer_requests, user)
    assert reset(backend, email, code).status_code == 204
    assert reset(backend, email, code, "yet another pass phrase").json()["error"] == "WrongCode"
    code = code_of(backend, database, answer_requests, user)
    backend.clock.move(minutes=30)
    assert reset(backend, email, code).json()["error"] == "WrongCode"
    assert sign_in(backend, user, NEW) == 200


def test_who_got_the_code_has_shown_that_mail_reaches_them(
    backend: Backend, database: Database, answer_requests: Answer
) -> None:
    kim = backend.sign_up("user", "Kim Sand", verified=False)
    code = code_of(backend, database, answer_requests, kim)
    assert reset(backend, kim.account["email"], code).status_code == 204
    answer = backend.client.post("/auth/sign-in", json={"email": kim.account["email"], "password": NEW})
    assert answer.json()["account"]["email_verified"] is True


def test_a_password_that_is_guessed_first_is_refused_and_the_code_stays_good(
    backend: Backend, database: Database, user: Person, answer_requests: Answer
) -> None:
    code = code_of(backend, database, answer_requests, user)
    for guessed in ("password123", "samvale1", "short"):
        answer = reset(backend, user.account["email"], code, guessed)
        assert (answer.status_code, list(answer.json()["fields"])) == (422, ["new_password"]), guessed
    assert reset(backend, user.account["email"], code).status_code == 204


def test_five_wrong_codes_end_the_right_one(
    backend: Backend, database: Database, user: Person, answer_requests: Answer
) -> None:
    code = code_of(backend, database, answer_requests, user)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        assert reset(backend, user.account["email"], wrong).status_code == 422
    assert reset(backend, user.account["email"], code).json()["error"] == "WrongCode"
    assert sign_in(backend, user, user.password) == 200


def test_a_code_to_confirm_the_e_mail_sets_no_password(backend: Backend, database: Database) -> None:
    kim = backend.sign_up("user", "Kim Sand", verified=False)
    kim.post("/auth/me/email-code")
    (code,) = codes_for(database, kim.account["email"])
    assert reset(backend, kim.account["email"], code).json()["error"] == "WrongCode"


def test_an_account_is_sent_so_many_a_day_whoever_asks(
    backend: Backend, database: Database, user: Person, answer_requests: Answer, app: FastAPI
) -> None:
    app.state.limits.on = False  # from everywhere
    try:
        for _ in range(MOST_RESETS_A_DAY + 2):
            forget(backend, user.account["email"])
    finally:
        app.state.limits.on = True
    answer_requests()
    assert len(codes_for(database, user.account["email"])) == MOST_RESETS_A_DAY


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What the backend asks its database meanwhile, without the values."""
    said: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool) -> None:
        said.append(statement)

    event.listen(database.write_engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(database.write_engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", ["forgotten", "reset"])
def test_an_address_without_an_account_gets_the_same_answer_for_the_same_work(
    backend: Backend,
    app: FastAPI,
    user: Person,
    answer_requests: Answer,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
) -> None:
    """Counted, not timed: statements, hashes, and what is told."""
    code_of(backend, app.state.database, answer_requests, user)
    hashed: list[int] = []
    hashing = app.state.passwords.hashed

    def hash_counted(text: str) -> str:
        hashed.append(1)
        return str(hashing(text))

    monkeypatch.setattr(app.state.passwords, "hashed", hash_counted)
    seen = []
    for email in (user.account["email"], "nobody@example.com"):
        hashed.clear()
        with statements(app.state.database) as said:
            answer = forget(backend, email) if path == "forgotten" else reset(backend, email, "000000")
        seen.append((answer.status_code, answer.content, len(hashed), said))
    assert seen[0][3], "nothing was counted"
    assert seen[0] == seen[1]


def test_nobody_is_sent_a_code_who_has_no_account_and_the_request_is_done(
    backend: Backend, database: Database, answer_requests: Answer, worker: Worker
) -> None:
    assert forget(backend, "nobody@example.com").status_code == 204
    answer_requests()
    assert codes_for(database, "nobody@example.com") == []
    worker.run("answer forgotten passwords")
    assert worker.figures.snapshot()["answer forgotten passwords"].oldest_due_at is None


def test_asking_is_limited_by_person_on_a_line(backend: Backend) -> None:
    answers = [forget(backend, "a@example.com").status_code for _ in range(6)]
    assert answers == [204] * 5 + [429]
    assert forget(backend, "b@example.com").status_code == 204


@pytest.mark.parametrize("email", ["", "nonsense", "a" * 254, "ü@exämple.de", "a@b@c"])
def test_any_text_is_taken_as_an_address(backend: Backend, answer_requests: Answer, email: str) -> None:
    assert forget(backend, email).status_code == 204
    answer_requests()
    assert reset(backend, email, "123456").json()["error"] == "WrongCode"
