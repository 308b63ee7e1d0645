"""What others do with a payment at the provider, and how that is reported: one suite for the sandbox and Stripe."""

from dataclasses import replace
from datetime import timedelta

from backend.payments.ports import (
    DisputeState,
    PaymentSnapshot,
    RefundOrder,
    RefundState,
    TransferOrder,
)
from tests.backend.payments.stages import ACCOUNTS, FEE, PRICE, GatewayStage, paid


def money(stage: GatewayStage, refund: RefundOrder) -> PaymentSnapshot:
    snapshot = stage.gateway.read_payment(refund.payment_reference)
    assert snapshot is not None
    return snapshot


def test_a_payment_that_nobody_knows_is_none(stage: GatewayStage) -> None:
    assert stage.gateway.read_payment("pi_unknown") is None


def test_a_payment_says_for_which_booking_it_is_and_that_nothing_moved(stage: GatewayStage) -> None:
    refund = paid(stage)
    snapshot = money(stage, refund)
    assert f"refund:{snapshot.booking_id}:1" == refund.key
    assert (snapshot.amount_minor, snapshot.currency, snapshot.refunds, snapshot.disputes) == (PRICE, "USD", (), ())
    assert (snapshot.reversed_minor, snapshot.fee_returned_minor, snapshot.transferred_minor) == (0, 0, 0)


def test_a_refund_from_elsewhere_has_no_key_of_ours(stage: GatewayStage) -> None:
    refund = paid(stage)
    stage.refund_elsewhere(refund.payment_reference, 1000)
    (found,) = money(stage, refund).refunds
    assert (found.key, found.amount_minor, found.state, found.reversed_minor) == (None, 1000, RefundState.DONE, 1000)


def test_the_rest_can_be_refunded_and_not_a_cent_more(stage: GatewayStage) -> None:
    refund = paid(stage)
    stage.refund_elsewhere(refund.payment_reference, 1000)
    too_much = stage.gateway.refund(refund)
    assert (too_much.state, too_much.reference) == (RefundState.FAILED, None)
    rest = replace(refund, key=refund.key + "0", amount_minor=PRICE - 1000)
    assert stage.gateway.refund(rest).state is RefundState.DONE
    snapshot = money(stage, refund)
    assert (snapshot.reversed_minor, snapshot.fee_returned_minor) == (PRICE, FEE)


def test_a_disputed_payment_cannot_be_refunded_and_one_that_was_won_can(stage: GatewayStage) -> None:
    refund = paid(stage)
    stage.dispute(refund.payment_reference)
    (dispute,) = money(stage, refund).disputes
    assert (dispute.state, dispute.amount_minor, dispute.reason) == (DisputeState.OPEN, PRICE, "fraudulent")
    refused = stage.gateway.refund(refund)
    assert (refused.state, refused.failure) == (RefundState.FAILED, "charge_disputed")
    stage.decide_dispute(refund.payment_reference, won=True)
    assert money(stage, refund).disputes[0].state is DisputeState.WON
    assert stage.gateway.refund(replace(refund, key=refund.key + "0")).state is RefundState.DONE


def test_what_was_taken_back_for_a_dispute_is_taken_once_and_serves_a_refund_after_it_is_won(
    stage: GatewayStage,
) -> None:
    refund = paid(stage)
    stage.dispute(refund.payment_reference)
    account = ACCOUNTS[refund.payment_reference]
    order = TransferOrder("dispute:1:reversal", refund.payment_reference, PRICE, "USD", account)
    for _ in range(2):
        stage.gateway.reverse_transfer(order)
    assert (money(stage, refund).reversed_minor, money(stage, refund).fee_returned_minor) == (PRICE, FEE)
    stage.decide_dispute(refund.payment_reference, won=True)
    assert stage.gateway.refund(refund).reversed_minor == 0
    assert money(stage, refund).reversed_minor == PRICE


def test_what_is_transferred_again_is_transferred_once(stage: GatewayStage) -> None:
    refund = paid(stage)
    stage.dispute(refund.payment_reference)
    account = ACCOUNTS[refund.payment_reference]
    stage.gateway.reverse_transfer(TransferOrder("dispute:1:reversal", refund.payment_reference, PRICE, "USD", account))
    stage.decide_dispute(refund.payment_reference, won=True)
    order = TransferOrder("dispute:1:again", refund.payment_reference, PRICE - FEE, "USD", account)
    for _ in range(2):
        stage.gateway.transfer_again(order)
    assert money(stage, refund).transferred_minor == PRICE - FEE


def test_the_list_has_each_payment_once_that_was_made_refunded_or_disputed(stage: GatewayStage) -> None:
    plain, refunded, disputed = (paid(stage).payment_reference for _ in range(3))
    stage.refund_elsewhere(refunded, 1000)
    stage.dispute(disputed)
    listed = list(stage.gateway.payments_since(stage.clock() - timedelta(hours=1)))
    assert sorted(each.reference for each in listed) == sorted([plain, refunded, disputed])
    assert {each.reference: (len(each.refunds), len(each.disputes)) for each in listed} == {
        plain: (0, 0),
        refunded: (1, 0),
        disputed: (0, 1),
    }
