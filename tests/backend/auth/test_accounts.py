"""Signing up, in and out; tokens; changing one's account."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from backend.auth.rules.sign_ins import TOKEN_LIFETIME
from backend.auth.service import PasswordHasher
from backend.auth.tables import AccountRow, TokenRow
from backend.kit.limits.storages import LimitCountRow
from backend.main import create_app
from backend.settings import Settings
from tests.backend.stage import PASSWORD, START, Backend, Person

SIGN_UP: dict[str, Any] = {
    "email": "Sam@Example.com",
    "password": PASSWORD,
    "name": "  Sam   Vale ",
    "role": "user",
    "time_zone": "Europe/London",
}


def sign_in(backend: Backend, email: str, password: str = PASSWORD) -> Any:
    return backend.client.post("/auth/sign-in", json={"email": email, "password": password})


def accounts_stored(backend: Backend) -> int:
    with backend.database.read() as session:
        return session.scalar(select(func.count()).select_from(AccountRow)) or 0


def test_signing_up_signs_in(backend: Backend) -> None:
    answer = backend.client.post("/auth/sign-up", json=SIGN_UP)
    assert answer.status_code == 201
    account = answer.json()["account"]
    assert (
        backend.client.get("/auth/me", headers={"Authorization": f"Bearer {answer.json()['token']}"}).json() == account
    )
    account.pop("id")
    wanted = {"role": "user", "email": "sam@example.com", "name": "Sam Vale", "time_zone": "Europe/London"}
    assert account == wanted | {"email_verified": False}


@pytest.mark.parametrize("email", ["sam@example.com", "SAM@example.COM", " sam@example.com "])
def test_an_address_has_one_account_whatever_its_case(backend: Backend, email: str) -> None:
    backend.client.post("/auth/sign-up", json=SIGN_UP)
    answer = backend.client.post("/auth/sign-up", json={**SIGN_UP, "email": email})
    assert (answer.status_code, answer.json()["error"]) == (409, "EmailTaken")
    assert "email" in answer.json()["fields"]
    assert accounts_stored(backend) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "sam"}, "email"),
        ({"email": "sam@localhost"}, "email"),
        ({"email": "a b@example.com"}, "email"),
        ({"email": "sam@example.com\n"}, None),
        ({"email": "x" * 300 + "@example.com"}, "email"),
        ({"email": None}, "email"),
        ({"password": "1234567"}, "password"),
        ({"password": "x" * 129}, "password"),
        ({"name": "   "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "S\x00m"}, "name"),
        ({"role": "admin"}, "role"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"is_admin": True}, "is_admin"),
    ],
    ids=str,
)
def test_a_bad_sign_up_is_refused_at_its_field(backend: Backend, change: dict[str, Any], field: str | None) -> None:
    answer = backend.client.post("/auth/sign-up", json={**SIGN_UP, **change})
    if field is None:
        assert answer.status_code == 201
        return
    assert (answer.status_code, list(answer.json()["fields"])) == (422, [field])
    assert accounts_stored(backend) == 0


def test_a_refused_sign_up_does_not_repeat_the_password(backend: Backend) -> None:
    answer = backend.client.post("/auth/sign-up", json={**SIGN_UP, "password": "pA5s!"})
    assert "pA5s!" not in answer.text


def test_the_right_password_signs_in(backend: Backend, user: Person) -> None:
    answer = sign_in(backend, user.account["email"].upper())
    assert (answer.status_code, answer.json()["account"]) == (200, user.account)
    assert answer.json()["token"] != user.token


@pytest.mark.parametrize("email", ["nobody@example.com", "no address", ""])
def test_an_unknown_address_is_refused_like_a_wrong_password(backend: Backend, user: Person, email: str) -> None:
    wrong = sign_in(backend, user.account["email"], "wrong password")
    unknown = sign_in(backend, email, "wrong password")
    assert (unknown.status_code, unknown.json()) == (wrong.status_code, wrong.json())
    assert wrong.json()["error"] == "WrongEmailOrPassword"


def test_passwords_and_tokens_are_stored_as_hashes_only(backend: Backend, user: Person) -> None:
    with backend.database.read() as session:
        account = session.scalars(select(AccountRow)).one()
        token = session.scalars(select(TokenRow)).one()
    assert account.password_hash.startswith("$argon2id$")
    assert PASSWORD not in account.password_hash
    assert len(token.digest) == 32
    assert user.token.encode() not in token.digest


def test_signing_out_revokes_this_token_only(backend: Backend, user: Person) -> None:
    other = sign_in(backend, user.account["email"]).json()["token"]
    assert user.post("/auth/sign-out").status_code == 204
    assert user.get("/auth/me").json()["error"] == "NotSignedIn"
    assert backend.client.get("/auth/me", headers={"Authorization": f"Bearer {other}"}).status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer nonsense", "Basic c2FtOnNhbQ==", "Bearer \xff"])
def test_what_is_no_token_is_not_signed_in(client: TestClient, header: str) -> None:
    answer = client.get("/auth/me", headers={"Authorization": header.encode("latin-1")})
    assert (answer.status_code, answer.json()["error"]) == (401, "NotSignedIn")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_eleventh_wrong_password_is_one_too_many_even_if_it_is_right(backend: Backend, user: Person) -> None:
    for _attempt in range(10):
        assert sign_in(backend, user.account["email"], "wrong").status_code == 401
    answer = sign_in(backend, user.account["email"])
    assert (answer.status_code, answer.json()["error"]) == (429, "TooManyAttempts")
    assert 0 < answer.json()["retry_after_s"] <= 900
    assert answer.headers["Retry-After"] == str(answer.json()["retry_after_s"])


def test_one_persons_wrong_passwords_do_not_lock_out_another(backend: Backend, user: Person) -> None:
    for _attempt in range(11):
        sign_in(backend, user.account["email"], "wrong")
    assert sign_in(backend, backend.user().account["email"]).status_code == 200


def test_signing_in_forgets_the_wrong_passwords_before(backend: Backend, user: Person) -> None:
    for _round in range(3):
        for _attempt in range(9):
            sign_in(backend, user.account["email"], "wrong")
        assert sign_in(backend, user.account["email"]).status_code == 200


def test_trying_one_password_on_many_addresses_is_stopped(backend: Backend) -> None:
    statuses = [sign_in(backend, f"person{number}@example.com", "wrong").status_code for number in range(101)]
    assert statuses == [401] * 100 + [429]


def test_after_the_wait_that_was_named_trying_again_works(backend: Backend, user: Person) -> None:
    for attempt in range(11):
        backend.clock.move(seconds=int(attempt == 5))
        answer = sign_in(backend, user.account["email"], "wrong")
    wait_s = answer.json()["retry_after_s"]
    backend.clock.move(seconds=wait_s - 1)
    assert sign_in(backend, user.account["email"]).status_code == 429
    backend.clock.move(seconds=1)
    assert sign_in(backend, user.account["email"]).status_code == 200


def test_wrong_passwords_are_counted_for_all_backends_together(
    backend: Backend, user: Person, settings: Settings, passwords: PasswordHasher
) -> None:
    other = create_app(settings, now=backend.clock, passwords=passwords, run_worker=False)
    with TestClient(other) as elsewhere:
        for _attempt in range(5):
            assert sign_in(backend, user.account["email"], "wrong").status_code == 401
            wrong = {"email": user.account["email"], "password": "wrong"}
            assert elsewhere.post("/auth/sign-in", json=wrong).status_code == 401
        assert elsewhere.post("/auth/sign-in", json=wrong).status_code == 429
    assert sign_in(backend, user.account["email"]).status_code == 429


async def test_of_many_attempts_at_once_none_slips_by(app: FastAPI, user: Person) -> None:
    wrong = {"email": user.account["email"], "password": "wrong"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://backend.test") as client:
        answers = await asyncio.gather(*(client.post("/auth/sign-in", json=wrong) for _ in range(25)))
    assert Counter(answer.status_code for answer in answers) == {401: 10, 429: 15}


def test_neither_mail_nor_network_address_is_kept_of_an_attempt(backend: Backend, user: Person) -> None:
    sign_in(backend, user.account["email"], "wrong")
    with backend.database.read() as session:
        kept = session.scalars(select(LimitCountRow.key)).all()
    assert {key.split("/")[0] for key in kept} >= {"sign-up", "password", "password-line", "password-network"}
    assert not any("example" in key or "testclient" in key for key in kept)


def test_name_and_zone_can_be_changed(user: Person) -> None:
    assert user.patch("/auth/me", json={"name": "Samuel"}).json()["name"] == "Samuel"
    changed = user.patch("/auth/me", json={"time_zone": "Asia/Tokyo"}).json()
    assert changed == {**user.account, "name": "Samuel", "time_zone": "Asia/Tokyo"}
    assert user.get("/auth/me").json() == changed


@pytest.mark.parametrize(
    "body", [{"name": ""}, {"time_zone": "Nowhere"}, {"email": "new@example.com"}, {"role": "user"}]
)
def test_what_may_not_be_changed_stays(user: Person, body: dict[str, str]) -> None:
    assert user.patch("/auth/me", json=body).status_code == 422
    assert user.get("/auth/me").json() == user.account


def test_a_new_password_signs_out_everywhere_else(backend: Backend, user: Person) -> None:
    other = sign_in(backend, user.account["email"]).json()["token"]
    body = {"current_password": PASSWORD, "new_password": "another long password"}
    assert user.post("/auth/me/password", json=body).status_code == 204
    assert user.get("/auth/me").status_code == 200
    assert backend.client.get("/auth/me", headers={"Authorization": f"Bearer {other}"}).status_code == 401
    assert sign_in(backend, user.account["email"]).status_code == 401
    assert sign_in(backend, user.account["email"], "another long password").status_code == 200


def test_a_wrong_current_password_changes_nothing(backend: Backend, user: Person) -> None:
    body = {"current_password": "wrong", "new_password": "another long password"}
    answer = user.post("/auth/me/password", json=body)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["current_password"])
    assert sign_in(backend, user.account["email"]).status_code == 200


def test_expired_tokens_are_forgotten_when_their_person_signs_in(backend: Backend, user: Person) -> None:
    backend.clock.set(START + TOKEN_LIFETIME + timedelta(days=1))
    sign_in(backend, user.account["email"])
    with backend.database.read() as session:
        assert len(session.scalars(select(TokenRow)).all()) == 1
