"""Everything that Stripe knows of a payment: refunds and disputes, whoever ordered them, and where the money is.

Lists of Stripe's come in pages of at most a hundred; the SDK goes through all of them.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from uuid import UUID

import stripe

from backend.integrations.stripe_client import asking, is_unknown
from backend.integrations.stripe_readings import KEY, dispute_reading, expanded, refund_reading
from backend.integrations.stripe_refunds import refunds_of, transfer_of
from backend.payments.ports import PaymentReading, TransferOrder

BOOKING_ID = "booking_id"
"""The name in the metadata of sessions and payments under which the booking stands."""

_PAGE = 100
_MONEY = ["latest_charge.transfer", "latest_charge.application_fee"]


class StripeLedger:
    """The payments of one Stripe account."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._payments = client.v1.payment_intents
        self._refunds = client.v1.refunds
        self._disputes = client.v1.disputes
        self._transfers = client.v1.transfers

    def read(self, reference: str) -> PaymentReading | None:
        """As `PaymentGateway.read_payment`."""
        with asking("tell of a payment"):
            try:
                payment = self._payments.retrieve(reference, params={"expand": _MONEY})
            except stripe.InvalidRequestError as error:
                if not is_unknown(error):
                    raise
                return None
            return self._reading(payment)

    def since(self, since: datetime) -> Iterator[PaymentReading]:
        """As `PaymentGateway.payments_since`; what has no booking's id is not one of ours."""
        since_s = int(since.timestamp())
        seen: set[str] = set()
        with asking("list its payments"):
            listed = self._payments.list(
                {"created": {"gte": since_s}, "limit": _PAGE, "expand": [f"data.{path}" for path in _MONEY]}
            )
            for payment in listed.auto_paging_iter():
                seen.add(payment.id)
                if payment.latest_charge is not None and booking_of(payment) is not None:
                    yield self._reading(payment)
            # What was paid long ago may have been refunded or disputed since.
            for reference in self._changed_since(since_s):
                if reference not in seen:
                    seen.add(reference)
                    reading = self.read(reference)
                    if reading is not None and reading.booking_id is not None:
                        yield reading

    def _changed_since(self, since_s: int) -> Iterator[str]:
        refunds = self._refunds.list({"created": {"gte": since_s}, "limit": _PAGE})
        disputes = self._disputes.list({"created": {"gte": since_s}, "limit": _PAGE})
        named = chain(
            (refund.payment_intent for refund in refunds.auto_paging_iter()),
            (dispute.payment_intent for dispute in disputes.auto_paging_iter()),
        )
        yield from (each for each in named if isinstance(each, str))

    def reverse(self, order: TransferOrder) -> None:
        """As `PaymentGateway.reverse_transfer`. Stripe forgets keys after a day, so its own list is asked first."""
        with asking("reverse a transfer"):
            payment = self._payments.retrieve(order.payment_reference, params={"expand": _MONEY})
            transfer = transfer_of(payment)
            if transfer is None:
                return
            made = self._transfers.reversals.list(transfer.id, {"limit": _PAGE})
            left = transfer.amount - transfer.amount_reversed
            if not left or any(_key(each) == order.key for each in made.auto_paging_iter()):
                return
            params: stripe.params.TransferReversalCreateParams = {
                "amount": min(order.amount_minor, left),
                "metadata": {KEY: order.key},
            }
            if payment.application_fee_amount:
                params["refund_application_fee"] = True
            self._transfers.reversals.create(transfer.id, params, options={"idempotency_key": order.key})

    def transfer_again(self, order: TransferOrder) -> None:
        """As `PaymentGateway.transfer_again`; the payment is the transfer's group, by which it is found again."""
        with asking("transfer again"):
            if any(_key(each) == order.key for each in self._transferred_again(order.payment_reference)):
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

    def _transferred_again(self, payment_reference: str) -> list[stripe.Transfer]:
        found = self._transfers.list({"transfer_group": payment_reference, "limit": _PAGE})
        return [each for each in found.auto_paging_iter() if _key(each)]

    def _reading(self, payment: stripe.PaymentIntent) -> PaymentReading:
        charge = expanded(payment.latest_charge)
        transfer = transfer_of(payment)
        fee = expanded(charge.application_fee) if charge else None
        # Refunds that failed are no longer in the charge's sum, but a ledger may still take them for living.
        refunds = refunds_of(self._refunds, payment.id)
        disputes: list[stripe.Dispute] = []
        again: list[stripe.Transfer] = []
        if charge is not None and charge.disputed:
            disputes = list(self._disputes.list({"payment_intent": payment.id, "limit": _PAGE}).auto_paging_iter())
            again = self._transferred_again(payment.id)
        return PaymentReading(
            reference=payment.id,
            amount_minor=payment.amount_received,
            currency=payment.currency.upper(),
            booking_id=booking_of(payment),
            paid_at=datetime.fromtimestamp(charge.created if charge else payment.created, UTC),
            reversed_minor=transfer.amount_reversed if transfer else 0,
            fee_returned_minor=fee.amount_refunded if fee else 0,
            transferred_minor=sum(each.amount for each in again),
            refunds=tuple(refund_reading(refund) for refund in reversed(refunds)),
            disputes=tuple(dispute_reading(dispute) for dispute in disputes),
        )


def booking_of(payment: stripe.PaymentIntent) -> UUID | None:
    """Which booking a payment is for; None if it is none of ours."""
    metadata = payment.metadata
    try:
        return UUID(str(metadata[BOOKING_ID])) if metadata and BOOKING_ID in metadata else None
    except ValueError:
        return None


def _key(thing: stripe.TransferReversal | stripe.Transfer) -> str:
    metadata = thing.metadata
    return str(metadata[KEY]) if metadata and KEY in metadata else ""
