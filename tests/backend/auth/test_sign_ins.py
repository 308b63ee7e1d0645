"""Where a person is signed in: how long it lasts, what it is known by, and how it is ended."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from backend.auth.rules.sign_ins import LONGEST_DEVICE_NAME, LONGEST_SIGN_IN, SEEN_EVERY, TOKEN_LIFETIME, device_name
from backend.auth.tables import TokenRow
from tests.backend.stage import START, Backend, Person


def elsewhere(backend: Backend, person: Person, device: str = "Firefox on Windows") -> Person:
    """The same person on another device."""
    body = {"email": person.account["email"], "password": person.password}
    answer = backend.client.post("/auth/sign-in", json=body, headers={"X-Rendezvous-Device": device})
    assert answer.status_code == 200, answer.text
    return Person(backend.client, person.account, answer.json()["token"], person.password)


def listed(person: Person) -> list[dict[str, Any]]:
    answer = person.get("/auth/me/sign-ins")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def test_a_sign_in_that_is_not_used_ends(backend: Backend, user: Person) -> None:
    backend.clock.set(START + TOKEN_LIFETIME)
    assert user.get("/auth/me").status_code == 401


def test_a_sign_in_that_is_used_goes_on_and_ends_after_90_days_whatever_happens(backend: Backend, user: Person) -> None:
    for _week in range(12):
        backend.clock.move(days=7)
        assert user.get("/auth/me").status_code == 200
    with backend.database.read() as session:
        assert session.scalars(select(TokenRow.expires_at)).one() == START + LONGEST_SIGN_IN
    backend.clock.set(START + LONGEST_SIGN_IN - timedelta(seconds=1))
    assert user.get("/auth/me").status_code == 200
    backend.clock.move(seconds=1)
    assert user.get("/auth/me").status_code == 401
    assert listed(elsewhere(backend, user))[0]["is_this"]


def test_a_sign_in_that_an_older_release_let_go_on_for_longer_ends_too(backend: Backend, user: Person) -> None:
    with backend.database.write() as session:
        session.execute(update(TokenRow).values(created_at=START - LONGEST_SIGN_IN, expires_at=START + TOKEN_LIFETIME))
    assert user.get("/auth/me").status_code == 401


def test_using_a_sign_in_writes_at_most_once_in_ten_minutes(backend: Backend, user: Person) -> None:
    def stored() -> tuple[Any, Any]:
        with backend.database.read() as session:
            row = session.scalars(select(TokenRow)).one()
            return row.last_seen_at, row.expires_at

    backend.clock.move(minutes=9, seconds=59)
    user.get("/auth/me")
    assert stored() == (START, START + TOKEN_LIFETIME)
    backend.clock.move(seconds=1)
    user.get("/auth/me")
    assert stored() == (START + SEEN_EVERY, START + SEEN_EVERY + TOKEN_LIFETIME)


def test_the_list_says_which_is_this_one_and_when_each_began_and_was_seen(backend: Backend, user: Person) -> None:
    backend.clock.move(hours=1)
    other = elsewhere(backend, user)
    backend.clock.move(hours=1)
    user.get("/auth/me")
    mine, others = listed(user)
    assert (mine["is_this"], others["is_this"]) == (True, False)
    assert (mine["device"], others["device"]) == ("", "Firefox on Windows")
    assert (mine["began_at"], mine["last_seen_at"]) == ("2027-03-01T09:00:00Z", "2027-03-01T11:00:00Z")
    assert others["began_at"] == others["last_seen_at"] == "2027-03-01T10:00:00Z"
    assert [each["device"] for each in listed(other) if each["is_this"]] == ["Firefox on Windows"]


def test_ending_one_ends_it_at_once_and_no_other(backend: Backend, user: Person) -> None:
    other, third = elsewhere(backend, user), elsewhere(backend, user)
    (found,) = [each["id"] for each in listed(other) if each["is_this"]]
    assert user.delete(f"/auth/me/sign-ins/{found}").status_code == 204
    assert other.get("/auth/me").json()["error"] == "NotSignedIn"
    assert user.get("/auth/me").status_code == third.get("/auth/me").status_code == 200
    assert user.delete(f"/auth/me/sign-ins/{found}").status_code == 404


def test_this_one_can_be_ended_too(user: Person) -> None:
    (this,) = listed(user)
    assert user.delete(f"/auth/me/sign-ins/{this['id']}").status_code == 204
    assert user.get("/auth/me").status_code == 401


def test_nobody_ends_another_persons(user: Person, professional: Person) -> None:
    (theirs,) = listed(professional)
    answer = user.delete(f"/auth/me/sign-ins/{theirs['id']}")
    assert (answer.status_code, answer.json()["error"]) == (404, "NotFound")
    assert professional.get("/auth/me").status_code == 200


def test_all_others_are_ended_and_this_one_stays(backend: Backend, user: Person, professional: Person) -> None:
    others = [elsewhere(backend, user) for _ in range(3)]
    assert user.delete("/auth/me/sign-ins").status_code == 204
    assert [each.get("/auth/me").status_code for each in others] == [401] * 3
    assert len(listed(user)) == 1
    assert professional.get("/auth/me").status_code == 200


def test_an_id_leads_to_no_token(backend: Backend, user: Person) -> None:
    (mine,) = listed(user)
    with backend.database.read() as session:
        digest = session.scalars(select(TokenRow.digest)).one()
    assert mine["id"].replace("-", "") not in digest.hex()
    assert set(mine) == {"id", "device", "began_at", "last_seen_at", "is_this"}


def test_what_has_ended_is_not_listed(backend: Backend, user: Person) -> None:
    backend.clock.move(days=20)
    other = elsewhere(backend, user)
    backend.clock.move(days=15)
    assert [each["is_this"] for each in listed(other)] == [True]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Rendezvous on Linux", "Rendezvous on Linux"),
        ("  Firefox \t on   Windows ", "Firefox on Windows"),
        ("<b>Chrome</b>\r\nSet-Cookie: x", "b Chrome b Set-Cookie x"),
        ("x" * 500, "x" * LONGEST_DEVICE_NAME),
        ("\u202eevil \xff", "evil"),
        ("", ""),
    ],
)
def test_a_device_is_known_by_one_short_plain_line(said: str, name: str) -> None:
    assert device_name(said) == name
