"""Signed-in devices, another e-mail and the second factor: the same steps over the fake backend and the real one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

import pytest
from fastapi import FastAPI

from app.api.client import ApiClient
from app.api.models import SecondFactor
from app.errors import NotSignedIn, Problem
from tests.backend.auth.authenticator import Authenticator
from tests.backend.mail.outbox import codes_for
from tests.backend.stage import PASSWORD, START, MovableClock
from tests.fakes.account_api import FakeAccountApi
from tests.fakes.account_security import FACTOR_CODE, MAIL_CODE

EMAIL, NEW, TAKEN = "nora.berg@example.com", "new@example.com", "sam.vale@example.com"


class World(Protocol):
    """Nora is signed in on `here`."""

    here: ApiClient

    async def elsewhere(self, code: str = "") -> ApiClient:
        """Nora signs in on another device, which calls itself "Firefox on Windows"."""
        ...

    def factor_code(self, secret: str) -> str:
        """What an authenticator app shows that has this key; another one at each call."""
        ...

    def mail_code(self, email: str) -> str:
        """What was sent there last."""
        ...


@dataclass
class Fake:
    """Over the fake backend, whose tokens stand for devices."""

    here: ApiClient
    api: FakeAccountApi

    async def elsewhere(self, code: str = "") -> ApiClient:
        other = FakeAccountApi()
        other._known, other._tokens = self.api._known, self.api._tokens
        other._issued = 100 + len(other._tokens)
        other.use_device("Firefox on Windows")
        await other.sign_in(EMAIL, PASSWORD, code)
        return cast(ApiClient, other)

    def factor_code(self, _secret: str) -> str:
        return FACTOR_CODE

    def mail_code(self, _email: str) -> str:
        return MAIL_CODE


@dataclass
class Real:
    """Over the backend itself."""

    here: ApiClient
    connect: Callable[[], ApiClient]
    backend: FastAPI
    clock: MovableClock

    async def elsewhere(self, code: str = "") -> ApiClient:
        client = self.connect()
        client.use_device("Firefox on Windows")
        await client.sign_in(EMAIL, PASSWORD, code)
        return client

    def factor_code(self, secret: str) -> str:
        return Authenticator(secret, []).code(self.clock.move(minutes=1))

    def mail_code(self, email: str) -> str:
        return codes_for(self.backend.state.database, email)[-1]


@pytest.fixture(params=["fake", "real"])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "real":
        found: World = request.getfixturevalue("real")
        return found
    api = FakeAccountApi()
    api.now = START
    api.add_account(TAKEN, PASSWORD, "Sam Vale", "user")
    api._sign_in(api.add_account(EMAIL, PASSWORD, "Nora Berg", "professional"))
    return Fake(cast(ApiClient, api), api)


@pytest.fixture
async def real(
    nora: ApiClient, sam: ApiClient, connect: Callable[[], ApiClient], backend: FastAPI, clock: MovableClock
) -> Real:
    return Real(nora, connect, backend, clock)


async def refused(asking: object) -> tuple[str, int, list[str]]:
    with pytest.raises(Problem) as caught:
        await asking  # type: ignore[misc]  # a coroutine of any answer
    return caught.value.error, caught.value.status, list(caught.value.fields)


async def turned_on(world: World) -> str:
    """The key of Nora's authenticator app."""
    set_up = await world.here.set_up_second_factor(PASSWORD)
    await world.here.turn_on_second_factor(world.factor_code(set_up.secret))
    return set_up.secret


async def test_devices_are_listed_by_their_names_and_ended(world: World) -> None:
    other = await world.elsewhere()
    listed = {each.device: each for each in await world.here.sign_ins()}
    assert set(listed) == {"", "Firefox on Windows"}
    assert (listed[""].is_this, listed["Firefox on Windows"].is_this) == (True, False)
    await world.here.end_sign_in(listed["Firefox on Windows"].id)
    with pytest.raises(NotSignedIn):
        await other.me()
    assert [each.is_this for each in await world.here.sign_ins()] == [True]
    assert await refused(world.here.end_sign_in(listed["Firefox on Windows"].id)) == ("NotFound", 404, [])


async def test_all_others_are_ended_at_once(world: World) -> None:
    others = [await world.elsewhere() for _ in range(2)]
    await world.here.end_other_sign_ins()
    for other in others:
        with pytest.raises(NotSignedIn):
            await other.me()
    assert (await world.here.me()).email == EMAIL


async def test_the_code_that_was_sent_to_a_new_address_changes_it(world: World) -> None:
    assert (await world.here.email_change()).email is None
    change = await world.here.begin_email_change(NEW, PASSWORD)
    assert change == await world.here.email_change()
    assert (change.email, change.code_until is not None) == (NEW, True)
    code = world.mail_code(NEW)
    wrong = "000000" if code != "000000" else "111111"
    assert await refused(world.here.confirm_email_change(wrong)) == ("WrongCode", 422, ["code"])
    assert (await world.here.confirm_email_change(code)).email == NEW
    assert (await world.here.me()).email == NEW
    assert (await world.here.email_change()).email is None


async def test_what_is_wrong_with_a_new_address_is_said_at_its_field(world: World) -> None:
    assert await refused(world.here.begin_email_change(NEW, "nonsense")) == ("InvalidPayload", 422, ["password"])
    assert await refused(world.here.begin_email_change(EMAIL, PASSWORD)) == ("InvalidPayload", 422, ["email"])


async def test_an_address_that_has_an_account_is_answered_alike_and_no_code_fits(world: World) -> None:
    assert (await world.here.begin_email_change(TAKEN, PASSWORD)).email == TAKEN
    assert await refused(world.here.confirm_email_change(world.mail_code(TAKEN))) == ("WrongCode", 422, ["code"])


async def test_a_change_can_be_dropped(world: World) -> None:
    await world.here.begin_email_change(NEW, PASSWORD)
    await world.here.drop_email_change()
    assert (await world.here.email_change()).email is None
    assert await refused(world.here.confirm_email_change(world.mail_code(NEW))) == ("WrongCode", 422, ["code"])


async def test_a_second_factor_is_set_up_asked_for_and_turned_off(world: World) -> None:
    off = SecondFactor(on_since=None, recovery_codes_left=0)
    assert await world.here.second_factor() == off
    assert await refused(world.here.turn_on_second_factor("000000")) == ("SecondFactorIsOff", 409, [])
    set_up = await world.here.set_up_second_factor(PASSWORD)
    assert set_up.address.startswith("otpauth://totp/")
    assert await refused(world.here.turn_on_second_factor("00000")) == ("WrongSecondFactor", 422, ["code"])
    recovery = await world.here.turn_on_second_factor(world.factor_code(set_up.secret))
    assert len(set(recovery)) == 10
    assert (await world.here.second_factor()).recovery_codes_left == 10
    assert await refused(world.elsewhere()) == ("SecondFactorNeeded", 401, [])
    assert await refused(world.elsewhere("00000")) == ("WrongSecondFactor", 422, ["code"])
    await world.elsewhere(world.factor_code(set_up.secret))
    await world.elsewhere(recovery[0])
    assert (await world.here.second_factor()).recovery_codes_left == 9
    assert await refused(world.elsewhere(recovery[0])) == ("WrongSecondFactor", 422, ["code"])
    await world.here.turn_off_second_factor(PASSWORD, world.factor_code(set_up.secret))
    assert await world.here.second_factor() == off
    await world.elsewhere()


async def test_what_is_missing_for_turning_it_off_is_said(world: World) -> None:
    await turned_on(world)
    assert await refused(world.here.turn_off_second_factor("nonsense", "")) == ("InvalidPayload", 422, ["password"])
    assert await refused(world.here.turn_off_second_factor(PASSWORD, "")) == ("SecondFactorNeeded", 401, [])
    assert await refused(world.here.turn_off_second_factor(PASSWORD, "00000")) == ("WrongSecondFactor", 422, ["code"])


async def test_it_is_set_up_with_the_password_and_once(world: World) -> None:
    assert await refused(world.here.set_up_second_factor("nonsense")) == ("InvalidPayload", 422, ["password"])
    await turned_on(world)
    assert await refused(world.here.set_up_second_factor(PASSWORD)) == ("SecondFactorIsOn", 409, [])


async def test_another_address_takes_a_code_of_the_second_factor_too(world: World) -> None:
    secret = await turned_on(world)
    assert await refused(world.here.begin_email_change(NEW, PASSWORD)) == ("SecondFactorNeeded", 401, [])
    change = await world.here.begin_email_change(NEW, PASSWORD, world.factor_code(secret))
    assert change.email == NEW


async def test_users_have_no_second_factor(sam: ApiClient) -> None:
    assert await refused(sam.second_factor()) == ("WrongRole", 403, [])
