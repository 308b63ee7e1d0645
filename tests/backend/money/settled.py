"""What must hold in the end: no fault is left, all webhook events have arrived, and the worker
has had its rounds. Each violation is a sentence.
"""

from collections.abc import Iterator

from backend.bookings.tables import BookingRow
from backend.payments.tables import PaymentRow
from tests.backend.money.invariants import STANDING, OurLedger, due_back, is_stuck
from tests.backend.money.provider_ledger import ProviderLedger


def unsettled(ours: OurLedger, theirs: ProviderLedger) -> list[str]:
    """Everything that has not come to its end although it should have, or does not add up to the cent."""
    return [
        *(wrong for booking in ours.bookings for wrong in _unfinished(ours, booking, theirs)),
        *(wrong for payment in ours.payments for wrong in _unequal(ours, payment, theirs)),
        *_strangers(ours, theirs),
        *_balances(ours, theirs),
    ]


def _unfinished(ours: OurLedger, row: BookingRow, theirs: ProviderLedger) -> Iterator[str]:
    name = f"booking {row.id} ({row.status}, {row.payment_status})"
    if row.payment_status == "refund_failed" and not any(is_stuck(ours, each) for each in ours.paying.get(row.id, [])):
        yield f"{name} waits for its refund for ever"
    if row.status == "held":
        yield f"{name} is held for ever"
    if row.payment_status == "refund_pending":
        yield f"{name} waits for its refund for ever"
    if row.payment_status == "pending" and row.checkout_reference is not None:
        yield f"{name} waits for its payment for ever"
    if row.status not in STANDING and row.checkout_reference in theirs.payable:
        yield f"{name} can still be paid"


def _unequal(ours: OurLedger, payment: PaymentRow, theirs: ProviderLedger) -> Iterator[str]:
    name = f"payment {payment.payment_reference}"
    booking, taken = ours.by_id[payment.booking_id], theirs.taken[payment.payment_reference]
    due = due_back(booking) if payment.pays else payment.amount_minor
    back = sum(row.amount_minor for row in ours.refunds_of(payment) if row.status == "done")
    back += sum(row.amount_minor for row in ours.disputes_of(payment))
    given = sum(refund.amount_minor for refund in taken.refunds if refund.state == "done") + taken.disputed_minor
    elsewhere = sum(row.amount_minor for row in ours.outside(payment)) + taken.disputed_minor
    if back != given:
        yield f"{name}: {back} is back in our ledger, {given} at the provider"
    # Others may give more than is owed, before or after us; we never add to what they gave beyond what is owed.
    most = min(payment.amount_minor, due + elsewhere)
    least = 0 if is_stuck(ours, payment) or taken.is_disputed else max(due, elsewhere)
    if not least <= given <= most:
        yield f"{name}: {due} is due back, {elsewhere} went back elsewhere, and {given} is back"
    has = (payment.payee_minor, payment.amount_minor - payment.back_minor - payment.payee_minor)
    if has != (taken.professional_has_minor, taken.platform_has_minor):
        yield (
            f"{name}: professional and platform have {has} in our ledger,"
            f" {(taken.professional_has_minor, taken.platform_has_minor)} at the provider"
        )
    if not payment.transferred_at_once:
        share = fair_share(payment, max(given, payment.owed_minor))  # transferred + fee + back == paid
        if taken.professional_has_minor != (share if payment.pays else 0):
            yield f"{name}: the professional has {taken.professional_has_minor}, and {share} is theirs in the end"
    elif not taken.is_touched and taken.professional_has_minor != fair_share(payment, given):
        yield f"{name}: the professional has {taken.professional_has_minor}, not their share of what was kept"


def fair_share(payment: PaymentRow, given: int) -> int:
    """What the professional keeps where so much went back: all but the fee, each by its share."""
    fee_back = payment.fee_minor * given // payment.amount_minor
    return payment.amount_minor - given - (payment.fee_minor - fee_back)


def _strangers(ours: OurLedger, theirs: ProviderLedger) -> Iterator[str]:
    known = {payment.payment_reference for payment in ours.payments}
    for reference in theirs.taken.keys() - known:
        yield f"the provider took {reference} and our ledger do not know"


def _balances(ours: OurLedger, theirs: ProviderLedger) -> Iterator[str]:
    """The accounts as sums of our own ledger alone, against what the provider says each holds."""
    if theirs.balances is None:
        return
    expected: dict[str, int] = dict.fromkeys(theirs.balances, 0)
    for payment in ours.payments:
        connected_account = str(ours.by_id[payment.booking_id].payee_reference)
        expected["payers"] -= payment.amount_minor - payment.back_minor
        expected["platform"] += payment.amount_minor - payment.back_minor - payment.payee_minor
        expected[connected_account] = expected.get(connected_account, 0) + payment.payee_minor
    if expected != dict(theirs.balances):
        yield f"balances are {expected} in our ledger and {dict(theirs.balances)} at the provider"
