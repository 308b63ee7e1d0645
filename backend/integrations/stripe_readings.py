"""What Stripe's objects say, in the port's words: pure.

The objects are those of https://docs.stripe.com/api in the version that the SDK pins.
"""

from datetime import UTC, datetime
from typing import TypeVar

import stripe
from stripe.checkout import Session as CheckoutSession

from backend.payments.ports import (
    CheckoutReading,
    CheckoutState,
    PayeeReading,
    PayeeState,
    RefundReading,
    RefundState,
)

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


def expanded(value: str | Expandable | None) -> Expandable | None:
    """The object where Stripe was asked to expand it; None for a bare id or nothing."""
    return None if value is None or isinstance(value, str) else value


def checkout_reading(session: CheckoutSession) -> CheckoutReading:
    """How a session stands whose `payment_intent.latest_charge` is expanded. Money is what was received, not asked."""
    intent = expanded(session.payment_intent)
    if session.payment_status == "paid" and intent is not None:
        charge = expanded(intent.latest_charge)
        return CheckoutReading(
            session.id,
            CheckoutState.PAID,
            payment_reference=intent.id,
            amount_minor=intent.amount_received,
            currency=intent.currency.upper(),
            paid_at=datetime.fromtimestamp(charge.created if charge else intent.created, UTC),
        )
    lost = session.status == "complete" and intent is not None and intent.status in _CANNOT_BE_PAID
    if session.status == "expired" or lost:
        return CheckoutReading(session.id, CheckoutState.EXPIRED)
    return CheckoutReading(session.id, CheckoutState.OPEN)


def refund_state(refund: stripe.Refund) -> RefundState:
    """An unknown status is taken for one that is on its way: it will be asked about again."""
    return _REFUND_STATES.get(refund.status or "", RefundState.PENDING)


def refund_reading(refund: stripe.Refund) -> RefundReading:
    """How a refund stands whose `charge.application_fee` is expanded.

    The fee object tells what was given back of the fee in all; a payment of ours has one refund at most that counts.
    """
    state = refund_state(refund)
    charge = expanded(refund.charge)
    fee = expanded(charge.application_fee) if charge else None
    return RefundReading(
        refund.id,
        state,
        failure=_failure(refund) if state is RefundState.FAILED else None,
        fee_returned_minor=(fee.amount_refunded if fee else 0) if state is RefundState.DONE else None,
    )


def _failure(refund: stripe.Refund) -> str:
    reason = getattr(refund, "failure_reason", None)
    return str(reason or refund.status)


def payee_reading(account: stripe.Account) -> PayeeReading:
    """Whether transfers to the account work and leave it: https://docs.stripe.com/connect/account-capabilities."""
    capabilities = account.capabilities
    transfers = getattr(capabilities, "transfers", None) if capabilities else None
    if transfers == "active" and account.payouts_enabled:
        return PayeeReading(account.id, PayeeState.READY)
    wanted = account.requirements
    if account.details_submitted and wanted and (wanted.currently_due or wanted.past_due or wanted.disabled_reason):
        return PayeeReading(account.id, PayeeState.RESTRICTED)
    return PayeeReading(account.id, PayeeState.PENDING)
