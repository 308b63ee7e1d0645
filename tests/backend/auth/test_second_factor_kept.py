"""What is kept of a second factor: encrypted or as digests, and no longer than its account."""

import logging
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import Response
from pydantic import SecretStr
from sqlalchemy import func, select

from backend.auth.service.second_factor import Sealer
from backend.auth.tables import RecoveryCodeRow, SecondFactorRow
from backend.kit.database import Database
from backend.retention import delete_old_rows
from tests.backend.auth.authenticator import Authenticator, set_up, turn_on
from tests.backend.stage import PASSWORD, START, Backend, Person


@pytest.fixture
def authenticator(backend: Backend, professional: Person) -> Authenticator:
    """The professional's, whose second factor is on since a minute: the code of now was not used."""
    app = turn_on(professional)
    backend.clock.move(minutes=1)
    return app


def sign_in(backend: Backend, person: Person, code: str) -> Response:
    body = {"email": person.account["email"], "password": PASSWORD, "code": code}
    answer: Response = backend.client.post("/auth/sign-in", json=body)
    return answer


def test_neither_database_nor_export_holds_what_lets_in(
    database: Database, professional: Person, authenticator: Authenticator
) -> None:
    with database.read() as session:
        row = session.scalars(select(SecondFactorRow)).one()
        digests = session.scalars(select(RecoveryCodeRow.digest)).all()
    assert authenticator.secret.encode() not in row.secret
    plain = [code.replace("-", "").encode() for code in authenticator.recovery_codes]
    assert not any(code in digest for code in plain for digest in digests)
    told = professional.get("/auth/me/export")
    assert authenticator.secret not in told.text
    assert set(told.json()["second_factor"][0]) == {"account_id", "created_at", "on_since"}


def test_a_secret_opens_for_its_account_and_with_a_key_of_before() -> None:
    mine, other = UUID(int=1), UUID(int=2)
    old, both = Sealer([b"o" * 32]), Sealer([b"n" * 32, b"o" * 32])
    sealed = old.seal(mine, "JBSWY3DPEHPK3PXP")
    assert both.open(mine, sealed) == "JBSWY3DPEHPK3PXP"
    assert both.open(other, sealed) is None
    assert old.open(mine, both.seal(mine, "JBSWY3DPEHPK3PXP")) is None
    assert old.seal(mine, "same") != old.seal(mine, "same")


def test_with_a_lost_key_paper_still_lets_in_and_the_log_says_why_the_app_does_not(
    backend: Backend,
    app: FastAPI,
    professional: Person,
    authenticator: Authenticator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings = app.state.settings
    app.state.settings = settings.model_copy(update={"limits_secret": SecretStr("another")})
    try:
        with caplog.at_level(logging.ERROR):
            refused = sign_in(backend, professional, authenticator.code(backend.clock()))
            assert refused.json()["error"] == "WrongSecondFactor"
        assert "SECOND_FACTOR_SECRET" in caplog.text
        assert sign_in(backend, professional, authenticator.recovery_codes[0]).status_code == 200
    finally:
        app.state.settings = settings


def test_a_secret_of_its_own_encrypts_and_what_was_encrypted_before_still_opens(app: FastAPI) -> None:
    before = app.state.settings
    after = before.model_copy(update={"second_factor_secret": SecretStr("newer, older")})
    sealed = Sealer(before.keys_of_second_factors).seal(UUID(int=1), "secret")
    assert Sealer(after.keys_of_second_factors).open(UUID(int=1), sealed) == "secret"
    assert len(set(after.keys_of_second_factors)) == 3
    older = before.model_copy(update={"second_factor_secret": SecretStr("older")})
    assert after.keys_of_second_factors[1:] == older.keys_of_second_factors


def test_what_was_begun_and_left_goes_after_a_day_and_what_is_on_stays(
    backend: Backend, database: Database, professional: Person
) -> None:
    turn_on(professional)
    set_up(backend.professional())
    delete_old_rows(database, START + timedelta(days=1, seconds=1))
    with database.read() as session:
        assert [str(each) for each in session.scalars(select(SecondFactorRow.account_id))] == [professional.id]


def test_it_goes_with_the_account(database: Database, professional: Person, authenticator: Authenticator) -> None:
    body = {"password": PASSWORD, "sessions": 0}
    assert professional.post("/auth/me/delete", json=body).status_code == 204
    with database.read() as session:
        for table in (SecondFactorRow, RecoveryCodeRow):
            assert session.scalar(select(func.count()).select_from(table)) == 0
