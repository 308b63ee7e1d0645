"""Money goes back once, whatever Stripe forgets, repeats or loses."""

import socket
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.integrations.stripe.payments import StripeGateway
from backend.payments.ports import PaymentGatewayUnavailable, RefundOrder, RefundSnapshot, RefundState
from tests.backend.payments.conftest import PUBLIC_URL
from tests.backend.payments.stages import FEE, PRICE, StripeStage, order, paid
from tests.backend.payments.test_gateways import next_attempt
from tests.backend.stage import MovableClock
from tests.fakes.stripe_refunds import give_refund, settle_refund
from tests.fakes.stripe_server import StripeServer

REFUNDS = "POST /v1/refunds"
HALF = PRICE // 2


def given_back(server: StripeServer) -> int:
    """Cents that payers have back."""
    return sum(refund["amount"] for refund in server.ledger.of_kind("refund") if refund["status"] != "failed")


def test_half_a_request_does_nothing_and_takes_no_key(stripe_server: StripeServer) -> None:
    """Of the fake, which the races stand on: a backend that is killed while it asks has asked nothing."""
    address = urlsplit(stripe_server.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as asking:
        head = f"POST /v1/refunds HTTP/1.1\r\nHost: stripe\r\nAuthorization: Bearer {stripe_server.key}\r\n"
        head += "Idempotency-Key: half\r\n"
        asking.sendall(f"{head}Content-Length: 400\r\n\r\namount=4500".encode())
        asking.shutdown(socket.SHUT_WR)
        assert asking.recv(1000) == b""
    assert not list(stripe_server.ledger.of_kind("refund"))
    assert REFUNDS not in stripe_server.traffic.seen


def test_a_refund_takes_the_professionals_part_back(stripe_stage: StripeStage) -> None:
    stripe_stage.gateway.refund(paid(stripe_stage))
    assert set(stripe_stage.server.ledger.balances.values()) == {0}


def test_a_payment_that_was_not_transferred_is_refunded_too(stripe_stage: StripeStage) -> None:
    wanted = order(stripe_stage)
    checkout = stripe_stage.gateway.create_checkout(wanted)
    stripe_stage.pay(checkout)
    reference = stripe_stage.gateway.read_checkout(checkout.reference).payment_reference
    assert reference is not None
    snapshot = stripe_stage.gateway.refund(RefundOrder(f"refund:{wanted.booking_id}:1", reference, PRICE, "USD"))
    assert (snapshot.state, snapshot.reversed_minor) == (RefundState.DONE, 0)


def test_an_answer_that_got_lost_is_found_in_stripes_list(stripe_stage: StripeStage) -> None:
    refund = replace(paid(stripe_stage), amount_minor=HALF)
    stripe_stage.server.traffic.next_request(REFUNDS, "lost", acts=True)
    assert stripe_stage.gateway.refund(refund).state is RefundState.DONE
    assert given_back(stripe_stage.server) == HALF


def test_a_refund_is_not_made_again_when_stripe_has_forgotten_the_key(stripe_stage: StripeStage) -> None:
    refund = replace(paid(stripe_stage), amount_minor=HALF)
    first = stripe_stage.gateway.refund(refund)
    stripe_stage.server.traffic.forget_keys()
    assert stripe_stage.gateway.refund(refund) == first
    assert given_back(stripe_stage.server) == HALF


def test_a_fault_that_came_after_the_refund_is_the_refund(stripe_stage: StripeStage) -> None:
    refund = replace(paid(stripe_stage), amount_minor=HALF)
    stripe_stage.server.traffic.next_request(REFUNDS, "fault", acts=True)
    assert stripe_stage.gateway.refund(refund).state is RefundState.DONE
    assert given_back(stripe_stage.server) == HALF


def test_a_fault_is_unknown_at_first_and_a_failure_once_stripe_only_repeats_it(stripe_stage: StripeStage) -> None:
    refund = paid(stripe_stage)
    stripe_stage.server.traffic.next_request(REFUNDS, "fault")
    with pytest.raises(PaymentGatewayUnavailable):
        stripe_stage.gateway.refund(refund)
    assert stripe_stage.gateway.refund(refund) == RefundSnapshot(None, RefundState.FAILED, failure="fault_at_stripe")
    assert stripe_stage.gateway.refund(next_attempt(refund)).state is RefundState.DONE
    assert given_back(stripe_stage.server) == PRICE


def test_an_earlier_attempt_that_came_about_after_all_is_not_made_twice(stripe_stage: StripeStage) -> None:
    refund = replace(paid(stripe_stage), amount_minor=HALF)
    ledger = stripe_stage.server.ledger
    late = {
        "payment_intent": refund.payment_reference,
        "amount": str(HALF),
        "metadata": {"refund_key": refund.key},
        "reverse_transfer": "true",
        "refund_application_fee": "true",
    }
    found = give_refund(ledger, late)
    snapshot = stripe_stage.gateway.refund(next_attempt(refund))
    assert (snapshot.reference, snapshot.state) == (found["id"], RefundState.DONE)
    assert given_back(stripe_stage.server) == HALF


def test_an_attempt_that_the_ledger_knows_is_not_the_answer_to_the_next(stripe_stage: StripeStage) -> None:
    refund = replace(paid(stripe_stage), amount_minor=HALF)
    first = stripe_stage.gateway.refund(refund)
    assert first.reference is not None
    rest = replace(next_attempt(refund), amount_minor=PRICE - HALF, known=frozenset({first.reference}))
    assert stripe_stage.gateway.refund(rest).reference != first.reference
    assert given_back(stripe_stage.server) == PRICE


def test_what_the_support_gave_back_in_stripes_dashboard_is_not_given_twice(stripe_stage: StripeStage) -> None:
    refund = paid(stripe_stage)
    give_refund(stripe_stage.server.ledger, {"payment_intent": refund.payment_reference})
    assert stripe_stage.gateway.refund(refund).failure == "charge_already_refunded"
    assert given_back(stripe_stage.server) == PRICE


def test_what_a_failed_refund_left_with_the_platform_serves_the_next_and_only_the_rest_is_taken(
    stripe_stage: StripeStage,
) -> None:
    refund = paid(stripe_stage)
    stripe_stage.refund_elsewhere(refund.payment_reference, 1000)
    by_hand = next(stripe_stage.server.ledger.of_kind("refund"))
    settle_refund(stripe_stage.server.ledger, by_hand["id"], "failed")
    assert stripe_stage.gateway.refund(refund).state is RefundState.DONE
    assert set(stripe_stage.server.ledger.balances.values()) == {0}


def test_what_stripe_refuses_has_failed_and_the_next_attempt_can_work(stripe_stage: StripeStage) -> None:
    refund = paid(stripe_stage)
    stripe_stage.server.ledger.refuse_next_refund = "balance_insufficient"
    refused = stripe_stage.gateway.refund(refund)
    assert refused == RefundSnapshot(None, RefundState.FAILED, failure="balance_insufficient")
    assert stripe_stage.gateway.refund(refund) == refused
    assert stripe_stage.gateway.refund(next_attempt(refund)).state is RefundState.DONE


@pytest.mark.parametrize("kind", ["busy", "lost"])
def test_a_bad_moment_keeps_the_attempt(stripe_stage: StripeStage, kind: str) -> None:
    refund = paid(stripe_stage)
    for _ in range(2):  # as often as the SDK tries
        stripe_stage.server.traffic.next_request(REFUNDS, kind)
    with pytest.raises(PaymentGatewayUnavailable):
        stripe_stage.gateway.refund(refund)
    stripe_stage.server.traffic.faults.clear()
    assert stripe_stage.gateway.refund(refund).state is RefundState.DONE


def test_a_wrong_key_is_no_failed_refund(stripe_server: StripeServer, stripe_stage: StripeStage) -> None:
    refund = paid(stripe_stage)
    stranger = StripeGateway("sk_test_other", PUBLIC_URL, api_base=stripe_server.url)
    with pytest.raises(PaymentGatewayUnavailable):
        stranger.refund(refund)


def test_a_refund_that_the_bank_returns_is_not_taken_from_the_professional_twice(stripe_stage: StripeStage) -> None:
    refund = replace(paid(stripe_stage), amount_minor=HALF)
    first = stripe_stage.gateway.refund(refund)
    assert first.reference is not None
    settle_refund(stripe_stage.server.ledger, first.reference, "failed")
    second = stripe_stage.gateway.refund(next_attempt(refund))
    account = next(name for name in stripe_stage.server.ledger.balances if name.startswith("acct_"))
    fee_left = FEE - FEE // 2
    assert stripe_stage.server.ledger.balances[account] == PRICE - HALF - fee_left
    assert (second.state, second.reversed_minor) == (RefundState.DONE, 0)


FAULTS = st.sampled_from(
    ["fine", "fault", "fault after acting", "busy", "forgotten", "refused", "returned by the bank"]
)


@settings(max_examples=40, deadline=None)
@given(happens=st.lists(FAULTS, max_size=8), amount=st.sampled_from([PRICE, HALF]))
def test_whatever_happens_on_the_way_the_money_goes_back_exactly_once(happens: list[str], amount: int) -> None:
    clock = MovableClock()
    with StripeServer(clock) as server:
        stage = StripeStage(StripeGateway(server.key, PUBLIC_URL, api_base=server.url), clock, server)
        refund = replace(paid(stage), amount_minor=amount)
        for what in [*happens, "fine", "fine", "fine"]:
            refund = _tried(stage, refund, what)
            assert given_back(server) in (0, amount)
            assert sum(server.ledger.balances.values()) == 0
        assert given_back(server) == amount


def _tried(stage: StripeStage, refund: RefundOrder, what: str) -> RefundOrder:
    """One try of the worker; the order of the next one, by design.md's key rule."""
    server = stage.server
    if what.startswith("fault"):
        server.traffic.next_request(REFUNDS, "fault", acts="acting" in what)
    elif what == "busy":
        server.traffic.next_request(REFUNDS, "busy")
    elif what == "forgotten":
        server.traffic.forget_keys()
    elif what == "refused":
        server.ledger.refuse_next_refund = "balance_insufficient"
    elif what == "returned by the bank":
        for made in list(server.ledger.of_kind("refund")):
            if made["status"] == "succeeded":
                settle_refund(server.ledger, made["id"], "failed")
    try:
        snapshot = stage.gateway.refund(refund)
    except PaymentGatewayUnavailable:
        return refund
    finally:
        server.traffic.faults.clear()
        server.ledger.refuse_next_refund = None
    return next_attempt(refund) if snapshot.state is RefundState.FAILED else refund
