"""Every other limit, over HTTP: what is refused, what is said, and whom it leaves alone."""

import io
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from backend.kit.limits import table
from backend.kit.limits.counting import SHARES, Counted, Limits
from backend.kit.limits.storages import add_to
from backend.kit.limits.table import (
    BOOK,
    CALL_CHECK,
    CALL_LINK,
    EMAIL_TAKEN,
    LIMITS,
    PAYOUT_LINK,
    PHOTO,
    PRESENCE,
    PUBLIC,
    SEARCH,
    SIGN_UP,
    Limit,
)
from tests.backend.limits.conftest import From
from tests.backend.stage import PASSWORD, Backend, MovableClock, Person

Already = Callable[..., None]


@pytest.fixture
def already(app: FastAPI) -> Already:
    """Makes it so that somebody has done something so often before, all that is allowed unless said otherwise."""

    def done(limit: Limit, who: str, times: int | None = None) -> None:
        limits: Limits = app.state.limits
        step = limits._step(Counted(limit, who), limit.amount if times is None else times)
        limits._storages.run(lambda storage: add_to(storage, [step]))

    return done


def sign_up(client: TestClient, number: int, email: str = "") -> int:
    body = {
        "email": email or f"somebody{number}@example.com",
        "password": PASSWORD,
        "name": f"Somebody {number}",
        "role": "user",
        "time_zone": "UTC",
    }
    return int(client.post("/auth/sign-up", json=body).status_code)


def refusal(client: TestClient, path: str) -> str:
    answer = client.get(path)
    body = answer.json()
    assert (answer.status_code, body["error"]) == (429, "TooManyAttempts")
    assert answer.headers["Retry-After"] == str(body["retry_after_s"])
    return str(body["detail"])


def test_an_office_can_sign_up_and_a_crowd_cannot(from_: From, clock: MovableClock, already: Already) -> None:
    line = [from_(f"2001:db8:1:2::{number:x}") for number in range(1, 5)]
    already(SIGN_UP, "2001:db8:1:2::/64", SIGN_UP.amount - 4)
    assert [sign_up(line[number % 4], number) for number in range(7)] == [201] * 4 + [429] * 3
    assert sign_up(from_("2001:db8:1:3::1"), 500) == 201
    clock.move(hours=1)
    assert sign_up(line[0], 501) == 201


def test_asking_which_addresses_have_accounts_ends_soon_and_signing_up_elsewhere_goes_on(
    from_: From, user: Person, already: Already
) -> None:
    guesser = from_("203.0.113.7")
    already(EMAIL_TAKEN, "203.0.113.7", EMAIL_TAKEN.amount - 3)
    assert [sign_up(guesser, number, user.account["email"]) for number in range(5)] == [409] * 3 + [429] * 2
    assert sign_up(from_("203.0.113.8"), 500) == 201


def test_what_was_never_well_formed_is_not_counted(from_: From, already: Already) -> None:
    client = from_("203.0.113.7")
    already(SIGN_UP, "203.0.113.7", SIGN_UP.amount - 1)
    assert {sign_up(client, number, "no address") for number in range(5)} == {422}
    assert [sign_up(client, number) for number in range(2)] == [201, 429]


def test_wrong_passwords_from_changing_addresses_of_one_line_are_one_persons(from_: From, user: Person) -> None:
    def wrong(address: str) -> int:
        body = {"email": user.account["email"], "password": "wrong"}
        return int(from_(address).post("/auth/sign-in", json=body).status_code)

    assert [wrong(f"2001:db8:1:2::{number:x}") for number in range(1, 12)] == [401] * 10 + [429]
    assert wrong("2001:db8:1:3::1") == 401  # their owner's, for example


def test_nobody_can_lock_the_owner_of_an_account_out(from_: From, user: Person, already: Already) -> None:
    body = {"email": user.account["email"], "password": "wrong"}
    for host in range(12):
        already(table.PASSWORD, f"198.51.{host}.1\0{user.account['email']}")
        assert from_(f"198.51.{host}.1").post("/auth/sign-in", json=body).status_code == 429
    right = {"email": user.account["email"], "password": PASSWORD}
    assert from_("203.0.113.7").post("/auth/sign-in", json=right).status_code == 200


@pytest.mark.parametrize("limit", [SEARCH, PUBLIC], ids=lambda limit: limit.name)
def test_reading_is_limited_by_the_line_and_says_when_to_come_again(
    from_: From, already: Already, professional: Person, limit: Limit
) -> None:
    path = "/professionals" if limit is SEARCH else f"/professional/{professional.id}"
    reader, share = from_("203.0.113.7"), limit.amount // SHARES
    already(limit, "203.0.113.7", limit.amount - share)
    assert [reader.get(path).status_code for _ in range(2 * share)] == [200] * (2 * share - 1) + [429]
    assert refusal(reader, path) == "Too many attempts. Try again in 1 minute."
    assert from_("203.0.113.8").get(path).status_code == 200


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64)).save(out, "JPEG")
    return out.getvalue()


def test_photos_are_limited_by_account(professional: Person, backend: Backend, already: Already) -> None:
    def send(person: Person) -> int:
        photo = {"photo": ("me.jpg", picture(), "image/jpeg")}
        return int(person.put("/professional/profile/photo", files=photo).status_code)

    already(PHOTO, professional.id, PHOTO.amount - 1)
    assert [send(professional) for _ in range(2)] == [200, 429]
    assert send(backend.professional()) == 200


def test_trying_the_connection_is_limited_by_account(user: Person, backend: Backend) -> None:
    statuses = [user.post("/calls/check").status_code for _ in range(CALL_CHECK.amount + 1)]
    assert statuses == [200] * CALL_CHECK.amount + [429]
    assert backend.user().post("/calls/check").status_code == 200


def test_requests_to_book_are_limited_whatever_comes_of_them(user: Person, already: Already) -> None:
    body = {"slot_id": "00000000-0000-0000-0000-000000000001"}
    already(BOOK, user.id, BOOK.amount - BOOK.amount // SHARES)
    statuses = [user.post("/sessions/book", json=body).status_code for _ in range(8)]
    assert statuses == [404] * 5 + [429] * 3  # sent by the share, of three


@pytest.mark.parametrize("limit", [PRESENCE, CALL_LINK], ids=lambda limit: limit.name)
def test_looking_who_is_there_and_entering_are_limited_far_beyond_what_an_app_asks(
    user: Person, already: Already, limit: Limit
) -> None:
    path = "/sessions/00000000-0000-0000-0000-000000000001/"

    def ask() -> int:
        return int(
            (user.get(f"{path}presence") if limit is PRESENCE else user.post(f"{path}generate-call-link")).status_code
        )

    assert ask() == 404
    already(limit, user.id)
    assert Counter(ask() for _ in range(2 * limit.amount // SHARES))[429] > 0
    assert ask() == 429


def test_a_link_to_the_provider_is_made_when_it_is_asked_for_and_not_for_every_look(
    professional: Person, app: FastAPI, already: Already, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    gateway = type(app.state.payment_gateway)
    for name in ("dashboard_url", "onboarding_url", "read_connected_account"):
        real = getattr(gateway, name)

        def noted(self: object, reference: str, name: str = name, real: object = real) -> object:
            asked.append(name)
            return real(self, reference)  # type: ignore[operator]  # a method of the gateway's

        monkeypatch.setattr(gateway, name, noted)
    for _ in range(10):
        looked = professional.get("/professional/payouts").json()
        assert (looked["state"], looked["url"], looked["dashboard_url"]) == ("ready", None, None)
    assert asked == []
    already(PAYOUT_LINK, professional.id, PAYOUT_LINK.amount - 2)  # and one when payouts were set up
    links = [professional.post("/professional/payouts") for _ in range(2)]
    assert links[0].json()["dashboard_url"]
    assert links[1].status_code == 429
    assert asked.count("dashboard_url") == 1


def test_while_payouts_are_set_up_the_provider_is_asked_every_few_seconds_at_most(
    backend: Backend, app: FastAPI, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    newcomer = backend.professional(onboarded=False)
    newcomer.post("/professional/payouts")
    gateway, asked = type(app.state.payment_gateway), list[str]()
    real = gateway.read_connected_account

    def noted(self: object, reference: str) -> object:
        asked.append(reference)
        return real(self, reference)

    monkeypatch.setattr(gateway, "read_connected_account", noted)
    states = [newcomer.get("/professional/payouts").json()["state"] for _ in range(5)]
    assert (states, len(asked)) == (["pending"] * 5, 1)
    app.state.payment_gateway.connected_accounts.onboard(asked[0])
    clock.move(seconds=5)
    assert newcomer.get("/professional/payouts").json()["state"] == "ready"


def test_every_limit_is_counted_in_whole_seconds() -> None:
    assert all(limit.within % timedelta(seconds=1) == timedelta(0) and limit.amount > 0 for limit in LIMITS)
