"""Refunds at Stripe: each once, whatever was lost on the way.

An idempotency key alone does not do it. Stripe forgets keys after a day, and what it saved under one may be an error of
its own that it repeats for as long (https://docs.stripe.com/api/idempotent_requests). So Stripe's list of the payment's
refunds is asked first, and again after every error; each refund of ours carries its key in its metadata.
"""

from collections.abc import Sequence

import stripe

from backend.integrations.stripe_client import asking, is_unknown
from backend.integrations.stripe_readings import expanded, refund_reading, refund_state
from backend.payments.ports import RefundOrder, RefundReading, RefundState

KEY = "refund_key"
"""The name in a refund's metadata under which our own key for it stands."""


class StripeRefunds:
    """The refunds of one Stripe account."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._payments = client.v1.payment_intents
        self._refunds = client.v1.refunds

    def give(self, order: RefundOrder) -> RefundReading:
        """As `PaymentGateway.refund`. FAILED only where it is certain that this key gives nothing back any more."""
        with asking("give a refund"):
            try:
                payment = self._payment(order.payment_reference)
            except stripe.InvalidRequestError as error:
                if not is_unknown(error):
                    raise
                return _refused("payment_unknown")
            if found := answer_to(order, self._made(order)):
                return self._read(found.id)
            try:
                return refund_reading(self._create(order, payment))
            except stripe.StripeError as error:
                return self._after(error, order)

    def read(self, reference: str) -> RefundReading:
        """As `PaymentGateway.read_refund`."""
        with asking("tell of a refund"):
            return self._read(reference)

    def _read(self, reference: str) -> RefundReading:
        return refund_reading(self._refunds.retrieve(reference, params={"expand": ["charge.application_fee"]}))

    def _payment(self, reference: str) -> stripe.PaymentIntent:
        return self._payments.retrieve(
            reference, params={"expand": ["latest_charge.transfer", "latest_charge.application_fee"]}
        )

    def _made(self, order: RefundOrder) -> list[stripe.Refund]:
        return self._refunds.list(params={"payment_intent": order.payment_reference, "limit": 100}).data

    def _create(self, order: RefundOrder, payment: stripe.PaymentIntent) -> stripe.Refund:
        params: stripe.params.RefundCreateParams = {
            "payment_intent": payment.id,
            "amount": order.amount_minor,
            "metadata": {KEY: order.key},
            "expand": ["charge.application_fee"],
        }
        if takes_back(order, payment):
            params["reverse_transfer"] = True
            if payment.application_fee_amount:  # without a fee Stripe refuses to refund it
                params["refund_application_fee"] = True
        return self._refunds.create(params, options={"idempotency_key": order.key})

    def _after(self, error: stripe.StripeError, order: RefundOrder) -> RefundReading:
        """What an error means. Raises it again where that is not certain."""
        made = self._made(order)
        if found := answer_to(order, made):
            return self._read(found.id)
        if error.code == "charge_already_refunded" and (found := given_by_hand(order, made)):
            return self._read(found.id)
        if isinstance(error, stripe.InvalidRequestError | stripe.CardError):
            return _refused(error.code or "refused")
        if _is_saved_fault(error):
            # A saved fault, and no refund came of it: under this key Stripe would only repeat it.
            return _refused("fault_at_stripe")
        raise error


def answer_to(order: RefundOrder, made: Sequence[stripe.Refund]) -> stripe.Refund | None:
    """The refund that this order has made already: its own, or one of an earlier attempt that came about after all."""
    for refund in made:
        if _key(refund) == order.key:
            return refund
    attempts_of = order.key.rpartition(":")[0] + ":"
    earlier = (refund for refund in made if _key(refund).startswith(attempts_of))
    return next((refund for refund in earlier if _lives(refund)), None)


def given_by_hand(order: RefundOrder, made: Sequence[stripe.Refund]) -> stripe.Refund | None:
    """The last refund, if all that live (the support's in Stripe's dashboard too) give back what is ordered."""
    living = [refund for refund in made if _lives(refund)]
    enough = sum(refund.amount for refund in living) >= order.amount_minor
    return living[0] if living and enough else None


def takes_back(order: RefundOrder, payment: stripe.PaymentIntent) -> bool:
    """Whether the professional's part has to come back with this refund.

    A refund that fails at the bank leaves it with the platform already; the next attempt must not take it twice.
    """
    if payment.transfer_data is None:
        return False
    charge = expanded(payment.latest_charge)
    transfer = expanded(charge.transfer) if charge else None
    return transfer is None or transfer.amount_reversed < order.amount_minor


def _is_saved_fault(error: stripe.StripeError) -> bool:
    replayed = (error.headers or {}).get("idempotent-replayed") == "true"
    return replayed and (error.http_status or 0) >= 500


def _lives(refund: stripe.Refund) -> bool:
    return refund_state(refund) is not RefundState.FAILED


def _key(refund: stripe.Refund) -> str:
    metadata = refund.metadata
    return str(metadata[KEY]) if metadata and KEY in metadata else ""


def _refused(why: str) -> RefundReading:
    return RefundReading(None, RefundState.FAILED, failure=why)
