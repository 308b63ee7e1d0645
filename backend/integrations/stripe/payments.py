"""Real payments: Stripe's hosted Checkout, refunds and Connect behind `PaymentGateway`.

The platform takes the payment and transfers the professional's part after the session: separate charges and transfers,
https://docs.stripe.com/connect/separate-charges-and-transfers. Payments of older releases are destination charges:
their transfer was made with them.
"""

from collections.abc import Iterator
from datetime import datetime

import stripe
from stripe.params.checkout import SessionCreateParams, SessionCreateParamsPaymentIntentData

from backend.integrations.stripe.client import ANSWER_TIMEOUT_S, asking, is_unknown, stripe_client
from backend.integrations.stripe.connected_accounts import StripeConnectedAccounts
from backend.integrations.stripe.ledger import StripeLedger
from backend.integrations.stripe.refunds import StripeRefunds
from backend.integrations.stripe.snapshots import checkout_snapshot
from backend.integrations.stripe.transfers import BOOKING_ID, StripeTransfers
from backend.payments.ports import (
    Checkout,
    CheckoutOrder,
    CheckoutSnapshot,
    CheckoutState,
    ConnectedAccountOrder,
    ConnectedAccountSnapshot,
    PaymentGatewayUnavailable,
    PaymentSnapshot,
    RefundOrder,
    RefundSnapshot,
    TransferOrder,
)

GATEWAY_NAME = "stripe"
PAGES = "/stripe/return"
"""Where Stripe's pages lead back to, on our own address."""

# Stripe ends a session by itself 30 minutes to 24 hours after its making. A hold is shorter, so the worker ends it;
# this is only what remains should nobody ever do so. Counted from the hold's end, because the same order must give the
# same request whenever it is repeated.
_ENDS_AFTER_HOLD_S = 31 * 60
_WITH_MONEY = ["payment_intent.latest_charge"]


class StripeGateway:
    """One Stripe account as a Connect platform. Safe to share between threads.

    `public_url` is where browsers reach us; `api_base` is Stripe's own unless something that answers like it is used.
    """

    def __init__(
        self,
        secret_key: str,
        public_url: str,
        *,
        api_base: str = "",
        answer_timeout_s: float = ANSWER_TIMEOUT_S,
    ) -> None:
        client = stripe_client(secret_key, api_base, answer_timeout_s=answer_timeout_s)
        self._pages_url = public_url.rstrip("/") + PAGES
        self._sessions = client.v1.checkout.sessions
        self._refunds = StripeRefunds(client)
        self._transfers = StripeTransfers(client)
        self._ledger = StripeLedger(client, self._transfers)
        self._connected_accounts = StripeConnectedAccounts(client, self._pages_url)

    @property
    def name(self) -> str:
        return GATEWAY_NAME

    def create_checkout(self, order: CheckoutOrder) -> Checkout:
        options: stripe.RequestOptions = {"idempotency_key": f"checkout:{order.booking_id}"}
        with asking("open a checkout"):
            session = self._sessions.create(checkout_params(order, self._pages_url), options=options)
        if session.url is None:
            raise PaymentGatewayUnavailable("Stripe opened a checkout without a page")
        return Checkout(session.id, session.url)

    def read_checkout(self, reference: str) -> CheckoutSnapshot:
        with asking("tell of a checkout"):
            try:
                return checkout_snapshot(self._sessions.retrieve(reference, params={"expand": _WITH_MONEY}))
            except stripe.InvalidRequestError as error:
                if not is_unknown(error):
                    raise
                return CheckoutSnapshot(reference, CheckoutState.EXPIRED)

    def expire_checkout(self, reference: str) -> CheckoutSnapshot:
        with asking("close a checkout"):
            try:
                return checkout_snapshot(self._sessions.expire(reference, params={"expand": _WITH_MONEY}))
            except stripe.InvalidRequestError:
                pass  # it is not open any more: paid, or closed before
        return self.read_checkout(reference)

    def refund(self, order: RefundOrder) -> RefundSnapshot:
        return self._refunds.give(order)

    def read_payment(self, reference: str) -> PaymentSnapshot | None:
        return self._ledger.read(reference)

    def payments_since(self, since: datetime) -> Iterator[PaymentSnapshot]:
        return self._ledger.since(since)

    def pay_out(self, order: TransferOrder) -> None:
        self._transfers.pay_out(order)

    def reverse_transfer(self, order: TransferOrder) -> None:
        self._transfers.reverse(order)

    def transfer_again(self, order: TransferOrder) -> None:
        self._transfers.transfer_again(order)

    def create_connected_account(self, order: ConnectedAccountOrder) -> ConnectedAccountSnapshot:
        return self._connected_accounts.open(order)

    def read_connected_account(self, reference: str) -> ConnectedAccountSnapshot:
        return self._connected_accounts.read(reference)

    def onboarding_url(self, reference: str) -> str:
        return self._connected_accounts.onboarding_url(reference)

    def dashboard_url(self, reference: str) -> str | None:
        return self._connected_accounts.dashboard_url(reference)


def checkout_params(order: CheckoutOrder, pages_url: str) -> SessionCreateParams:
    """The request for an order's payment page; the same order always gives the same one."""
    booking = {BOOKING_ID: str(order.booking_id)}
    payment: SessionCreateParamsPaymentIntentData = {
        "capture_method": "automatic",
        "description": f"{order.title}, {order.when}",
        "metadata": booking,
        "transfer_group": str(order.booking_id),
    }
    return {
        "mode": "payment",
        # Only what is certain at once: with delayed methods a slot would be held for days. (Versions before
        # 2026-09-30.endive named this payment_method_types.)
        "allowed_payment_method_types": ["card"],
        # Else Stripe lets people pay in a currency of their own, and the amount is no longer the price.
        "adaptive_pricing": {"enabled": False},
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": order.currency.lower(),
                    "unit_amount": order.amount_minor,
                    "product_data": {"name": order.title, "description": order.when},
                },
            }
        ],
        "payment_intent_data": payment,
        "client_reference_id": str(order.booking_id),
        "metadata": booking,
        "expires_at": int(order.expires_at.timestamp()) + _ENDS_AFTER_HOLD_S,
        "success_url": f"{pages_url}/paid",
        "cancel_url": f"{pages_url}/not-paid",
    }
