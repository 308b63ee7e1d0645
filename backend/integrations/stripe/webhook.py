"""Stripe's signed webhook events, and the plain pages that Stripe's pages lead back to.

An event says only what to ask about. Stripe is asked how that stands, and the same function applies the answer as when
the worker asks by itself. So events may come twice, late, out of order and in any version of the API.
"""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Annotated, Any
from uuid import UUID

import stripe
from fastapi import APIRouter, Depends, Header, Request, Response

from backend.bookings.service.money.payment_events import apply_payment_event
from backend.bookings.service.money.provider_sync import refresh_payment
from backend.integrations.stripe.payments import GATEWAY_NAME, PAGES
from backend.integrations.stripe.transfers import BOOKING_ID
from backend.kit.bulkheads import PAYMENTS, behind
from backend.kit.database import Database
from backend.kit.errors import BusinessError, InvalidPayload, ServiceUnavailable
from backend.kit.http import DatabaseDep, NowDep
from backend.kit.pages import page
from backend.payments.ports import PaymentGateway, PaymentGatewayUnavailable, event_of
from backend.payments.service import update_connected_account

logger = logging.getLogger(__name__)

TOLERANCE_S = 300
"""How old a signature may be: Stripe's own default."""

_OUTCOMES = {
    "paid": ("Thank you.", "Rendezvous shows your booking as soon as the payment is confirmed. You can go back now."),
    "not-paid": (
        "Nothing was paid.",
        "Your time is still held for a few minutes: go back to Rendezvous to pay or to let it go.",
    ),
    "onboarded": ("That is all for now.", "Go back to Rendezvous to see whether you can be paid."),
    "onboarding-again": (
        "This page has run out.",
        "Go back to Rendezvous, and open the page again from Earnings.",
    ),
}


class BadSignature(BusinessError):
    """Whoever sent this is not Stripe, or sent it long ago."""

    status = 400
    detail = "The signature is missing, wrong or too old."


@dataclass(frozen=True)
class StripeEvent:
    """What an event is about: `thing` is the object as it was when the event was sent."""

    kind: str
    thing: dict[str, Any]


def stripe_router(gateway: PaymentGateway, secrets: Sequence[str]) -> APIRouter:
    """The webhook and the pages. Each of Stripe's endpoints has a secret of its own; any of `secrets` will do."""
    webhook = _Webhook(gateway, secrets)
    router = APIRouter(include_in_schema=False)
    router.add_api_route("/stripe/webhook", webhook.take_in, methods=["POST"])
    router.add_api_route(f"{PAGES}/{{outcome}}", _outcome, methods=["GET"])
    return router


async def _body(request: Request) -> bytes:
    return await request.body()


class _Webhook:
    """The endpoint, on a gateway."""

    def __init__(self, gateway: PaymentGateway, secrets: Sequence[str]) -> None:
        self._gateway = gateway
        self._secrets = secrets

    @behind(PAYMENTS)
    def take_in(
        self,
        body: Annotated[bytes, Depends(_body)],
        database: DatabaseDep,
        now: NowDep,
        stripe_signature: Annotated[str, Header()] = "",
    ) -> Response:
        """200 once it is written down, or for what is not ours to know of; 400 BadSignature; 503 to be sent again."""
        event = verified(body, stripe_signature, self._secrets)
        settle = self._settling(event.kind)
        if settle is not None:
            try:
                settle(event.thing, database, now)
            except PaymentGatewayUnavailable as fault:
                raise ServiceUnavailable from fault
        return Response(status_code=200)

    def _settling(self, kind: str) -> Callable[[dict[str, Any], Database, datetime], None] | None:
        if kind.startswith("checkout.session."):
            return self._settle_checkout
        if kind.startswith(("refund.", "charge.dispute.")) or kind in ("charge.refunded", "charge.refund.updated"):
            return self._refresh_payment
        if kind in ("account.updated", "v2.core.account.closed") or kind.startswith("v2.core.account["):
            return self._update_connected_account
        return None

    def _settle_checkout(self, session_object: dict[str, Any], database: Database, now: datetime) -> None:
        booking_id = _uuid(_metadata(session_object).get(BOOKING_ID))
        if booking_id is None:
            return  # a payment of the same Stripe account that is none of a booking
        snapshot = self._gateway.read_checkout(str(session_object["id"]))
        event = event_of(GATEWAY_NAME, booking_id, snapshot, now)
        if event is not None:
            with database.write() as session:
                apply_payment_event(session, event, now)

    def _refresh_payment(self, thing: dict[str, Any], database: Database, now: datetime) -> None:
        """A refund, a charge or a dispute: each names the payment that it is about, unless it is not one of ours."""
        payment_reference = thing.get("payment_intent")
        if isinstance(payment_reference, str):
            refresh_payment(database, self._gateway, payment_reference, lambda: now)

    def _update_connected_account(self, account: dict[str, Any], database: Database, now: datetime) -> None:
        snapshot = self._gateway.read_connected_account(str(account["id"]))
        with database.write() as session:
            update_connected_account(session, GATEWAY_NAME, snapshot, now)


def verified(body: bytes, signature: str, secrets: Sequence[str]) -> StripeEvent:
    """The event, if one of the secrets signed it within the tolerance; BadSignature.

    https://docs.stripe.com/webhooks/signature. A thin event (v2) names its object in `related_object`.
    """
    if not any(_signed(body, signature, secret) for secret in secrets):
        raise BadSignature
    try:
        event = json.loads(body)
        thin = event.get("object") == "v2.core.event"
        thing = event.get("related_object") or {} if thin else event["data"]["object"]
        return StripeEvent(str(event["type"]), {**thing})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidPayload(detail="This is no event of Stripe's.") from error


def _signed(body: bytes, signature: str, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE_S)
    # The library lets through what it stumbles over: a body that is no text, a header that is not ASCII.
    except (stripe.SignatureVerificationError, ValueError, TypeError):
        return False
    return True


def _metadata(thing: dict[str, Any]) -> dict[str, Any]:
    return thing.get("metadata") or {}


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


@cache
def _template() -> Template:
    return Template(files("backend.integrations").joinpath("pages", "returned.html").read_text("utf-8"))


def _outcome(outcome: str) -> Response:
    headline, words = _OUTCOMES.get(outcome, ("There is nothing here.", "You can go back to Rendezvous."))
    place = "earnings" if outcome.startswith("onboarding") or outcome == "onboarded" else "my-sessions"
    body = _template().substitute(headline=escape(headline), words=escape(words), place=place)
    return page(headline.rstrip("."), body, status=200 if outcome in _OUTCOMES else 404)
