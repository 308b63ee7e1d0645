"""Disputes of the fake Stripe: a payer tells their bank, the bank takes the money and decides.

https://docs.stripe.com/disputes/how-disputes-work; without the fee that Stripe takes for each.
"""

from tests.fakes.stripe_ledger import PAYERS, PLATFORM, Object, StripeLedger, StripeRefusal

TAKEN = {"needs_response", "under_review", "lost"}
"""The statuses in which the bank has the money."""


def open_dispute(
    ledger: StripeLedger, payment_intent: str, amount: int | None = None, *, inquiry: bool = False
) -> Object:
    """Of all that is left, unless `amount` says less; an inquiry takes nothing."""
    with ledger.lock:
        charge = ledger.objects[ledger.get("payment_intent", payment_intent)["latest_charge"]]
        left = charge["amount"] - charge["amount_refunded"] - taken_from(ledger, charge)
        if left <= 0 or any(dispute["status"] in TAKEN for dispute in disputes_of(ledger, charge)):
            raise StripeRefusal("There is nothing to dispute")
        dispute = ledger.add(
            "dp",
            "dispute",
            amount=min(amount or left, left),
            currency=charge["currency"],
            charge=charge["id"],
            payment_intent=payment_intent,
            reason="fraudulent",
            status="warning_needs_response" if inquiry else "needs_response",
            is_charge_refundable=inquiry,
            metadata={},
        )
        charge["disputed"] = True
        ledger.tell("charge.dispute.created", dispute)
        if not inquiry:
            _withdraw(ledger, dispute)
        return dispute


def decide_dispute(ledger: StripeLedger, reference: str, status: str) -> None:
    """The bank goes on: `needs_response` makes a dispute of an inquiry, `under_review`, `won`, `lost`,
    `warning_closed`.
    """
    with ledger.lock:
        dispute = ledger.get("dispute", reference)
        before, dispute["status"] = dispute["status"], status
        ledger.tell("charge.dispute.updated", dispute)
        if before not in TAKEN and status in TAKEN:
            _withdraw(ledger, dispute)
        if before in TAKEN and status not in TAKEN:
            ledger.move(dispute["amount"], PAYERS, PLATFORM)
            ledger.tell("charge.dispute.funds_reinstated", dispute)
        if status in ("won", "lost", "warning_closed"):
            ledger.tell("charge.dispute.closed", dispute)


def _withdraw(ledger: StripeLedger, dispute: Object) -> None:
    ledger.move(dispute["amount"], PLATFORM, PAYERS)
    ledger.tell("charge.dispute.funds_withdrawn", dispute)


def disputes_of(ledger: StripeLedger, charge: Object) -> list[Object]:
    """All disputes about a charge, the newest first."""
    return [dispute for dispute in ledger.of_kind("dispute") if dispute["charge"] == charge["id"]]


def taken_from(ledger: StripeLedger, charge: Object) -> int:
    """What banks have of a charge."""
    return sum(dispute["amount"] for dispute in disputes_of(ledger, charge) if dispute["status"] in TAKEN)
