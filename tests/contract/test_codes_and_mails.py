"""Codes by mail and the switches of mails: the client's methods against the backend."""

from collections.abc import Callable
from uuid import UUID

import pytest
from fastapi import FastAPI

from app.api.client import ApiClient
from app.errors import NotSignedIn, Problem
from app.state.account.mail_switches import WORDS
from backend.auth.repository import reader_of
from tests.backend.mail.outbox import answer_reset_requests, codes_for
from tests.backend.stage import PASSWORD, MovableClock
from tests.contract.bookings_stage import offer

EMAIL = "kim@example.com"


@pytest.fixture
async def kim(connect: Callable[[], ApiClient]) -> ApiClient:
    """A user who has not confirmed their e-mail."""
    client = connect()
    signed_in = await client.sign_up(EMAIL, PASSWORD, "Kim Sand", "user", "Europe/Berlin")
    assert not signed_in.account.email_verified
    return client


async def test_the_code_from_the_mail_lets_a_user_book(backend: FastAPI, nora: ApiClient, kim: ApiClient) -> None:
    slot = await offer(nora)
    with pytest.raises(Problem) as caught:
        await kim.book(slot)
    assert (caught.value.error, caught.value.status) == ("EmailNotVerified", 403)
    await kim.send_email_code()
    with pytest.raises(Problem) as caught:
        await kim.confirm_email("000000" if codes_for(backend.state.database, EMAIL)[-1] != "000000" else "111111")
    assert (caught.value.error, list(caught.value.fields)) == ("WrongCode", ["code"])
    account = await kim.confirm_email(codes_for(backend.state.database, EMAIL)[-1])
    assert account.email_verified
    assert (await kim.book(slot)).status == "held"


async def test_a_forgotten_password_is_set_by_a_code_and_ends_every_sign_in(
    backend: FastAPI, kim: ApiClient, connect: Callable[[], ApiClient], clock: MovableClock
) -> None:
    await connect().forgotten_password(EMAIL)
    answer_reset_requests(backend, clock)
    other = connect()
    await other.reset_password(EMAIL, codes_for(backend.state.database, EMAIL)[-1], "a brand new pass phrase")
    assert (await other.sign_in(EMAIL, "a brand new pass phrase")).account.email_verified
    with pytest.raises(NotSignedIn):
        await kim.me()


async def test_every_kind_of_mail_has_words_and_can_be_switched(kim: ApiClient) -> None:
    switches = await kim.mail_switches()
    assert {each.kind for each in switches} == set(WORDS)
    assert all(each.on for each in switches)
    assert not (await kim.set_mail_switch("refund", False)).on
    assert [each.kind for each in await kim.mail_switches() if not each.on] == ["refund"]


async def test_the_devices_language_is_kept_for_its_mails(backend: FastAPI, connect: Callable[[], ApiClient]) -> None:
    client = connect()
    client.use_language("de-DE")
    account = (await client.sign_up(EMAIL, PASSWORD, "Kim Sand", "user", "Europe/Berlin")).account
    with backend.state.database.read() as session:
        assert reader_of(session, UUID(account.id)).language == "de-DE"
