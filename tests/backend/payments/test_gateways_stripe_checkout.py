"""What we ask Stripe for, and what becomes of it when the way to Stripe is bad."""

import logging
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backend.integrations.stripe.payments import StripeGateway
from backend.payments.ports import (
    CheckoutState,
    ConnectedAccountOrder,
    ConnectedAccountState,
    PaymentGatewayUnavailable,
)
from tests.backend.payments.conftest import PUBLIC_URL
from tests.backend.payments.stages import PRICE, StripeStage, order
from tests.backend.stage import MovableClock
from tests.fakes.stripe_ledger import DELAYED_CARD
from tests.fakes.stripe_refunds import restrict, submit_for_review
from tests.fakes.stripe_server import StripeServer
from tests.waiting import eventually

SESSIONS = "POST /v1/checkout/sessions"


def sessions(server: StripeServer) -> list[dict[str, Any]]:
    """Every checkout that Stripe has."""
    return list(server.ledger.of_kind("checkout.session"))


def test_only_cards_are_taken_so_that_a_payment_is_certain_at_once(stripe_stage: StripeStage) -> None:
    stripe_stage.gateway.create_checkout(order(stripe_stage))
    assert sessions(stripe_stage.server)[0]["allowed_payment_method_types"] == ["card"]


def test_stripe_keeps_a_checkout_open_beyond_the_hold_because_it_knows_no_shorter_time(
    stripe_stage: StripeStage,
) -> None:
    wanted = order(stripe_stage)
    stripe_stage.gateway.create_checkout(wanted)
    kept_for = sessions(stripe_stage.server)[0]["expires_at"] - wanted.expires_at.timestamp()
    assert kept_for >= timedelta(minutes=30).total_seconds()


def test_an_order_that_is_repeated_late_is_still_the_same_request(
    stripe_stage: StripeStage, clock: MovableClock
) -> None:
    wanted = order(stripe_stage)
    first = stripe_stage.gateway.create_checkout(wanted)
    clock.move(minutes=9)
    assert stripe_stage.gateway.create_checkout(wanted) == first


def test_a_payment_is_the_platforms_until_it_is_paid_out(stripe_stage: StripeStage) -> None:
    wanted = order(stripe_stage)
    stripe_stage.pay(stripe_stage.gateway.create_checkout(wanted))
    assert stripe_stage.server.ledger.balances == {"payers": -PRICE, "platform": PRICE}
    intent = next(stripe_stage.server.ledger.of_kind("payment_intent"))
    assert (intent["transfer_data"], intent["transfer_group"]) == (None, str(wanted.booking_id))


def test_people_come_back_to_pages_of_ours(stripe_stage: StripeStage) -> None:
    stripe_stage.gateway.create_checkout(order(stripe_stage))
    session = sessions(stripe_stage.server)[0]
    assert session["success_url"] == f"{PUBLIC_URL}/stripe/return/paid"
    assert session["cancel_url"] == f"{PUBLIC_URL}/stripe/return/not-paid"


def test_a_delayed_payment_is_neither_paid_nor_lost_while_it_is_on_its_way(stripe_stage: StripeStage) -> None:
    checkout = stripe_stage.gateway.create_checkout(order(stripe_stage))
    stripe_stage.pay(checkout, DELAYED_CARD)
    assert stripe_stage.gateway.read_checkout(checkout.reference).state is CheckoutState.OPEN
    assert stripe_stage.gateway.expire_checkout(checkout.reference).state is CheckoutState.OPEN


@pytest.mark.parametrize(("comes", "state"), [(True, CheckoutState.PAID), (False, CheckoutState.EXPIRED)])
def test_a_delayed_payment_ends_one_way_or_the_other(
    stripe_stage: StripeStage, comes: bool, state: CheckoutState
) -> None:
    checkout = stripe_stage.gateway.create_checkout(order(stripe_stage))
    stripe_stage.pay(checkout, DELAYED_CARD)
    stripe_stage.server.ledger.settle_delayed(checkout.reference, paid=comes)
    assert stripe_stage.gateway.read_checkout(checkout.reference).state is state


def test_an_answer_that_got_lost_is_asked_for_again_and_there_is_one_checkout(stripe_stage: StripeStage) -> None:
    stripe_stage.server.traffic.next_request(SESSIONS, "lost", acts=True)
    checkout = stripe_stage.gateway.create_checkout(order(stripe_stage))
    assert [session["id"] for session in sessions(stripe_stage.server)] == [checkout.reference]


@pytest.mark.parametrize("acts", [True, False])
def test_a_fault_at_stripe_is_no_checkout_however_often_it_is_asked_for(stripe_stage: StripeStage, acts: bool) -> None:
    stripe_stage.server.traffic.next_request(SESSIONS, "fault", acts=acts)
    wanted = order(stripe_stage)
    for _ in range(2):  # the fault is saved under the key, and the order's key is always the same
        with pytest.raises(PaymentGatewayUnavailable):
            stripe_stage.gateway.create_checkout(wanted)
    assert stripe_stage.gateway.create_checkout(order(stripe_stage)).url


def test_too_many_requests_is_a_bad_moment_and_no_refusal(stripe_stage: StripeStage) -> None:
    wanted = order(stripe_stage)
    stripe_stage.server.traffic.next_request(SESSIONS, "busy")
    with pytest.raises(PaymentGatewayUnavailable):
        stripe_stage.gateway.create_checkout(wanted)
    assert stripe_stage.gateway.create_checkout(wanted).url


def test_the_same_order_twice_at_once_makes_one_checkout(stripe_stage: StripeStage) -> None:
    wanted = order(stripe_stage)
    slow = stripe_stage.server.traffic.next_request(SESSIONS, "slow")
    made = []
    first = threading.Thread(target=lambda: made.append(stripe_stage.gateway.create_checkout(wanted)))
    first.start()
    assert slow.reached.wait(20)
    with pytest.raises(PaymentGatewayUnavailable):  # Stripe answers 409 while the first is under way
        stripe_stage.gateway.create_checkout(wanted)
    slow.go_on.set()
    first.join()
    assert [stripe_stage.gateway.create_checkout(wanted)] == made
    assert len(sessions(stripe_stage.server)) == 1


def test_every_question_says_that_stripe_is_not_available_when_it_is_down(stripe_stage: StripeStage) -> None:
    gateway = stripe_stage.gateway
    stripe_stage.server.traffic.down = True
    with pytest.raises(PaymentGatewayUnavailable):
        gateway.create_checkout(order(stripe_stage))
    for ask in (gateway.read_checkout, gateway.expire_checkout, gateway.read_payment, gateway.read_connected_account):
        with pytest.raises(PaymentGatewayUnavailable):
            ask("reference")
    for link in (gateway.onboarding_url, gateway.dashboard_url):
        with pytest.raises(PaymentGatewayUnavailable):
            link("reference")


def test_an_answer_that_does_not_come_is_not_waited_for(stripe_server: StripeServer, stripe_stage: StripeStage) -> None:
    hasty = StripeGateway(stripe_server.key, PUBLIC_URL, api_base=stripe_server.url, answer_timeout_s=0.5)
    hung = [stripe_server.traffic.next_request("GET /v1/checkout/sessions", "slow") for _ in range(2)]
    with pytest.raises(PaymentGatewayUnavailable):
        hasty.read_checkout("cs_any")
    eventually(lambda: all(request.reached.is_set() for request in hung), "both were asked for")
    for request in hung:
        request.go_on.set()


def test_another_amount_for_the_same_booking_is_refused(stripe_stage: StripeStage) -> None:
    wanted = order(stripe_stage)
    stripe_stage.gateway.create_checkout(wanted)
    with pytest.raises(PaymentGatewayUnavailable):
        stripe_stage.gateway.create_checkout(replace(wanted, amount_minor=PRICE + 1))


def test_a_wrong_key_is_logged_as_what_it_is_and_neither_it_nor_people_are_in_the_log(
    stripe_server: StripeServer, stripe_stage: StripeStage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    stranger = StripeGateway("sk_test_swordfish", PUBLIC_URL, api_base=stripe_server.url)
    with pytest.raises(PaymentGatewayUnavailable):
        stranger.create_connected_account(
            ConnectedAccountOrder(order(stripe_stage).booking_id, "Nora Berg", "nora@example.com", "DE")
        )
    assert "Stripe refuses to open an account: AuthenticationError 401" in caplog.text
    for secret in ("swordfish", "Nora", "nora@"):
        assert secret not in caplog.text


def test_what_stripe_says_in_words_is_not_logged(stripe_stage: StripeStage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with pytest.raises(PaymentGatewayUnavailable):
        stripe_stage.gateway.onboarding_url("acct_nora")
    assert "resource_missing" in caplog.text
    assert "No such account" not in caplog.text


def test_an_account_under_review_waits_and_one_that_lacks_something_is_restricted(stripe_stage: StripeStage) -> None:
    account = stripe_stage.gateway.create_connected_account(
        ConnectedAccountOrder(order(stripe_stage).booking_id, "N", "n@example.com", "DE")
    )
    submit_for_review(stripe_stage.server.ledger, account.reference)
    assert stripe_stage.gateway.read_connected_account(account.reference).state is ConnectedAccountState.PENDING
    restrict(stripe_stage.server.ledger, account.reference)
    assert stripe_stage.gateway.read_connected_account(account.reference).state is ConnectedAccountState.RESTRICTED


def test_a_professional_who_is_not_through_has_no_dashboard(stripe_stage: StripeStage) -> None:
    account = stripe_stage.gateway.create_connected_account(
        ConnectedAccountOrder(order(stripe_stage).booking_id, "N", "n@example.com", "DE")
    )
    assert stripe_stage.gateway.dashboard_url(account.reference) is None


def test_who_changed_their_email_meanwhile_can_still_be_paid(stripe_stage: StripeStage) -> None:
    wanted = ConnectedAccountOrder(order(stripe_stage).booking_id, "Nora Berg", "nora@example.com", "DE")
    stripe_stage.gateway.create_connected_account(wanted)
    assert stripe_stage.gateway.create_connected_account(replace(wanted, email="berg@example.com")).reference
