"""What Stripe's objects say, in the port's words: pure.

The objects are those of https://docs.stripe.com/api in the version that the SDK pins.
"""

from datetime import UTC, datetime
from typing import TypeVar

import stripe
from stripe.checkout import Session as CheckoutSession

from backend.payments.ports import (
    CheckoutSnapshot,
    CheckoutState,
    ConnectedAccountSnapshot,
    ConnectedAccountState,
    DisputeSnapshot,
    DisputeState,
    RefundSnapshot,
    RefundState,
)

KEY = "refund_key"
"""The name in a refund's metadata under which our own key for it stands."""

Expandable = TypeVar("Expandable", bound=stripe.StripeObject)

# A delayed payment that failed leaves its session complete and its intent waiting for another card, which never comes.
_CANNOT_BE_PAID = {"requires_payment_method", "canceled"}
_REFUND_STATES = {
    "succeeded": RefundState.DONE,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
}

# An inquiry takes nothing yet. One that was prevented was settled by a refund, which is in the list of refunds.
_DISPUTE_STATES = {
    "warning_needs_response": DisputeState.INQUIRY,
    "warning_under_review": DisputeState.INQUIRY,
    "warning_closed": DisputeState.WON,
    "prevented": DisputeState.WON,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
}


def expanded(value: str | Expandable | None) -> Expandable | None:
    """The object where Stripe was asked to expand it; None for a bare id or nothing."""
    return None if value is None or isinstance(value, str) else value


def checkout_snapshot(session: CheckoutSession) -> CheckoutSnapshot:
    """How a session stands whose `payment_intent.latest_charge` is expanded. Money is what was received, not asked."""
    intent = expanded(session.payment_intent)
    if session.payment_status == "paid" and intent is not None:
        charge = expanded(intent.latest_charge)
        return CheckoutSnapshot(
            session.id,
            CheckoutState.PAID,
            payment_reference=intent.id,
            amount_minor=intent.amount_received,
            currency=intent.currency.upper(),
            paid_at=datetime.fromtimestamp(charge.created if charge else intent.created, UTC),
            transferred_at_once=getattr(intent, "transfer_data", None) is not None,
        )
    lost = session.status == "complete" and intent is not None and intent.status in _CANNOT_BE_PAID
    if session.status == "expired" or lost:
        return CheckoutSnapshot(session.id, CheckoutState.EXPIRED)
    return CheckoutSnapshot(session.id, CheckoutState.OPEN)


def refund_state(refund: stripe.Refund) -> RefundState:
    """An unknown status is taken for one that is on its way: it will be asked about again."""
    return _REFUND_STATES.get(refund.status or "", RefundState.PENDING)


def refund_snapshot(refund: stripe.Refund) -> RefundSnapshot:
    """How a refund stands whose `transfer_reversal` is expanded."""
    state = refund_state(refund)
    metadata = refund.metadata
    reversal = expanded(getattr(refund, "transfer_reversal", None))
    return RefundSnapshot(
        refund.id,
        state,
        failure=_failure(refund) if state is RefundState.FAILED else None,
        amount_minor=refund.amount,
        key=str(metadata[KEY]) if metadata and KEY in metadata else None,
        reversed_minor=reversal.amount if reversal is not None else 0,
    )


def dispute_snapshot(dispute: stripe.Dispute) -> DisputeSnapshot:
    """How a dispute stands: https://docs.stripe.com/disputes/how-disputes-work. An unknown status takes the money."""
    return DisputeSnapshot(
        dispute.id,
        _DISPUTE_STATES.get(dispute.status, DisputeState.OPEN),
        dispute.amount,
        dispute.reason,
        datetime.fromtimestamp(dispute.created, UTC),
    )


def _failure(refund: stripe.Refund) -> str:
    reason = getattr(refund, "failure_reason", None)
    return str(reason or refund.status)


def connected_account_snapshot(account: stripe.Account) -> ConnectedAccountSnapshot:
    """Whether transfers to the account work and leave it: https://docs.stripe.com/connect/account-capabilities."""
    country = getattr(account, "country", None)
    capabilities = account.capabilities
    transfers = getattr(capabilities, "transfers", None) if capabilities else None
    if transfers == "active" and account.payouts_enabled:
        return ConnectedAccountSnapshot(account.id, ConnectedAccountState.READY, country)
    wanted = account.requirements
    if account.details_submitted and wanted and (wanted.currently_due or wanted.past_due or wanted.disabled_reason):
        return ConnectedAccountSnapshot(account.id, ConnectedAccountState.RESTRICTED, country)
    return ConnectedAccountSnapshot(account.id, ConnectedAccountState.PENDING, country)
