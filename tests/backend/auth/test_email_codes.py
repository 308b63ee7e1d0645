"""Nobody holds a time or publishes an hour before mail is known to reach them."""

import pytest
from httpx import Response

from backend.auth.rules.codes import MOST_TRIES
from backend.auth.tables import EmailCodeRow
from backend.kit.database import Database
from tests.backend.bookings.acting import book
from tests.backend.mail.outbox import codes_for
from tests.backend.stage import Backend, Person, onboard


@pytest.fixture
def kim(backend: Backend) -> Person:
    """A user who has not confirmed their e-mail."""
    return backend.sign_up("user", "Kim Sand", verified=False)


def sent(database: Database, person: Person) -> str:
    assert person.post("/auth/me/email-code").status_code == 204
    return codes_for(database, person.account["email"])[-1]


def confirm(person: Person, code: str) -> Response:
    return person.post("/auth/me/email-code/confirm", json={"code": code})


def another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_holding_waits_for_the_code_and_goes_on_after_it(
    backend: Backend, database: Database, professional: Person, kim: Person
) -> None:
    slot = backend.slot(professional)
    refused = book(kim, slot, "a-key-of-the-app")
    assert (refused.status_code, refused.json()["error"]) == (403, "EmailNotVerified")
    code = sent(database, kim)
    answer = confirm(kim, f" {code[:3]} {code[3:]} ")
    assert (answer.status_code, answer.json()["email_verified"]) == (200, True)
    assert kim.get("/auth/me").json()["email_verified"] is True
    assert book(kim, slot, "a-key-of-the-app").status_code == 201


def test_publishing_waits_for_the_code_too(backend: Backend, database: Database) -> None:
    professional = backend.sign_up("professional", "Ada Lovelace", verified=False)
    onboard(professional)
    refused = backend.offer(professional)
    assert (refused.status_code, refused.json()["error"]) == (403, "EmailNotVerified")
    confirm(professional, sent(database, professional))
    assert backend.offer(professional).status_code == 201


def test_a_code_is_good_for_a_quarter_of_an_hour(backend: Backend, database: Database, kim: Person) -> None:
    code = sent(database, kim)
    backend.clock.move(minutes=15)
    answer = confirm(kim, code)
    assert (answer.status_code, answer.json()["error"]) == (422, "WrongCode")
    assert "code" in answer.json()["fields"]
    code = sent(database, kim)
    backend.clock.move(minutes=14, seconds=59)
    assert confirm(kim, code).status_code == 200


def test_a_new_code_takes_the_place_of_the_one_before(database: Database, kim: Person) -> None:
    first = sent(database, kim)
    second = sent(database, kim)
    if first != second:
        assert confirm(kim, first).status_code == 422
    assert confirm(kim, second).status_code == 200


def test_after_five_wrong_tries_the_right_code_is_no_longer_good(database: Database, kim: Person) -> None:
    code = sent(database, kim)
    for _ in range(MOST_TRIES):
        assert confirm(kim, another(code)).status_code == 422
    assert confirm(kim, code).status_code == 422
    assert confirm(kim, sent(database, kim)).status_code == 200


def test_the_last_of_the_tries_may_be_the_right_one(database: Database, kim: Person) -> None:
    code = sent(database, kim)
    for _ in range(MOST_TRIES - 1):
        confirm(kim, another(code))
    assert confirm(kim, code).status_code == 200


def test_one_persons_code_is_nothing_to_another(backend: Backend, database: Database, kim: Person) -> None:
    other = backend.sign_up("user", "Lee Moss", verified=False)
    code = sent(database, kim)
    sent(database, other)
    if codes_for(database, other.account["email"])[-1] != code:
        assert confirm(other, code).status_code == 422


def test_codes_are_sent_five_times_an_hour_at_most(backend: Backend, kim: Person) -> None:
    answers = [kim.post("/auth/me/email-code").status_code for _ in range(6)]
    assert answers == [204] * 5 + [429]
    backend.clock.move(hours=1)
    assert kim.post("/auth/me/email-code").status_code == 204


def test_who_is_verified_is_sent_nothing_and_stays_so(database: Database, user: Person) -> None:
    assert user.post("/auth/me/email-code").status_code == 204
    assert codes_for(database, user.account["email"]) == []
    assert confirm(user, "000000").json()["email_verified"] is True


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "½½½½½½"])
def test_what_is_no_code_is_said_in_words(kim: Person, typed: str) -> None:
    answer = confirm(kim, typed)
    assert (answer.status_code, answer.json()["fields"]) == (422, {"code": "Please type the 6 digits from the mail."})


def test_the_digits_of_any_keyboard_do(database: Database, kim: Person) -> None:
    code = sent(database, kim)
    assert confirm(kim, code.translate({ord(str(n)): chr(0x0660 + n) for n in range(10)})).status_code == 200


def test_the_database_holds_no_code_that_could_be_typed(database: Database, kim: Person) -> None:
    code = sent(database, kim)
    with database.read() as session:
        (row,) = session.query(EmailCodeRow).all()
    assert code.encode() not in row.digest
    assert len(row.digest) == 32
