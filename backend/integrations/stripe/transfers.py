"""Transfers to professionals at Stripe, and their reversals: each once, whatever was lost on the way.

https://docs.stripe.com/connect/separate-charges-and-transfers. A payment of an older release has one transfer that was
made with it; what is transferred later is found again by the payment's transfer group, which is the booking. Stripe
forgets idempotency keys after a day, so its own lists are asked first.
"""

from uuid import UUID

import stripe

from backend.integrations.stripe.client import asking
from backend.integrations.stripe.refunds import transfer_of
from backend.integrations.stripe.snapshots import KEY, expanded
from backend.payments.ports import TransferOrder

BOOKING_ID = "booking_id"
"""The name in the metadata of sessions and payments under which the booking stands."""

MONEY = ["latest_charge.transfer", "latest_charge.application_fee"]
"""What of a payment is expanded, so that it says where the money is."""

_PAGE = 100


class StripeTransfers:
    """The transfers of one Connect platform."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._payments = client.v1.payment_intents
        self._transfers = client.v1.transfers

    def later(self, payment: stripe.PaymentIntent) -> list[stripe.Transfer]:
        """What was transferred later than the payment was made, the newest first. A payment made twice for a booking
        has its group in common: those of the other one are left out.
        """
        if transfer_of(payment) is not None:
            return [each for each in self._in_group(payment.id) if key_of(each)]
        group = booking_of(payment)
        charge = expanded(payment.latest_charge)
        if group is None or charge is None:
            return []
        found = self._in_group(str(group))
        return [each for each in found if _source(each) == charge.id or _named(each, payment.id)]

    def pay_out(self, order: TransferOrder) -> None:
        """As `PaymentGateway.pay_out`. From the charge itself, so that the money need not be available yet."""
        with asking("pay out"):
            payment = self._payment(order)
            made = self.later(payment)
            if any(key_of(each) == order.key for each in made):
                return
            charge = expanded(payment.latest_charge)
            params: stripe.params.TransferCreateParams = {
                "amount": order.amount_minor,
                "currency": order.currency.lower(),
                "destination": order.payee_reference,
                "transfer_group": str(booking_of(payment)),
                "metadata": {KEY: order.key},
            }
            # All transfers from a charge together cannot be more than the charge, those that were reversed included.
            if charge and sum(each.amount for each in made) + order.amount_minor <= charge.amount:
                params["source_transaction"] = charge.id
            self._transfers.create(params, options={"idempotency_key": order.key})

    def transfer_again(self, order: TransferOrder) -> None:
        """As `PaymentGateway.transfer_again`; the payment is the transfer's group, by which it is found again."""
        with asking("transfer again"):
            if any(key_of(each) == order.key for each in self._in_group(order.payment_reference)):
                return
            self._transfers.create(
                {
                    "amount": order.amount_minor,
                    "currency": order.currency.lower(),
                    "destination": order.payee_reference,
                    "transfer_group": order.payment_reference,
                    "metadata": {KEY: order.key},
                },
                options={"idempotency_key": order.key},
            )

    def reverse(self, order: TransferOrder) -> None:
        """As `PaymentGateway.reverse_transfer`, of the newest transfer that has anything left."""
        with asking("reverse a transfer"):
            payment = self._payment(order)
            at_once = transfer_of(payment)
            transfers = [at_once] if at_once is not None else self.later(payment)
            if any(self._is_reversed(each, order.key) for each in transfers):
                return
            left = next((each for each in transfers if each.amount > each.amount_reversed), None)
            if left is None:
                return
            params: stripe.params.TransferReversalCreateParams = {
                "amount": min(order.amount_minor, left.amount - left.amount_reversed),
                "metadata": {KEY: order.key},
            }
            if payment.application_fee_amount:
                params["refund_application_fee"] = True
            self._transfers.reversals.create(left.id, params, options={"idempotency_key": order.key})

    def _payment(self, order: TransferOrder) -> stripe.PaymentIntent:
        return self._payments.retrieve(order.payment_reference, params={"expand": MONEY})

    def _in_group(self, group: str) -> list[stripe.Transfer]:
        return list(self._transfers.list({"transfer_group": group, "limit": _PAGE}).auto_paging_iter())

    def _is_reversed(self, transfer: stripe.Transfer, key: str) -> bool:
        if not transfer.amount_reversed:
            return False
        made = self._transfers.reversals.list(transfer.id, {"limit": _PAGE})
        return any(key_of(each) == key for each in made.auto_paging_iter())


def booking_of(payment: stripe.PaymentIntent) -> UUID | None:
    """Which booking a payment is for; None if it is none of ours."""
    metadata = payment.metadata
    try:
        return UUID(str(metadata[BOOKING_ID])) if metadata and BOOKING_ID in metadata else None
    except ValueError:
        return None


def key_of(thing: stripe.TransferReversal | stripe.Transfer) -> str:
    """The key that we asked for it with; empty for what others did."""
    metadata = thing.metadata
    return str(metadata[KEY]) if metadata and KEY in metadata else ""


def _source(transfer: stripe.Transfer) -> str | None:
    source = getattr(transfer, "source_transaction", None)
    return source if source is None or isinstance(source, str) else source.id


def _named(transfer: stripe.Transfer, payment_reference: str) -> bool:
    """Whether it is from no charge, and for this payment by its key or by hand."""
    key = key_of(transfer)
    return _source(transfer) is None and (not key or key.startswith(f"payout:{payment_reference}:"))
