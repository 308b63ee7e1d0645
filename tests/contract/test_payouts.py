"""Payouts, earnings and the cancellation policy: the client's methods and errors against the backend."""

from decimal import Decimal

import pytest
from fastapi import FastAPI
from sqlalchemy import update

from app.api.client import ApiClient
from app.api.models import CancellationPolicy
from app.errors import Problem
from backend.payments.tables import ConnectedAccountRow
from tests.contract.bookings_stage import confirmed, offer
from tests.contract.conftest import Onboard, Pay, SignUp


async def test_who_cannot_be_paid_cannot_publish_and_is_told_what_to_do(sign_up: SignUp) -> None:
    newcomer = await sign_up("professional", "New Comer")
    assert (await newcomer.payouts()).state == "none"
    with pytest.raises(Problem) as caught:
        await offer(newcomer)
    assert (caught.value.error, caught.value.status) == ("NotOnboarded", 409)
    assert "Earnings" in caught.value.detail


async def test_payouts_are_set_up_on_the_providers_page(sign_up: SignUp, onboard: Onboard) -> None:
    newcomer = await sign_up("professional", "New Comer")
    with pytest.raises(Problem) as caught:
        await newcomer.set_up_payouts()
    assert "country" in caught.value.fields
    begun = await newcomer.set_up_payouts("DE")
    assert (begun.url is not None, begun.platform_fee_percent, begun.country) == (True, Decimal(10), "DE")
    assert (begun.minimum_price_minor, begun.maximum_price_minor) == (100, 25_000)
    assert (await newcomer.payouts()).state == "pending"
    await onboard(newcomer)
    ready = await newcomer.payouts()
    assert (ready.state, ready.dashboard_url) == ("ready", None)
    link = await newcomer.set_up_payouts()
    assert (link.url, link.dashboard_url is not None) == (None, True)
    assert await offer(newcomer)


async def test_nobody_can_book_a_professional_who_cannot_be_paid_any_more(
    backend: FastAPI, nora: ApiClient, sam: ApiClient
) -> None:
    slot_id = await offer(nora)
    reference = str((await nora.set_up_payouts()).dashboard_url).rsplit("/", 1)[-1]
    with backend.state.database.write() as session:  # as the provider's notice of a restricted account does
        session.execute(
            update(ConnectedAccountRow)
            .where(ConnectedAccountRow.account_reference == reference)
            .values(state="restricted")
        )
    with pytest.raises(Problem) as caught:
        await sam.book(slot_id)
    assert (caught.value.error, caught.value.status) == ("ProfessionalNotReady", 409)


async def test_a_policy_is_set_and_shown_with_the_profile(nora: ApiClient, sam: ApiClient) -> None:
    assert await nora.cancellation_policy() == CancellationPolicy(full_until_minutes=720, half_until_minutes=120)
    changed = await nora.set_cancellation_policy(2880, 720)
    assert changed == await nora.cancellation_policy()
    assert (await sam.professional((await nora.me()).id)).cancellation_policy == changed


async def test_a_policy_out_of_order_names_its_field(nora: ApiClient) -> None:
    with pytest.raises(Problem) as caught:
        await nora.set_cancellation_policy(60, 120)
    assert "half_until_minutes" in caught.value.fields


async def test_a_policy_is_the_professionals_alone(sam: ApiClient) -> None:
    with pytest.raises(Problem) as caught:
        await sam.cancellation_policy()
    assert (caught.value.error, caught.value.status) == ("WrongRole", 403)


async def test_earnings_are_told_by_week(nora: ApiClient, sam: ApiClient, pay: Pay) -> None:
    booking = await confirmed(nora, sam, pay)
    earnings = await nora.earnings(weeks=4)
    assert (earnings.upcoming_minor, earnings.paid_minor, earnings.refunded_minor) == (4050, 0, 0)
    weeks = [week for week in earnings.weeks if week.sessions]
    assert [(week.upcoming_minor, week.sessions) for week in weeks] == [(4050, 1)]
    assert weeks[0].week <= booking.starts_at.date()
