"""Refunds at Stripe: each once, whatever was lost on the way.

An idempotency key alone does not do it. Stripe forgets keys after a day, and what it saved under one may be an error of
its own that it repeats for as long (https://docs.stripe.com/api/idempotent_requests). So Stripe's list of the payment's
refunds is asked first, and again after every error; each refund of ours carries its key in its metadata.
"""

from collections.abc import Sequence

import stripe

from backend.integrations.stripe.client import asking, is_unknown
from backend.integrations.stripe.snapshots import KEY, expanded, refund_snapshot, refund_state
from backend.payments.ports import RefundOrder, RefundSnapshot, RefundState

REVERSAL = "transfer_reversal"


class StripeRefunds:
    """The refunds of one Stripe account."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._payments = client.v1.payment_intents
        self._refunds = client.v1.refunds
        self._reversals = client.v1.transfers.reversals

    def give(self, order: RefundOrder) -> RefundSnapshot:
        """As `PaymentGateway.refund`. FAILED only where it is certain that this key gives nothing back any more."""
        with asking("give a refund"):
            try:
                payment = self._payment(order.payment_reference)
            except stripe.InvalidRequestError as error:
                if not is_unknown(error):
                    raise
                return _refused("payment_unknown")
            made = self._made(order)
            if found := answer_to(order, made):
                return refund_snapshot(found)
            try:
                return refund_snapshot(self._create(order, payment, made))
            except stripe.StripeError as error:
                return self._after(error, order)

    def _payment(self, reference: str) -> stripe.PaymentIntent:
        return self._payments.retrieve(
            reference, params={"expand": ["latest_charge.transfer", "latest_charge.application_fee"]}
        )

    def _made(self, order: RefundOrder) -> list[stripe.Refund]:
        return refunds_of(self._refunds, order.payment_reference)

    def _create(
        self, order: RefundOrder, payment: stripe.PaymentIntent, made: Sequence[stripe.Refund]
    ) -> stripe.Refund:
        params: stripe.params.RefundCreateParams = {
            "payment_intent": payment.id,
            "amount": order.amount_minor,
            "metadata": {KEY: order.key},
            "expand": [REVERSAL],
        }
        transfer = transfer_of(payment)
        missing = to_take_back(order, transfer, made)
        if transfer is not None and 0 < missing < order.amount_minor:
            # A part came back already, with a refund that failed: Stripe can only reverse as much as it refunds.
            self._reverse(order, payment, transfer, missing)
        elif missing:
            params["reverse_transfer"] = True
            if payment.application_fee_amount:  # without a fee Stripe refuses to refund it
                params["refund_application_fee"] = True
        return self._refunds.create(params, options={"idempotency_key": order.key})

    def _reverse(
        self, order: RefundOrder, payment: stripe.PaymentIntent, transfer: stripe.Transfer, amount_minor: int
    ) -> None:
        params: stripe.params.TransferReversalCreateParams = {"amount": amount_minor, "metadata": {KEY: order.key}}
        if payment.application_fee_amount:
            params["refund_application_fee"] = True
        self._reversals.create(transfer.id, params, options={"idempotency_key": f"{order.key}:reversal"})

    def _after(self, error: stripe.StripeError, order: RefundOrder) -> RefundSnapshot:
        """What an error means. Raises it again where that is not certain."""
        if found := answer_to(order, self._made(order)):
            return refund_snapshot(found)
        if isinstance(error, stripe.InvalidRequestError | stripe.CardError):
            return _refused(error.code or "refused")
        if isinstance(error, stripe.IdempotencyError) and error.http_status == 400:
            return _refused("key_used_otherwise")  # only another key can still give this back
        if _is_saved_fault(error):
            # A saved fault, and no refund came of it: under this key Stripe would only repeat it.
            return _refused("fault_at_stripe")
        raise error


def refunds_of(refunds: stripe.RefundService, payment_reference: str) -> list[stripe.Refund]:
    """All refunds of a payment, the newest first."""
    found = refunds.list(params={"payment_intent": payment_reference, "limit": 100, "expand": [f"data.{REVERSAL}"]})
    return list(found.auto_paging_iter())


def transfer_of(payment: stripe.PaymentIntent) -> stripe.Transfer | None:
    """What went to the professional when this was paid, where `latest_charge.transfer` is expanded."""
    charge = expanded(payment.latest_charge)
    return expanded(charge.transfer) if charge else None


def answer_to(order: RefundOrder, made: Sequence[stripe.Refund]) -> stripe.Refund | None:
    """The refund that this order has made already: its own, or one of an earlier attempt that came about after all."""
    for refund in made:
        if _key(refund) == order.key:
            return refund
    attempts_of = order.key.rpartition(":")[0] + ":"
    others = (refund for refund in made if _key(refund).startswith(attempts_of) and refund.id not in order.known)
    return next((refund for refund in others if _lives(refund)), None)


def to_take_back(order: RefundOrder, transfer: stripe.Transfer | None, made: Sequence[stripe.Refund]) -> int:
    """What of the professional's part has to come back with this refund, in cents, the fee's share included.

    A refund that fails at the bank leaves it with the platform already; the next attempt must not take it twice. All of
    a refund of ours is covered so, and of one that others gave what it took back itself.
    """
    if transfer is None:
        return 0
    covered = sum(refund.amount if _key(refund) else _reversed(refund) for refund in made if _lives(refund))
    kept = covered + order.kept_minor
    surplus = max(0, transfer.amount_reversed - kept)
    return max(0, min(order.amount_minor - surplus, transfer.amount - transfer.amount_reversed))


def _reversed(refund: stripe.Refund) -> int:
    reversal = expanded(getattr(refund, REVERSAL, None))
    return reversal.amount if reversal is not None else 0


def _is_saved_fault(error: stripe.StripeError) -> bool:
    replayed = (error.headers or {}).get("idempotent-replayed") == "true"
    return replayed and (error.http_status or 0) >= 500


def _lives(refund: stripe.Refund) -> bool:
    return refund_state(refund) is not RefundState.FAILED


def _key(refund: stripe.Refund) -> str:
    metadata = refund.metadata
    return str(metadata[KEY]) if metadata and KEY in metadata else ""


def _refused(why: str) -> RefundSnapshot:
    return RefundSnapshot(None, RefundState.FAILED, failure=why)
