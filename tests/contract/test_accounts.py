"""Accounts: the client's methods and errors against the backend."""

import json
from collections.abc import Callable

import pytest

from app.api.client import ApiClient
from app.errors import NotSignedIn, Problem
from tests.backend.stage import PASSWORD, MovableClock
from tests.contract.bookings_stage import confirmed
from tests.contract.conftest import Pay, SignUp


async def test_signing_up_gives_an_account_and_a_token(connect: Callable[[], ApiClient]) -> None:
    client = connect()
    signed_in = await client.sign_up("a@example.com", PASSWORD, "Ada", "professional", "Europe/Berlin")
    assert (signed_in.account.is_professional, client.token) == (True, signed_in.token)
    assert await client.me() == signed_in.account


async def test_an_address_that_is_taken_is_named_at_its_field(nora: ApiClient, sign_up: SignUp) -> None:
    with pytest.raises(Problem) as caught:
        await sign_up("user", "Nora Berg")
    assert (caught.value.error, caught.value.status) == ("EmailTaken", 409)
    assert "email" in caught.value.fields


async def test_a_bad_sign_up_names_every_field(connect: Callable[[], ApiClient]) -> None:
    with pytest.raises(Problem) as caught:
        await connect().sign_up("nonsense", "short", "", "queen", "Mars/Olympus")  # type: ignore[arg-type]  # no such role
    assert caught.value.error == "InvalidPayload"
    assert {"email", "password", "name", "role", "time_zone"} <= caught.value.fields.keys()


async def test_a_wrong_password_is_a_problem_and_not_a_lost_sign_in(
    nora: ApiClient, connect: Callable[[], ApiClient]
) -> None:
    with pytest.raises(Problem) as caught:
        await connect().sign_in("nora.berg@example.com", "nonsense nonsense")
    assert (caught.value.error, caught.value.status) == ("WrongEmailOrPassword", 401)


async def test_too_many_wrong_passwords_say_how_long_to_wait(nora: ApiClient, connect: Callable[[], ApiClient]) -> None:
    client = connect()
    for _ in range(40):
        with pytest.raises(Problem) as caught:
            await client.sign_in("nora.berg@example.com", "nonsense nonsense")
        if caught.value.status == 429:
            break
    assert caught.value.error == "TooManyAttempts"
    assert (caught.value.retry_after_s or 0) > 0


async def test_signing_out_ends_the_token(nora: ApiClient) -> None:
    token = nora.token
    await nora.sign_out()
    nora.use_token(token)
    with pytest.raises(NotSignedIn):
        await nora.me()


async def test_name_and_zone_can_be_changed(nora: ApiClient) -> None:
    changed = await nora.update_me(name="Nora Lund", time_zone="America/New_York")
    assert (changed.name, changed.time_zone) == ("Nora Lund", "America/New_York")


async def test_a_zone_that_does_not_exist_is_named_at_its_field(nora: ApiClient) -> None:
    with pytest.raises(Problem) as caught:
        await nora.update_me(time_zone="Mars/Olympus")
    assert "time_zone" in caught.value.fields


async def test_a_new_password_signs_in(nora: ApiClient, connect: Callable[[], ApiClient]) -> None:
    await nora.change_password(PASSWORD, "another long one")
    signed_in = await connect().sign_in("nora.berg@example.com", "another long one")
    assert signed_in.account.name == "Nora Berg"


async def test_a_wrong_current_password_is_named_at_its_field(nora: ApiClient) -> None:
    with pytest.raises(Problem) as caught:
        await nora.change_password("nonsense nonsense", "another long one")
    assert "current_password" in caught.value.fields


async def test_a_demo_names_its_people(connect: Callable[[], ApiClient]) -> None:
    assert {person.role for person in await connect().demo_people()} == {"professional", "user"}


async def test_the_client_follows_the_backends_clock(nora: ApiClient, clock: MovableClock) -> None:
    assert abs((nora.server_now() - clock()).total_seconds()) < 5


async def test_a_demo_says_how_far_its_calls_are(connect: Callable[[], ApiClient]) -> None:
    assert (await connect().demo_calls()).preparing == ""


async def test_a_person_reads_everything_that_is_kept_and_deletes_the_account(
    nora: ApiClient, sam: ApiClient, pay: Pay
) -> None:
    await confirmed(nora, sam, pay)
    told = json.loads(await sam.export_me())
    assert [each["professional"] for each in told["sessions"]] == ["Nora Berg"]
    would = await sam.deletion()
    assert (would.sessions, would.refund_minor, would.kept) == (1, 4500, 0)
    with pytest.raises(Problem) as wrong:
        await sam.delete_me("not the password", 1)
    assert wrong.value.fields == {"password": "This is not your password."}
    with pytest.raises(Problem) as changed:
        await sam.delete_me(PASSWORD, 0)
    assert changed.value.error == "DeletionChanged"
    await sam.delete_me(PASSWORD, 1)
    with pytest.raises(NotSignedIn):
        await sam.me()
