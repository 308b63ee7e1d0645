"""Everything that Stripe knows of a payment: refunds and disputes, whoever ordered them, and where the money is.

Lists of Stripe's come in pages of at most a hundred; the SDK goes through all of them.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain

import stripe

from backend.integrations.stripe.client import asking, is_unknown
from backend.integrations.stripe.refunds import refunds_of, transfer_of
from backend.integrations.stripe.snapshots import dispute_snapshot, expanded, refund_snapshot
from backend.integrations.stripe.transfers import MONEY, StripeTransfers, booking_of
from backend.payments.ports import PaymentSnapshot

_PAGE = 100


class StripeLedger:
    """The payments of one Stripe account."""

    def __init__(self, client: stripe.StripeClient, transfers: StripeTransfers) -> None:
        self._payments = client.v1.payment_intents
        self._refunds = client.v1.refunds
        self._disputes = client.v1.disputes
        self._transfers = transfers

    def read(self, reference: str) -> PaymentSnapshot | None:
        """As `PaymentGateway.read_payment`."""
        with asking("tell of a payment"):
            try:
                payment = self._payments.retrieve(reference, params={"expand": MONEY})
            except stripe.InvalidRequestError as error:
                if not is_unknown(error):
                    raise
                return None
            return self._snapshot(payment)

    def since(self, since: datetime) -> Iterator[PaymentSnapshot]:
        """As `PaymentGateway.payments_since`; what has no booking's id is not one of ours."""
        since_s = int(since.timestamp())
        seen: set[str] = set()
        with asking("list its payments"):
            listed = self._payments.list(
                {"created": {"gte": since_s}, "limit": _PAGE, "expand": [f"data.{path}" for path in MONEY]}
            )
            for payment in listed.auto_paging_iter():
                seen.add(payment.id)
                if payment.latest_charge is not None and booking_of(payment) is not None:
                    yield self._snapshot(payment)
            # What was paid long ago may have been refunded or disputed since.
            for reference in self._changed_since(since_s):
                if reference not in seen:
                    seen.add(reference)
                    snapshot = self.read(reference)
                    if snapshot is not None and snapshot.booking_id is not None:
                        yield snapshot

    def _changed_since(self, since_s: int) -> Iterator[str]:
        refunds = self._refunds.list({"created": {"gte": since_s}, "limit": _PAGE})
        disputes = self._disputes.list({"created": {"gte": since_s}, "limit": _PAGE})
        named = chain(
            (refund.payment_intent for refund in refunds.auto_paging_iter()),
            (dispute.payment_intent for dispute in disputes.auto_paging_iter()),
        )
        yield from (each for each in named if isinstance(each, str))

    def _snapshot(self, payment: stripe.PaymentIntent) -> PaymentSnapshot:
        charge = expanded(payment.latest_charge)
        transfer = transfer_of(payment)
        fee = expanded(charge.application_fee) if charge else None
        # Refunds that failed are no longer in the charge's sum, but a ledger may still take them for living.
        refunds = refunds_of(self._refunds, payment.id)
        disputes: list[stripe.Dispute] = []
        later: list[stripe.Transfer] = []
        if charge is not None and charge.disputed:
            disputes = list(self._disputes.list({"payment_intent": payment.id, "limit": _PAGE}).auto_paging_iter())
        if charge is not None and (transfer is None or charge.disputed):
            later = self._transfers.later(payment)
        return PaymentSnapshot(
            reference=payment.id,
            amount_minor=payment.amount_received,
            currency=payment.currency.upper(),
            booking_id=booking_of(payment),
            paid_at=datetime.fromtimestamp(charge.created if charge else payment.created, UTC),
            reversed_minor=transfer.amount_reversed if transfer else sum(each.amount_reversed for each in later),
            fee_returned_minor=fee.amount_refunded if fee else 0,
            transferred_minor=sum(each.amount for each in later),
            refunds=tuple(refund_snapshot(refund) for refund in reversed(refunds)),
            disputes=tuple(dispute_snapshot(dispute) for dispute in disputes),
        )
