"""Who may tell the backend of money: Stripe alone, and of what is ours alone."""

import json
import time
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from backend.integrations.stripe.webhook import TOLERANCE_S, BadSignature, stripe_router, verified
from backend.kit.bulkheads import Bulkheads
from backend.kit.database import Database
from backend.kit.http import install_error_handlers
from tests.backend.payments.conftest import PUBLIC_URL
from tests.backend.payments.stages import StripeStage, order
from tests.backend.stage import MovableClock
from tests.fakes.stripe_webhooks import signature

SECRET = "whsec_ours"
NEVER_OURS = {"id": "evt_1", "object": "event", "type": "customer.created", "data": {"object": {"id": "cus_1"}}}


@pytest.fixture
def router(stripe_stage: StripeStage) -> APIRouter:
    return stripe_router(stripe_stage.gateway, [SECRET])


@pytest.fixture
def stripe_client(router: APIRouter, database: Database, clock: MovableClock) -> TestClient:
    """The webhook alone, as Stripe reaches it."""
    app = FastAPI()
    app.state.database, app.state.now, app.state.bulkheads = database, clock, Bulkheads()
    app.include_router(router)
    install_error_handlers(app)
    return TestClient(app, raise_server_exceptions=False)


def tell(client: TestClient, event: dict[str, Any], header: str | None = None) -> Response:
    """Sends an event, signed as it should be unless a header is given."""
    body = json.dumps(event).encode()
    header = signature(body, SECRET) if header is None else header
    answer: Response = client.post("/stripe/webhook", content=body, headers={"Stripe-Signature": header})
    return answer


def about(kind: str, **thing: Any) -> dict[str, Any]:
    """An event about an object."""
    return {"id": "evt_2", "object": "event", "type": kind, "data": {"object": thing}}


def test_an_event_that_is_not_ours_to_know_of_is_taken_and_forgotten(stripe_client: TestClient) -> None:
    assert tell(stripe_client, NEVER_OURS).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        "t=,v1=",
        "t=1,v1=abc",
        "v1=abc",
        "t=99999999999,v1=é",
        signature(json.dumps(NEVER_OURS).encode(), "whsec_of_someone_else"),
        signature(json.dumps(NEVER_OURS).encode(), SECRET, time.time() - TOLERANCE_S - 5),
    ],
    ids=["none", "nonsense", "empty", "short", "no time", "not ASCII", "of someone else", "too old"],
)
def test_what_stripe_did_not_sign_just_now_is_refused(stripe_client: TestClient, header: str) -> None:
    answer = stripe_client.post(
        "/stripe/webhook", content=json.dumps(NEVER_OURS), headers={"Stripe-Signature": header.encode("latin-1")}
    )
    assert answer.status_code == 400
    assert answer.json()["error"] == "BadSignature"


def test_a_body_that_was_changed_is_refused(stripe_client: TestClient) -> None:
    changed = json.dumps(NEVER_OURS | {"type": "checkout.session.completed"}).encode()
    header = signature(json.dumps(NEVER_OURS).encode(), SECRET)
    answer = stripe_client.post("/stripe/webhook", content=changed, headers={"Stripe-Signature": header})
    assert answer.status_code == 400


def test_a_body_that_is_no_text_is_refused(stripe_client: TestClient) -> None:
    body = b"\xff\xfe\x00"
    answer = stripe_client.post("/stripe/webhook", content=body, headers={"Stripe-Signature": signature(body, SECRET)})
    assert answer.status_code == 400


def test_no_signature_at_all_is_refused(stripe_client: TestClient) -> None:
    assert stripe_client.post("/stripe/webhook", json=NEVER_OURS).status_code == 400


def test_any_of_several_secrets_will_do() -> None:
    body = json.dumps(NEVER_OURS).encode()
    header = signature(body, "whsec_old")
    assert verified(body, header, [SECRET, "whsec_old"]).kind == "customer.created"
    with pytest.raises(BadSignature):
        verified(body, header, [])


@pytest.mark.parametrize(
    "event",
    [
        about("checkout.session.completed", id="cs_1", metadata={}),
        about("checkout.session.completed", id="cs_1", metadata=None),
        about("checkout.session.completed", id="cs_1", metadata={"booking_id": "of another shop"}),
        about("refund.updated", id="re_1", metadata={}),
        about("charge.dispute.created", id="dp_1"),
    ],
)
def test_what_happens_to_other_money_of_the_same_account_is_not_asked_about(
    stripe_client: TestClient, stripe_stage: StripeStage, event: dict[str, Any]
) -> None:
    assert tell(stripe_client, event).status_code == 200
    assert stripe_stage.server.traffic.seen == []


def test_what_the_event_says_is_not_believed_but_asked_about(
    stripe_client: TestClient, stripe_stage: StripeStage
) -> None:
    wanted = order(stripe_stage)
    checkout = stripe_stage.gateway.create_checkout(wanted)
    event = about(
        "checkout.session.completed",
        id=checkout.reference,
        payment_status="paid",
        amount_total=1,
        metadata={"booking_id": str(wanted.booking_id)},
    )
    assert tell(stripe_client, event).status_code == 200
    assert stripe_stage.server.traffic.seen[-1] == f"GET /v1/checkout/sessions/{checkout.reference}"


def test_a_thin_event_about_an_account_names_what_to_ask_about(
    stripe_client: TestClient, stripe_stage: StripeStage
) -> None:
    event = {
        "id": "evt_3",
        "object": "v2.core.event",
        "type": "v2.core.account[requirements].updated",
        "related_object": {"id": "acct_1", "type": "v2.core.account"},
    }
    assert tell(stripe_client, event).status_code == 200
    assert stripe_stage.server.traffic.seen == ["GET /v1/accounts/acct_1"]


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("paid", "as soon as the payment is confirmed"),
        ("not-paid", "Nothing was paid."),
        ("onboarded", "whether you can be paid"),
        ("onboarding-again", "open the page again from Earnings"),
    ],
)
def test_stripes_pages_lead_back_to_a_plain_page_of_ours(stripe_client: TestClient, outcome: str, words: str) -> None:
    answer = stripe_client.get(f"{PUBLIC_URL}/stripe/return/{outcome}")
    assert answer.status_code == 200
    assert words in answer.text


def test_a_page_that_nobody_is_led_to_does_not_exist(stripe_client: TestClient) -> None:
    assert stripe_client.get("/stripe/return/<script>").status_code == 404
