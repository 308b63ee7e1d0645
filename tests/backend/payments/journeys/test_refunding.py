"""Getting money back through the whole backend, with Stripe's webhooks and what banks do."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from backend.kit.database import Database
from backend.payments.tables import PaymentRow, RefundRow
from tests.backend.payments.journeys.acting import PRICE, cancel, pay, states
from tests.backend.stage import MovableClock, Person
from tests.fakes.stripe_ledger import (
    REFUND_PENDING_CARD,
)
from tests.fakes.stripe_refunds import give_refund, settle_refund
from tests.fakes.stripe_server import StripeServer

pytestmark = pytest.mark.at_once


def test_cancelling_in_time_gives_everything_back_and_the_books_agree_with_stripes(
    user: Person, booking: dict[str, Any], webhooks: StripeServer, work: Callable[[], None], database: Database
) -> None:
    pay(booking)
    webhooks.webhooks.deliver()
    cancel(user, booking)
    work()
    webhooks.webhooks.deliver(times=2)
    assert states(user, booking) == ("cancelled", "refunded")
    assert set(webhooks.ledger.balances.values()) == {0}
    with database.read() as session:
        refund = session.scalars(select(RefundRow)).one()
        payment = session.scalars(select(PaymentRow)).one()
    assert (refund.amount_minor, payment.fee_returned_minor, payment.fee_minor) == (PRICE, 450, 450)
    assert (payment.back_minor, payment.payee_minor) == (PRICE, 0)


def test_half_a_refund_shares_the_fee_as_stripe_shares_it(
    user: Person,
    booking: dict[str, Any],
    webhooks: StripeServer,
    work: Callable[[], None],
    database: Database,
    clock: MovableClock,
) -> None:
    pay(booking)
    webhooks.webhooks.deliver()
    clock.move(hours=20)  # four hours before it starts
    cancel(user, booking)
    work()
    assert states(user, booking) == ("cancelled", "partially_refunded")
    account = next(name for name in webhooks.ledger.balances if name.startswith("acct_"))
    assert webhooks.ledger.balances == {"payers": -2250, "platform": 225, account: 2025}
    with database.read() as session:
        assert session.scalars(select(PaymentRow.fee_returned_minor)).one() == 225


def test_a_refund_on_its_way_is_done_when_stripe_says_so(
    user: Person, booking: dict[str, Any], webhooks: StripeServer, work: Callable[[], None]
) -> None:
    pay(booking, REFUND_PENDING_CARD)
    webhooks.webhooks.deliver()
    cancel(user, booking)
    work()
    webhooks.webhooks.deliver()
    assert states(user, booking) == ("cancelled", "refund_pending")
    settle_refund(webhooks.ledger, next(webhooks.ledger.of_kind("refund"))["id"], "succeeded")
    webhooks.webhooks.deliver(times=2)
    assert states(user, booking) == ("cancelled", "refunded")


def test_a_refund_that_the_bank_returns_is_made_again_and_the_money_goes_back_once(
    user: Person, booking: dict[str, Any], webhooks: StripeServer, work: Callable[[], None], clock: MovableClock
) -> None:
    pay(booking)
    webhooks.webhooks.deliver()
    cancel(user, booking)
    work()
    settle_refund(webhooks.ledger, next(webhooks.ledger.of_kind("refund"))["id"], "failed")
    webhooks.webhooks.deliver(shuffle=random.Random(7))
    assert states(user, booking) == ("cancelled", "refund_failed")
    clock.move(days=1)
    work()
    assert states(user, booking) == ("cancelled", "refunded")
    assert set(webhooks.ledger.balances.values()) == {0}


def test_a_refund_by_hand_that_the_bank_returns_is_noticed_and_made_again(
    user: Person, booking: dict[str, Any], webhooks: StripeServer, work: Callable[[], None], clock: MovableClock
) -> None:
    pay(booking)
    webhooks.webhooks.deliver()
    cancel(user, booking)
    webhooks.ledger.refuse_next_refund = "balance_insufficient"
    work()
    payment = next(found["id"] for found in webhooks.ledger.of_kind("payment_intent"))
    wanted = {"payment_intent": payment, "reverse_transfer": "true", "refund_application_fee": "true"}
    by_hand = give_refund(webhooks.ledger, wanted)
    clock.move(hours=1)
    work()
    webhooks.webhooks.deliver()
    assert states(user, booking) == ("cancelled", "refunded")
    settle_refund(webhooks.ledger, by_hand["id"], "failed")
    webhooks.webhooks.deliver(shuffle=random.Random(7))
    assert states(user, booking) == ("cancelled", "refund_failed")
    clock.move(days=1)
    work()
    assert states(user, booking) == ("cancelled", "refunded")
    assert set(webhooks.ledger.balances.values()) == {0}
