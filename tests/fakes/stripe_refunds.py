"""Refunds and connected accounts of the fake Stripe."""

from typing import Any

from tests.fakes.stripe_disputes import TAKEN, disputes_of
from tests.fakes.stripe_ledger import PAYERS, PLATFORM, REFUND_PENDING_CARD, Object, StripeLedger, StripeRefusal

COUNTRIES = {"de", "fr", "gb", "us", "se", "ch"}
"""Where the fake opens accounts: v2 writes countries small, v1 in capitals."""


def give_refund(ledger: StripeLedger, wanted: Object) -> Object:
    """POST /v1/refunds."""
    charge = _charge(ledger, wanted["payment_intent"])
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise StripeRefusal("The charge has already been refunded", code="charge_already_refunded")
    amount = int(wanted.get("amount", left))
    if not 0 < amount <= left:
        raise StripeRefusal("The refund is more than what is left of the charge")
    if ledger.refuse_next_refund:
        code, ledger.refuse_next_refund = ledger.refuse_next_refund, None
        raise StripeRefusal("Refused", code=code)
    transfer, fee = ledger.objects.get(charge["transfer"]), ledger.objects.get(charge["application_fee"])
    if any(dispute["status"] in TAKEN for dispute in disputes_of(ledger, charge)):
        raise StripeRefusal("The charge has been charged back", code="charge_disputed")
    reversal = None
    if wanted.get("refund_application_fee") == "true" and fee is None:
        raise StripeRefusal("There is no application fee to refund")
    if wanted.get("reverse_transfer") == "true":
        if transfer is None:
            raise StripeRefusal("There is no transfer to reverse")
        reversal = reverse(ledger, transfer, amount, fee if wanted.get("refund_application_fee") == "true" else None)
    pending = charge["card"] == REFUND_PENDING_CARD
    refund = ledger.add(
        "re",
        "refund",
        amount=amount,
        currency=charge["currency"],
        charge=charge["id"],
        payment_intent=charge["payment_intent"],
        metadata=wanted.get("metadata", {}),
        status="pending" if pending else "succeeded",
        transfer_reversal=reversal["id"] if reversal else None,
    )
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    ledger.move(amount, PLATFORM, PAYERS)
    ledger.tell("refund.created", refund)
    ledger.tell("charge.refunded", charge)
    return refund


def reverse(
    ledger: StripeLedger, transfer: Object, amount: int, fee: Object | None, metadata: Object | None = None
) -> Object:
    """POST /v1/transfers/{id}/reversals, also for a refund with `reverse_transfer`; `fee` goes back by its share."""
    if not 0 < amount <= transfer["amount"] - transfer["amount_reversed"]:
        raise StripeRefusal("The transfer cannot be reversed by that much")
    transfer["amount_reversed"] += amount
    ledger.move(amount, transfer["destination"], PLATFORM)
    if fee is not None:
        # All of what is left with the last cent, else by its share, rounded down.
        whole = transfer["amount_reversed"] == transfer["amount"]
        left = fee["amount"] - fee["amount_refunded"]
        part = left if whole else min(left, fee["amount"] * amount // transfer["amount"])
        fee["amount_refunded"] += part
        ledger.move(part, PLATFORM, fee["account"])
    return ledger.add(
        "trr", "transfer_reversal", amount=amount, transfer=transfer["id"], metadata=metadata or {}, source_refund=None
    )


def settle_refund(ledger: StripeLedger, reference: str, status: str, reason: str | None = None) -> None:
    """The bank's answer comes: `succeeded`, or `failed`, even after it was `succeeded`.

    A failed refund's money is the platform's again; transfer and fee stay as they are (destination charges, "Issue
    refunds").
    """
    with ledger.lock:
        refund = ledger.get("refund", reference)
        refund["status"] = status
        if status == "failed":
            refund["failure_reason"] = reason or "expired_or_canceled_card"
            charge = ledger.objects[refund["charge"]]
            charge["amount_refunded"] -= refund["amount"]
            charge["refunded"] = False
            ledger.move(refund["amount"], PAYERS, PLATFORM)
            ledger.tell("refund.failed", refund)
        ledger.tell("refund.updated", refund)
        ledger.tell("charge.refund.updated", refund)


def reverse_by_hand(ledger: StripeLedger, reference: str, wanted: Object) -> Object:
    """POST /v1/transfers/{id}/reversals."""
    found = ledger.get("transfer", reference)
    charge = next((each for each in ledger.of_kind("charge") if each["transfer"] == reference), None)
    wants_fee = wanted.get("refund_application_fee") == "true"
    if wants_fee and (charge is None or charge["application_fee"] is None):
        raise StripeRefusal("There is no application fee to refund")
    fee = ledger.objects.get(charge["application_fee"]) if charge and wants_fee else None
    return reverse(ledger, found, int(wanted["amount"]), fee, wanted.get("metadata"))


def transfer_at_once(ledger: StripeLedger, session: str, account: str, fee: int) -> None:
    """An open session becomes what our older releases asked for: a destination charge with an application fee."""
    with ledger.lock:
        data = ledger.get("checkout.session", session)["payment_intent_data"]
        data["transfer_data"] = {"destination": account}
        data["application_fee_amount"] = fee or None


def transfer(ledger: StripeLedger, wanted: Object) -> Object:
    """POST /v1/transfers. All transfers from a charge together cannot be more than the charge, and are in its group."""
    amount, account = int(wanted["amount"]), ledger.get("account", wanted["destination"])
    destination = account["id"]
    if account["capabilities"]["transfers"] != "active":
        raise StripeRefusal("the account cannot be paid", code="insufficient_capabilities_for_transfer")
    if ledger.refuse_next_transfer:
        code, ledger.refuse_next_transfer = ledger.refuse_next_transfer, None
        raise StripeRefusal("Refused", code=code)
    if source := wanted.get("source_transaction"):
        charge = ledger.get("charge", source)
        others = [each for each in ledger.of_kind("transfer") if each.get("source_transaction") == source]
        if sum(each["amount"] for each in others) + amount > charge["amount"]:
            raise StripeRefusal("more than what is left of the charge", code="source_transaction_insufficient")
        group = ledger.objects[charge["payment_intent"]]["transfer_group"]
        if wanted.get("transfer_group", group) != group:
            raise StripeRefusal("the transfer group is not the charge's", code="transfer_group_mismatch")
    ledger.move(amount, PLATFORM, destination)
    return ledger.add(
        "tr",
        "transfer",
        amount=amount,
        amount_reversed=0,
        destination=destination,
        currency=wanted["currency"],
        transfer_group=wanted.get("transfer_group"),
        source_transaction=wanted.get("source_transaction"),
        metadata=wanted.get("metadata", {}),
    )


def _charge(ledger: StripeLedger, payment_intent: str) -> Object:
    intent = ledger.get("payment_intent", payment_intent)
    if intent["latest_charge"] is None:
        raise StripeRefusal("This payment was never made", code="payment_intent_unexpected_state")
    return ledger.objects[intent["latest_charge"]]


def open_account(ledger: StripeLedger, wanted: Object) -> Object:
    """POST /v2/core/accounts: what v1 tells of it is kept; the answer is the little that v2 tells unasked."""
    if not wanted.get("contact_email"):
        raise StripeRefusal("contact_email is required", code="parameter_missing", executed=False)
    country = wanted.get("identity", {}).get("country", "")
    if country not in COUNTRIES:
        raise StripeRefusal("this country is not supported", code="country_unsupported", executed=False)
    recipient = wanted["configuration"]["recipient"]["capabilities"]["stripe_balance"]["stripe_transfers"]
    if recipient != {"requested": True} or wanted.get("dashboard") != "express":
        raise StripeRefusal("only express recipients are known here", code="parameter_invalid", executed=False)
    account = ledger.add(
        "acct",
        "account",
        email=wanted["contact_email"],
        metadata=wanted.get("metadata", {}),
        country=country.upper(),
        details_submitted=False,
        charges_enabled=False,
        payouts_enabled=False,
        capabilities={"transfers": "inactive"},
        requirements=_requirements("individual.verification.document"),
    )
    ledger.balances[account["id"]] = 0
    return {
        "id": account["id"],
        "object": "v2.core.account",
        "livemode": False,
        "applied_configurations": ["recipient"],
    }


def finish_onboarding(ledger: StripeLedger, reference: str) -> None:
    """The professional has answered all that Stripe wants to know."""
    _set_account(ledger, reference, submitted=True, active=True)


def submit_for_review(ledger: StripeLedger, reference: str) -> None:
    """All is answered, and Stripe reviews it."""
    _set_account(ledger, reference, submitted=True, active=False)


def restrict(ledger: StripeLedger, reference: str) -> None:
    """Stripe wants something more, and pays nothing before."""
    _set_account(ledger, reference, submitted=True, active=False, due="individual.id_number")


def _set_account(
    ledger: StripeLedger, reference: str, *, submitted: bool, active: bool, due: str | None = None
) -> None:
    with ledger.lock:
        account = ledger.get("account", reference)
        account.update(
            details_submitted=submitted,
            payouts_enabled=active,
            capabilities={"transfers": "active" if active else "pending" if due is None else "inactive"},
            requirements=_requirements(*([due] if due else [])),
        )
        ledger.tell("account.updated", account)


def _requirements(*due: str) -> dict[str, Any]:
    disabled = "requirements.past_due" if due else None
    return {"currently_due": list(due), "past_due": list(due), "eventually_due": [], "disabled_reason": disabled}
