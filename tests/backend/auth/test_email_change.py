"""Another address: the password and a code from the new one; the old one is told."""

from typing import Any

import pytest
from httpx import Response

from backend.auth.rules.codes import MOST_TRIES
from backend.kit.database import Database
from backend.mail.rules.facts import ChangeCodeFacts, Reader
from tests.backend.auth.authenticator import turn_on
from tests.backend.mail.outbox import codes_for
from tests.backend.mail.reading import by_kind
from tests.backend.stage import PASSWORD, START, Backend, Person

NEW = "new@example.com"


def begin(person: Person, email: str = NEW, password: str = PASSWORD, **more: str) -> Response:
    return person.post("/auth/me/email-change", json={"email": email, "password": password, **more})


def confirm(person: Person, code: str) -> Response:
    return person.post("/auth/me/email-change/confirm", json={"code": code})


def waiting(person: Person) -> Any:
    return person.get("/auth/me/email-change").json()["email"]


def sign_in(backend: Backend, email: str) -> int:
    return int(backend.client.post("/auth/sign-in", json={"email": email, "password": PASSWORD}).status_code)


def test_the_code_changes_the_address_and_nothing_before_does(
    backend: Backend, database: Database, user: Person
) -> None:
    old = user.account["email"]
    answer = begin(user, " NEW@Example.com ")
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"email": NEW, "code_until": "2027-03-01T09:30:00Z"}
    assert (sign_in(backend, old), sign_in(backend, NEW)) == (200, 401)
    assert user.get("/auth/me").json()["email"] == old
    (code,) = codes_for(database, NEW)
    assert codes_for(database, old) == []
    changed = confirm(user, code)
    assert (changed.status_code, changed.json()) == (200, user.account | {"email": NEW})
    assert (sign_in(backend, old), sign_in(backend, NEW)) == (401, 200)
    assert waiting(user) is None


def test_the_old_address_is_told_and_the_new_one_is_confirmed(backend: Backend, database: Database) -> None:
    kim = backend.sign_up("user", "Kim Sand", email="kim@example.com", verified=False)
    begin(kim)
    assert by_kind(database, "email_changed") == []
    assert confirm(kim, codes_for(database, NEW)[-1]).json()["email_verified"] is True
    (told,) = by_kind(database, "email_changed")
    assert Reader.model_validate_json(told.reader).email == "kim@example.com"
    assert str(told.account_id) == kim.id


def test_codes_that_went_to_the_old_address_are_no_longer_good(backend: Backend, database: Database) -> None:
    kim = backend.sign_up("user", "Kim Sand", email="kim@example.com", verified=False)
    kim.post("/auth/me/email-code")
    begin(kim)
    confirm(kim, codes_for(database, NEW)[-1])
    with database.read() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM email_codes").scalar_one() == 0


def test_a_wrong_password_sends_nothing(database: Database, user: Person) -> None:
    answer = begin(user, password="wrong")
    assert (answer.status_code, answer.json()["fields"]) == (422, {"password": "This is not your password."})
    assert by_kind(database, "change_code") == []
    assert waiting(user) is None


def test_a_second_factor_is_asked_for_too(backend: Backend, database: Database, professional: Person) -> None:
    app = turn_on(professional)
    assert begin(professional).json()["error"] == "SecondFactorNeeded"
    assert begin(professional, code="000000").json()["error"] == "WrongSecondFactor"
    assert by_kind(database, "change_code") == []
    backend.clock.move(minutes=1)
    assert begin(professional, code=app.code(backend.clock())).status_code == 200


def test_nobody_learns_from_here_whether_an_address_has_an_account(
    backend: Backend, database: Database, user: Person
) -> None:
    """Not by the answer, not by what waits, not by the export, not by a right guess."""
    owner = backend.user("Lee Moss")
    seen = []
    for email in (owner.account["email"], NEW):
        answer = begin(user, email)
        told = user.get("/auth/me/export").json()
        mails = [{key: each[key] for key in ("kind", "status", "account_id")} for each in told["mails"]]
        codes = [set(each) for each in told["codes_by_mail"]]
        seen.append((answer.status_code, set(answer.json()), mails[-1], codes, waiting(user) == email))
        assert "digest" not in codes[0]
    assert seen[0] == seen[1]
    taken, free = (ChangeCodeFacts.model_validate_json(row.facts) for row in by_kind(database, "change_code"))
    assert (taken.taken, free.taken) == (True, False)


def test_the_code_in_the_outbox_of_a_taken_address_fits_nothing(
    backend: Backend, database: Database, user: Person
) -> None:
    owner = backend.user("Lee Moss")
    begin(user, owner.account["email"])
    (code,) = codes_for(database, owner.account["email"])
    assert confirm(user, code).json()["error"] == "WrongCode"
    (mail,) = by_kind(database, "change_code")
    assert Reader.model_validate_json(mail.reader).name == "", "no words of theirs reach somebody else"


def test_an_address_that_was_taken_meanwhile_is_said_to_its_owner(
    backend: Backend, database: Database, user: Person
) -> None:
    begin(user)
    (code,) = codes_for(database, NEW)
    backend.sign_up("user", "Lee Moss", email=NEW)
    answer = confirm(user, code)
    assert (answer.status_code, answer.json()["error"]) == (409, "EmailTaken")
    assert user.get("/auth/me").json() == user.account


def test_ones_own_address_is_no_new_one(user: Person) -> None:
    answer = begin(user, user.account["email"].upper())
    assert (answer.status_code, answer.json()["fields"]) == (422, {"email": "This is your e-mail already."})


def test_a_change_that_waits_is_shown_until_its_code_ends_or_it_is_dropped(backend: Backend, user: Person) -> None:
    assert waiting(user) is None
    begin(user)
    assert waiting(user) == NEW
    assert user.delete("/auth/me/email-change").status_code == 204
    assert waiting(user) is None
    begin(user)
    backend.clock.move(minutes=30)
    assert waiting(user) is None


def test_a_dropped_change_and_one_that_took_too_long_change_nothing(
    backend: Backend, database: Database, user: Person
) -> None:
    begin(user)
    (code,) = codes_for(database, NEW)
    user.delete("/auth/me/email-change")
    assert confirm(user, code).json()["error"] == "WrongCode"
    begin(user)
    backend.clock.move(minutes=30)
    assert confirm(user, codes_for(database, NEW)[-1]).json()["error"] == "WrongCode"
    assert user.get("/auth/me").json() == user.account


def test_five_wrong_codes_end_the_right_one(database: Database, user: Person) -> None:
    begin(user)
    (code,) = codes_for(database, NEW)
    for _ in range(MOST_TRIES):
        assert confirm(user, f"{(int(code) + 1) % 1_000_000:06d}").json()["error"] == "WrongCode"
    assert confirm(user, code).json()["error"] == "WrongCode"


def test_codes_are_sent_five_times_an_hour_at_most(backend: Backend, user: Person) -> None:
    answers = [begin(user, f"new{number}@example.com").status_code for number in range(6)]
    assert answers == [200] * 5 + [429]
    backend.clock.move(hours=1)
    assert begin(user).status_code == 200


def test_a_code_to_confirm_an_address_changes_none(backend: Backend, database: Database) -> None:
    kim = backend.sign_up("user", "Kim Sand", verified=False)
    begin(kim)
    kim.post("/auth/me/email-code")
    (code,) = codes_for(database, kim.account["email"])
    if code != codes_for(database, NEW)[-1]:
        assert confirm(kim, code).json()["error"] == "WrongCode"


@pytest.mark.parametrize("email", ["", "nonsense", "a@b@c", "x" * 300 + "@example.com"])
def test_what_is_no_address_is_said_at_its_field(user: Person, email: str) -> None:
    answer = begin(user, email)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["email"])


def test_what_was_to_go_to_a_taken_address_is_in_neither_export(
    backend: Backend, database: Database, user: Person
) -> None:
    owner = backend.user("Lee Moss")
    begin(user, owner.account["email"])
    assert str(START.year) in owner.get("/auth/me/export").text
    assert [each["kind"] for each in owner.get("/auth/me/export").json()["mails"]] == []
