"""What every payment provider does behind the port: the same suite for the sandbox and for Stripe."""

from dataclasses import replace
from uuid import uuid4

import pytest

from backend.payments.ports import (
    CheckoutSnapshot,
    CheckoutState,
    ConnectedAccountOrder,
    ConnectedAccountState,
    PaymentGatewayRefused,
    PaymentSnapshot,
    RefundOrder,
    RefundState,
    TransferOrder,
)
from backend.payments.rules.keys import payout_key, refund_key
from tests.backend.payments.stages import ACCOUNTS, FEE, PRICE, GatewayStage, connected_account, order, paid
from tests.fakes.stripe_ledger import DECLINED_CARD, REFUND_FAILS_CARD, REFUND_PENDING_CARD


def next_attempt(refund: RefundOrder) -> RefundOrder:
    """The same refund under the key that follows a definite failure."""
    _, booking_id, attempt = refund.key.split(":")
    return replace(refund, key=f"refund:{booking_id}:{int(attempt) + 1}")


def test_the_same_order_gives_the_same_checkout(stage: GatewayStage) -> None:
    wanted = order(stage)
    assert stage.gateway.create_checkout(wanted) == stage.gateway.create_checkout(wanted)


def test_two_orders_have_two_checkouts(stage: GatewayStage) -> None:
    first, second = (stage.gateway.create_checkout(order(stage)) for _ in range(2))
    assert first.reference != second.reference
    assert first.url != second.url


def test_a_checkout_is_open_until_it_is_paid(stage: GatewayStage) -> None:
    checkout = stage.gateway.create_checkout(order(stage))
    assert stage.gateway.read_checkout(checkout.reference) == CheckoutSnapshot(checkout.reference, CheckoutState.OPEN)


def test_a_paid_checkout_tells_how_much_was_paid_and_when(stage: GatewayStage) -> None:
    checkout = stage.gateway.create_checkout(order(stage))
    stage.pay(checkout)
    snapshot = stage.gateway.read_checkout(checkout.reference)
    assert (snapshot.state, snapshot.amount_minor, snapshot.currency) == (CheckoutState.PAID, PRICE, "USD")
    assert snapshot.paid_at == stage.clock()
    assert snapshot.payment_reference


def test_a_declined_card_leaves_the_checkout_open_for_another(stage: GatewayStage) -> None:
    checkout = stage.gateway.create_checkout(order(stage))
    stage.pay(checkout, DECLINED_CARD)
    assert stage.gateway.read_checkout(checkout.reference).state is CheckoutState.OPEN
    stage.pay(checkout)
    assert stage.gateway.read_checkout(checkout.reference).state is CheckoutState.PAID


def test_a_checkout_that_nobody_knows_is_expired(stage: GatewayStage) -> None:
    assert stage.gateway.read_checkout("cs_unknown").state is CheckoutState.EXPIRED
    assert stage.gateway.expire_checkout("cs_unknown").state is CheckoutState.EXPIRED


def test_a_closed_checkout_cannot_be_paid_any_more(stage: GatewayStage) -> None:
    checkout = stage.gateway.create_checkout(order(stage))
    assert stage.gateway.expire_checkout(checkout.reference).state is CheckoutState.EXPIRED
    stage.pay(checkout)
    assert stage.gateway.read_checkout(checkout.reference).state is CheckoutState.EXPIRED


def test_closing_twice_is_closing_once(stage: GatewayStage) -> None:
    checkout = stage.gateway.create_checkout(order(stage))
    first = stage.gateway.expire_checkout(checkout.reference)
    assert stage.gateway.expire_checkout(checkout.reference) == first


def test_what_was_paid_stays_paid_when_it_is_closed(stage: GatewayStage) -> None:
    checkout = stage.gateway.create_checkout(order(stage))
    stage.pay(checkout)
    snapshot = stage.gateway.expire_checkout(checkout.reference)
    assert snapshot == stage.gateway.read_checkout(checkout.reference)
    assert snapshot.state is CheckoutState.PAID


def money(stage: GatewayStage, refund: RefundOrder) -> PaymentSnapshot:
    """The payment as the provider has it now."""
    snapshot = stage.gateway.read_payment(refund.payment_reference)
    assert snapshot is not None
    return snapshot


def test_a_whole_refund_gives_the_whole_fee_back(stage: GatewayStage) -> None:
    refund = paid(stage)
    snapshot = stage.gateway.refund(refund)
    assert (snapshot.state, snapshot.amount_minor, snapshot.failure) == (RefundState.DONE, PRICE, None)
    assert (money(stage, refund).reversed_minor, money(stage, refund).fee_returned_minor) == (PRICE, FEE)


def test_half_a_refund_gives_its_share_of_the_fee_back(stage: GatewayStage) -> None:
    refund = replace(paid(stage), amount_minor=PRICE // 2)
    assert stage.gateway.refund(refund).state is RefundState.DONE
    assert money(stage, refund).fee_returned_minor in (FEE // 2, FEE // 2 + 1)


def test_a_payment_without_a_fee_gives_none_back(stage: GatewayStage) -> None:
    refund = paid(stage, fee=0)
    assert stage.gateway.refund(refund).state is RefundState.DONE
    assert (money(stage, refund).reversed_minor, money(stage, refund).fee_returned_minor) == (PRICE, 0)


def test_the_same_key_is_the_same_refund(stage: GatewayStage) -> None:
    refund = replace(paid(stage), amount_minor=PRICE // 2)
    first = stage.gateway.refund(refund)
    assert stage.gateway.refund(refund) == first
    assert money(stage, refund).refunds == (first,)


def test_more_than_was_paid_is_refused_for_good(stage: GatewayStage) -> None:
    snapshot = stage.gateway.refund(replace(paid(stage), amount_minor=PRICE + 1))
    assert (snapshot.state, snapshot.reference) == (RefundState.FAILED, None)
    assert snapshot.failure


def test_a_refund_of_a_payment_that_nobody_knows_is_refused_for_good(stage: GatewayStage) -> None:
    snapshot = stage.gateway.refund(RefundOrder(refund_key(uuid4(), 1), "pi_unknown", 100, "USD"))
    assert (snapshot.state, snapshot.failure) == (RefundState.FAILED, "payment_unknown")


def test_a_refund_can_be_on_its_way_for_a_while(stage: GatewayStage) -> None:
    refund = paid(stage, REFUND_PENDING_CARD)
    snapshot = stage.gateway.refund(refund)
    assert snapshot.state is RefundState.PENDING
    assert money(stage, refund).refunds == (snapshot,)
    stage.settle_refunds()
    assert money(stage, refund).refunds == (replace(snapshot, state=RefundState.DONE),)
    assert money(stage, refund).fee_returned_minor == FEE


def test_a_refund_that_the_bank_returns_has_failed_and_the_next_attempt_is_another(stage: GatewayStage) -> None:
    refund = paid(stage, REFUND_FAILS_CARD)
    asked = stage.gateway.refund(refund)
    stage.fail_refunds()
    assert asked.reference is not None
    (failed,) = money(stage, refund).refunds
    assert (failed.state, failed.failure) == (RefundState.FAILED, "expired_or_canceled_card")
    again = stage.gateway.refund(next_attempt(refund))
    assert again.state is RefundState.DONE
    assert again.reference != asked.reference
    assert stage.gateway.refund(refund).state is RefundState.FAILED


def test_a_professional_has_one_account_which_waits_for_them_at_first(stage: GatewayStage) -> None:
    wanted = ConnectedAccountOrder(uuid4(), "Nora Berg", "nora@example.com", "DE")
    opened = stage.gateway.create_connected_account(wanted)
    assert opened.state is ConnectedAccountState.PENDING
    assert stage.gateway.create_connected_account(wanted) == opened
    assert stage.gateway.onboarding_url(opened.reference).startswith("http")


def test_an_account_is_ready_once_the_professional_is_through_with_the_pages(stage: GatewayStage) -> None:
    reference = connected_account(stage)
    assert stage.gateway.read_connected_account(reference).state is ConnectedAccountState.READY
    assert stage.gateway.dashboard_url(reference)


def test_an_account_that_nobody_knows_cannot_be_paid(stage: GatewayStage) -> None:
    assert stage.gateway.read_connected_account("acct_unknown").state is ConnectedAccountState.RESTRICTED


def part_of(payment: RefundOrder, amount_minor: int, attempt: int = 1) -> TransferOrder:
    """So much of a payment, to its professional or from them."""
    reference = payment.payment_reference
    return TransferOrder(payout_key(reference, attempt), reference, amount_minor, "USD", ACCOUNTS[reference])


def moved(stage: GatewayStage, payment: RefundOrder) -> tuple[int, int]:
    """Transferred later than the payment was made, and taken back."""
    snapshot = stage.gateway.read_payment(payment.payment_reference)
    assert snapshot is not None
    return snapshot.transferred_minor, snapshot.reversed_minor


def test_a_payment_that_is_transferred_later_is_paid_out_once_by_its_key(stage: GatewayStage) -> None:
    payment = paid(stage, at_once=False)
    assert moved(stage, payment) == (0, 0)
    for _ in range(2):
        stage.gateway.pay_out(part_of(payment, 4000))
    assert moved(stage, payment) == (4000, 0)


def test_what_was_paid_out_comes_back_once_by_its_key_and_never_more_than_went(stage: GatewayStage) -> None:
    payment = paid(stage, at_once=False)
    stage.gateway.pay_out(part_of(payment, 4000))
    for _ in range(2):
        stage.gateway.reverse_transfer(part_of(payment, 1500, attempt=2))
    assert moved(stage, payment) == (4000, 1500)
    stage.gateway.reverse_transfer(part_of(payment, PRICE, attempt=3))
    assert moved(stage, payment) == (4000, 4000)
    stage.gateway.pay_out(part_of(payment, 4000, attempt=4))
    assert moved(stage, payment) == (8000, 4000)


def test_a_refund_of_what_is_transferred_later_takes_nothing_from_the_professional(stage: GatewayStage) -> None:
    payment = paid(stage, at_once=False)
    stage.gateway.pay_out(part_of(payment, 4000))
    assert stage.gateway.refund(replace(payment, amount_minor=500)).reversed_minor == 0
    assert moved(stage, payment) == (4000, 0)


def test_an_account_that_cannot_be_paid_is_a_definite_refusal(stage: GatewayStage) -> None:
    payment = paid(stage, at_once=False)
    nobody = stage.gateway.create_connected_account(
        ConnectedAccountOrder(uuid4(), "New Comer", "new@example.com", "FR")
    )
    assert nobody.country == "FR"
    with pytest.raises(PaymentGatewayRefused):
        stage.gateway.pay_out(replace(part_of(payment, 4000), payee_reference=nobody.reference))
    assert moved(stage, payment) == (0, 0)


def test_a_checkout_says_whether_its_money_was_transferred_at_once(stage: GatewayStage) -> None:
    for at_once in (True, False):
        checkout = stage.gateway.create_checkout(order(stage))
        if at_once:
            stage.transfer_at_once(checkout, connected_account(stage), FEE)
        stage.pay(checkout)
        assert stage.gateway.read_checkout(checkout.reference).transferred_at_once is at_once
