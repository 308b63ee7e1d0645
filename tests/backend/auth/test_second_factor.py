"""A second factor: set up by a first right code, asked for at signing in, each code good for once."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from httpx import Response
from sqlalchemy import update

from backend.auth.rules.second_factor import RECOVERY_CODES
from backend.auth.tables import AccountRow
from backend.kit.database import Database
from backend.mail.rules.facts import SecondFactorFacts
from tests.backend.auth.authenticator import Authenticator, set_up, turn_on
from tests.backend.mail.outbox import answer_reset_requests, codes_for
from tests.backend.mail.reading import by_kind
from tests.backend.stage import PASSWORD, START, Backend, Person

STEP = timedelta(seconds=30)


@pytest.fixture
def authenticator(backend: Backend, professional: Person) -> Authenticator:
    """The professional's, whose second factor is on since a minute: the code of now was not used."""
    app = turn_on(professional)
    backend.clock.move(minutes=1)
    return app


def sign_in(backend: Backend, person: Person, code: str | None = None, password: str = PASSWORD) -> Response:
    body = {"email": person.account["email"], "password": password} | ({} if code is None else {"code": code})
    answer: Response = backend.client.post("/auth/sign-in", json=body)
    return answer


def error(answer: Response) -> Any:
    return answer.json()["error"]


def state(person: Person) -> Any:
    return person.get("/auth/me/second-factor").json()


def test_nothing_is_asked_for_before_a_first_right_code(backend: Backend, professional: Person) -> None:
    assert state(professional) == {"on_since": None, "recovery_codes_left": 0}
    app = set_up(professional)
    assert sign_in(backend, professional).status_code == 200
    wrong = professional.post("/auth/me/second-factor/confirm", json={"code": "12345"})
    assert (wrong.status_code, error(wrong), list(wrong.json()["fields"])) == (422, "WrongSecondFactor", ["code"])
    assert sign_in(backend, professional).status_code == 200
    code = f" {app.code(START)[:3]} {app.code(START)[3:]} "
    right = professional.post("/auth/me/second-factor/confirm", json={"code": code})
    assert len(set(right.json()["recovery_codes"])) == RECOVERY_CODES
    assert state(professional) == {"on_since": "2027-03-01T09:00:00Z", "recovery_codes_left": RECOVERY_CODES}
    assert error(sign_in(backend, professional)) == "SecondFactorNeeded"


def test_the_password_and_then_the_code_sign_in(
    backend: Backend, professional: Person, authenticator: Authenticator
) -> None:
    first = sign_in(backend, professional)
    assert (first.status_code, error(first)) == (401, "SecondFactorNeeded")
    assert first.json()["detail"] == "Type the code from your authenticator app."
    assert error(sign_in(backend, professional, " ")) == "SecondFactorNeeded"
    assert error(sign_in(backend, professional, authenticator.code(backend.clock()), "wrong")) == "WrongEmailOrPassword"
    answer = sign_in(backend, professional, authenticator.code(backend.clock()))
    assert (answer.status_code, answer.json()["account"]) == (200, professional.account)


def test_its_owner_is_told_of_a_sign_in_and_not_of_half_of_one(
    backend: Backend, database: Database, professional: Person, authenticator: Authenticator
) -> None:
    sign_in(backend, professional)
    sign_in(backend, professional, "000000")
    assert by_kind(database, "new_sign_in") == []
    sign_in(backend, professional, authenticator.code(backend.clock()))
    assert len(by_kind(database, "new_sign_in")) == 1


def test_a_code_lets_in_once(backend: Backend, professional: Person, authenticator: Authenticator) -> None:
    code = authenticator.code(backend.clock())
    assert sign_in(backend, professional, code).status_code == 200
    assert error(sign_in(backend, professional, code)) == "WrongSecondFactor"
    backend.clock.move(seconds=30)
    assert error(sign_in(backend, professional, code)) == "WrongSecondFactor"
    assert sign_in(backend, professional, authenticator.code(backend.clock())).status_code == 200


def test_the_code_that_turned_it_on_lets_nobody_in(backend: Backend, professional: Person) -> None:
    app = turn_on(professional)
    assert error(sign_in(backend, professional, app.code(START))) == "WrongSecondFactor"


def test_a_code_of_an_earlier_step_than_the_last_used_is_no_longer_good(
    backend: Backend, professional: Person, authenticator: Authenticator
) -> None:
    now = backend.clock()
    assert sign_in(backend, professional, authenticator.code(now + STEP)).status_code == 200
    assert error(sign_in(backend, professional, authenticator.code(now))) == "WrongSecondFactor"


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 200), (0, 200), (1, 200), (2, 422)])
def test_a_clock_may_be_one_step_off(
    backend: Backend, professional: Person, authenticator: Authenticator, steps: int, status: int
) -> None:
    backend.clock.move(minutes=5)
    assert sign_in(backend, professional, authenticator.code(backend.clock() + steps * STEP)).status_code == status


def test_a_recovery_code_lets_in_once_however_it_is_typed(
    backend: Backend, professional: Person, authenticator: Authenticator
) -> None:
    first, second, *_ = authenticator.recovery_codes
    assert sign_in(backend, professional, first).status_code == 200
    assert error(sign_in(backend, professional, first)) == "WrongSecondFactor"
    assert sign_in(backend, professional, f" {second.replace('-', ' ').upper()} ").status_code == 200
    assert state(professional)["recovery_codes_left"] == RECOVERY_CODES - 2


def test_one_persons_codes_are_nothing_to_another(
    backend: Backend, professional: Person, authenticator: Authenticator
) -> None:
    other = backend.professional()
    turn_on(other, backend.clock())
    assert error(sign_in(backend, other, authenticator.recovery_codes[0])) == "WrongSecondFactor"
    assert sign_in(backend, professional, authenticator.recovery_codes[0]).status_code == 200


def test_codes_are_tried_ten_times_by_who_has_the_password(
    backend: Backend, professional: Person, authenticator: Authenticator
) -> None:
    """A right password forgets no tries while the code is wrong."""
    answers = [error(sign_in(backend, professional, "000000")) for _ in range(11)]
    assert answers == ["WrongSecondFactor"] * 10 + ["TooManyAttempts"]
    assert sign_in(backend, professional, authenticator.code(backend.clock())).status_code == 429
    backend.clock.move(minutes=15)
    assert sign_in(backend, professional, authenticator.code(backend.clock())).status_code == 200


def test_being_let_in_forgets_what_was_tried(
    backend: Backend, professional: Person, authenticator: Authenticator
) -> None:
    for _round in range(3):
        for _attempt in range(4):
            sign_in(backend, professional, "000000")
        assert sign_in(backend, professional).status_code == 401
        backend.clock.move(minutes=1)
        assert sign_in(backend, professional, authenticator.code(backend.clock())).status_code == 200


def test_from_everywhere_together_fifty_are_tried_a_day(
    backend: Backend, professional: Person, authenticator: Authenticator
) -> None:
    answers = []
    for _quarter in range(6):
        answers += [error(sign_in(backend, professional, "000000")) for _ in range(9)]
        backend.clock.move(minutes=15)
    assert answers.count("WrongSecondFactor") == 49  # turning it on was the first
    assert error(sign_in(backend, professional, authenticator.code(backend.clock()))) == "TooManyAttempts"


def test_a_password_that_was_reset_by_mail_still_needs_the_code(
    backend: Backend, app: FastAPI, database: Database, professional: Person, authenticator: Authenticator
) -> None:
    email, new = professional.account["email"], "a brand new pass phrase"
    backend.client.post("/auth/forgotten", json={"email": email})
    answer_reset_requests(app, backend.clock)
    body = {"email": email, "code": codes_for(database, email)[-1], "new_password": new}
    assert backend.client.post("/auth/reset", json=body).status_code == 204
    assert error(sign_in(backend, professional, password=new)) == "SecondFactorNeeded"
    assert sign_in(backend, professional, authenticator.code(backend.clock()), new).status_code == 200


def test_turning_it_off_takes_the_password_and_a_code_and_is_told_by_mail(
    backend: Backend, database: Database, professional: Person, authenticator: Authenticator
) -> None:
    def off(password: str, code: str | None = None) -> Response:
        return professional.post("/auth/me/second-factor/off", json={"password": password, "code": code})

    code = authenticator.code(backend.clock())
    assert list(off("wrong", code).json()["fields"]) == ["password"]
    assert error(off(PASSWORD)) == "SecondFactorNeeded"
    assert error(off(PASSWORD, "000000")) == "WrongSecondFactor"
    assert state(professional)["on_since"] is not None
    assert off(PASSWORD, code).status_code == 204
    assert state(professional) == {"on_since": None, "recovery_codes_left": 0}
    assert sign_in(backend, professional).status_code == 200
    (mail,) = by_kind(database, "second_factor_off")
    assert not SecondFactorFacts.model_validate_json(mail.facts).by_operator
    assert error(off(PASSWORD)) == "SecondFactorIsOff"


def test_setting_it_up_takes_the_password_and_is_not_done_twice(
    backend: Backend, professional: Person, authenticator: Authenticator
) -> None:
    answer = professional.post("/auth/me/second-factor", json={"password": "wrong"})
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["password"])
    answer = professional.post("/auth/me/second-factor", json={"password": PASSWORD})
    assert (answer.status_code, error(answer)) == (409, "SecondFactorIsOn")
    answer = professional.post("/auth/me/second-factor/confirm", json={"code": authenticator.code(backend.clock())})
    assert (answer.status_code, error(answer)) == (409, "SecondFactorIsOn")


def test_without_being_set_up_it_cannot_be_turned_on(professional: Person) -> None:
    answer = professional.post("/auth/me/second-factor/confirm", json={"code": "000000"})
    assert (answer.status_code, error(answer)) == (409, "SecondFactorIsOff")


def test_beginning_again_makes_another_secret(professional: Person) -> None:
    first, second = set_up(professional), set_up(professional)
    assert first.secret != second.secret
    codes = [{"code": each.code(START)} for each in (first, second)]
    if codes[0] != codes[1]:
        assert professional.post("/auth/me/second-factor/confirm", json=codes[0]).status_code == 422
    assert professional.post("/auth/me/second-factor/confirm", json=codes[1]).status_code == 200


def test_users_have_none(user: Person) -> None:
    answer = user.post("/auth/me/second-factor", json={"password": PASSWORD})
    assert (answer.status_code, error(answer)) == (403, "WrongRole")


def test_a_blocked_account_is_asked_for_no_code(
    backend: Backend, database: Database, professional: Person, authenticator: Authenticator
) -> None:
    with database.write() as session:
        session.execute(update(AccountRow).values(blocked_at=START))
    assert error(sign_in(backend, professional)) == "AccountBlocked"


async def test_of_one_code_at_once_on_many_devices_one_lets_in(
    backend: Backend, app: FastAPI, professional: Person, authenticator: Authenticator
) -> None:
    body = {"email": professional.account["email"], "password": PASSWORD, "code": authenticator.code(backend.clock())}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://backend.test") as client:
        answers = await asyncio.gather(*(client.post("/auth/sign-in", json=body) for _ in range(6)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 422: 5}
