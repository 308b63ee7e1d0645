"""What a payment provider holds, read from its own ledger: the independent witness beside ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from backend.integrations.sandbox.ledger import OUTSIDE
from backend.kit.database import Database
from backend.payments.tables import SandboxCheckoutRow, SandboxDisputeRow, SandboxRefundRow, SandboxTransferRow
from tests.fakes.stripe_disputes import disputes_of, taken_from
from tests.fakes.stripe_ledger import Object, StripeLedger


@dataclass(frozen=True)
class GivenBack:
    """One refund that the provider made; `state` in the port's words."""

    reference: str
    key: str
    amount_minor: int
    state: str

    @property
    def lives(self) -> bool:
        """Whether it takes money from us: it has not failed."""
        return self.state != "failed"


@dataclass(frozen=True)
class Taken:
    """One payment that the provider took, with where its cents are now."""

    reference: str
    booking_id: UUID
    amount_minor: int
    currency: str
    fee_minor: int
    connected_account: str | None
    professional_has_minor: int
    platform_has_minor: int
    refunds: tuple[GivenBack, ...]
    disputed_minor: int = 0
    is_disputed: bool = False
    is_touched: bool = False
    transferred_later_minor: int = 0
    """`disputed_minor`: what banks have; `is_touched`: somebody has moved money of it past us, or a bank has;
    `transferred_later_minor`: what ever went to the professional later than the payment was made.
    """


@dataclass(frozen=True)
class ProviderLedger:
    """Every payment by reference, and the checkouts that can still be paid.

    `balances`: what each account holds in all, where the provider keeps that apart from the payments.
    """

    taken: Mapping[str, Taken]
    payable: frozenset[str]
    balances: Mapping[str, int] | None = None


def sandbox_books(database: Database, now: datetime) -> ProviderLedger:
    """The sandbox's own tables."""
    with database.read() as session:
        checkouts = session.scalars(select(SandboxCheckoutRow)).all()
        refunds = session.scalars(select(SandboxRefundRow)).all()
        disputes = session.scalars(select(SandboxDisputeRow)).all()
        transfers = session.scalars(select(SandboxTransferRow)).all()
    taken = {
        row.payment_reference: _of_sandbox(row, refunds, disputes, transfers)
        for row in checkouts
        if row.payment_reference
    }
    payable = frozenset(row.reference for row in checkouts if row.state == "open" and now < row.expires_at)
    return ProviderLedger(taken, payable)


def _of_sandbox(
    paid: SandboxCheckoutRow,
    refunds: Sequence[SandboxRefundRow],
    disputes: Sequence[SandboxDisputeRow],
    transfers: Sequence[SandboxTransferRow],
) -> Taken:
    own = [row for row in refunds if row.payment_reference == paid.payment_reference]
    living = [row for row in own if row.state != "failed"]
    moved = [row for row in transfers if row.payment_reference == paid.payment_reference]
    reversals = [row for row in moved if row.kind == "reversal"]
    about = [row for row in disputes if row.payment_reference == paid.payment_reference]
    disputed = sum(row.amount_minor for row in about if row.state in ("open", "lost"))
    fee_back = sum(row.fee_returned_minor for row in living) + sum(row.fee_returned_minor for row in reversals)
    taken_back = sum(row.reversed_minor or 0 for row in living) + sum(row.amount_minor for row in reversals)
    forth = sum(row.amount_minor for row in moved if row.kind != "reversal")
    at_once = paid.amount_minor - paid.fee_minor if paid.transferred_at_once else 0
    professional_has = at_once - taken_back + fee_back + forth
    back = sum(row.amount_minor for row in living) + disputed
    return Taken(
        reference=str(paid.payment_reference),
        booking_id=paid.booking_id,
        amount_minor=paid.amount_minor,
        currency=paid.currency,
        fee_minor=paid.fee_minor,
        connected_account=paid.payee_reference,
        professional_has_minor=professional_has,
        transferred_later_minor=forth,
        platform_has_minor=paid.amount_minor - back - professional_has,
        refunds=tuple(
            GivenBack(row.reference, "" if row.key.startswith(OUTSIDE) else row.key, row.amount_minor, row.state)
            for row in own
        ),
        disputed_minor=disputed,
        is_disputed=any(row.state == "open" for row in about),
        is_touched=bool(about) or any(row.key.startswith(OUTSIDE) for row in own),
    )


def _is_later(charge: Object, intent: Object, transfer: Object) -> bool:
    """Whether a transfer of this payment is another than the one that was made with it."""
    if transfer["id"] == charge["transfer"]:
        return False
    key = transfer["metadata"].get("refund_key", "")
    of_it = transfer["source_transaction"] == charge["id"] or key.startswith(f"payout:{intent['id']}:")
    return bool(of_it or transfer["transfer_group"] == intent["id"])


_STATES = {"succeeded": "done", "failed": "failed", "canceled": "failed"}


def stripe_ledger(ledger: StripeLedger) -> ProviderLedger:
    """The objects and balances of the fake Stripe."""
    with ledger.lock:
        charges = list(ledger.of_kind("charge"))
        refunds = list(ledger.of_kind("refund"))
        taken = {charge["payment_intent"]: _of_stripe(ledger, charge, refunds) for charge in charges}
        sessions = ledger.of_kind("checkout.session")
        payable = frozenset(found["id"] for found in sessions if _can_be_paid(found, ledger.now()))
        return ProviderLedger(taken, payable, dict(ledger.balances))


def _can_be_paid(session: Object, now: int) -> bool:
    return bool(session["status"] == "open" and session["expires_at"] > now)


def _of_stripe(ledger: StripeLedger, charge: Object, refunds: list[Object]) -> Taken:
    intent = ledger.objects[charge["payment_intent"]]
    transfer = ledger.objects.get(charge["transfer"] or "", {"amount": 0, "amount_reversed": 0, "destination": None})
    fee = ledger.objects.get(charge["application_fee"] or "", {"amount": 0, "amount_refunded": 0})
    later = [each for each in ledger.of_kind("transfer") if _is_later(charge, intent, each)]
    again = sum(each["amount"] - each["amount_reversed"] for each in later)
    disputes = disputes_of(ledger, charge)
    disputed = taken_from(ledger, charge)
    professional_has = again + transfer["amount"] - transfer["amount_reversed"] - fee["amount"] + fee["amount_refunded"]
    own = [refund for refund in refunds if refund["charge"] == charge["id"]]
    return Taken(
        reference=charge["payment_intent"],
        booking_id=UUID(intent["metadata"]["booking_id"]),
        amount_minor=charge["amount"],
        currency=charge["currency"].upper(),
        fee_minor=fee["amount"],
        connected_account=transfer["destination"],
        professional_has_minor=professional_has,
        transferred_later_minor=sum(each["amount"] for each in later),
        platform_has_minor=charge["amount"] - charge["amount_refunded"] - disputed - professional_has,
        disputed_minor=disputed,
        is_disputed=any(each["status"] in ("needs_response", "under_review") for each in disputes),
        is_touched=bool(disputes) or any("refund_key" not in refund["metadata"] for refund in own),
        refunds=tuple(
            GivenBack(
                found["id"],
                found["metadata"].get("refund_key", ""),
                found["amount"],
                _STATES.get(found["status"], "pending"),
            )
            for found in own
        ),
    )
