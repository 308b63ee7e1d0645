"""What the refunds and disputes of a payment mean for its booking: pure."""

from backend.bookings.rules import PaymentEvent, PaymentStatus
from backend.payments.ports import DisputeState
from backend.payments.rules.ledger import PaymentLedger

_HEAVIEST_FIRST = (DisputeState.OPEN, DisputeState.LOST, DisputeState.WON, DisputeState.INQUIRY)

EVENT_OF = {
    PaymentStatus.PAID: PaymentEvent.REFUND_RETURNED,
    PaymentStatus.REFUND_PENDING: PaymentEvent.REFUND_DUE,
    PaymentStatus.REFUNDED: PaymentEvent.REFUNDED,
    PaymentStatus.PARTIALLY_REFUNDED: PaymentEvent.PARTIALLY_REFUNDED,
    PaymentStatus.REFUND_FAILED: PaymentEvent.REFUND_FAILED,
}
"""The event that leads to each status of a payment that was made."""


def refund_status(ledger: PaymentLedger, *, failing: bool) -> PaymentStatus:
    """How a payment stands that was made. `failing`: the last attempt failed and the next has not been sent, or will
    not be.
    """
    if ledger.done_minor >= ledger.amount_minor:
        return PaymentStatus.REFUNDED
    if failing:
        return PaymentStatus.REFUND_FAILED
    if any(not refund.done for refund in ledger.refunds):
        return PaymentStatus.REFUND_PENDING
    return PaymentStatus.PARTIALLY_REFUNDED if ledger.done_minor else PaymentStatus.PAID


def gives_all_back(ledger: PaymentLedger) -> bool:
    """Whether refunds and lost disputes have used up the whole payment."""
    refunds = sum(refund.amount_minor for refund in ledger.refunds)
    lost = sum(dispute.amount_minor for dispute in ledger.disputes if dispute.lost)
    return refunds + lost >= ledger.amount_minor


def is_disputed(dispute_state: str | None) -> bool:
    """Whether a bank keeps the booking from being joined, cancelled or moved: it has not decided, or has said yes."""
    return dispute_state in (DisputeState.OPEN, DisputeState.LOST)


def heaviest(states: set[DisputeState]) -> DisputeState | None:
    """The state that counts where a payment has several disputes: an open or lost one outweighs the others."""
    return next((state for state in _HEAVIEST_FIRST if state in states), None)
