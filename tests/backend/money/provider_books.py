"""What a payment provider holds, read from its own books: the independent witness beside ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from backend.kit.database import Database
from backend.payments.tables import SandboxCheckoutRow, SandboxRefundRow
from tests.fakes.stripe_books import Object, StripeBooks


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
    payee: str | None
    payee_has_minor: int
    platform_has_minor: int
    refunds: tuple[GivenBack, ...]


@dataclass(frozen=True)
class ProviderBooks:
    """Every payment by reference, and the checkouts that can still be paid.

    `balances`: what each account holds in all, where the provider keeps that apart from the payments.
    """

    taken: Mapping[str, Taken]
    payable: frozenset[str]
    balances: Mapping[str, int] | None = None


def sandbox_books(database: Database, now: datetime) -> ProviderBooks:
    """The sandbox's own tables."""
    with database.read() as session:
        checkouts = session.scalars(select(SandboxCheckoutRow)).all()
        refunds = session.scalars(select(SandboxRefundRow)).all()
    taken = {row.payment_reference: _of_sandbox(row, refunds) for row in checkouts if row.payment_reference}
    payable = frozenset(row.reference for row in checkouts if row.state == "open" and now < row.expires_at)
    return ProviderBooks(taken, payable)


def _of_sandbox(paid: SandboxCheckoutRow, refunds: Sequence[SandboxRefundRow]) -> Taken:
    own = [row for row in refunds if row.payment_reference == paid.payment_reference]
    living = [row for row in own if row.state != "failed"]
    fee_back = sum(row.fee_returned_minor for row in living)
    back = sum(row.amount_minor for row in living)
    return Taken(
        reference=str(paid.payment_reference),
        booking_id=paid.booking_id,
        amount_minor=paid.amount_minor,
        currency=paid.currency,
        fee_minor=paid.fee_minor,
        payee=paid.payee_reference,
        payee_has_minor=paid.amount_minor - paid.fee_minor - (back - fee_back),
        platform_has_minor=paid.fee_minor - fee_back,
        refunds=tuple(GivenBack(row.reference, row.key, row.amount_minor, row.state) for row in own),
    )


_STATES = {"succeeded": "done", "failed": "failed", "canceled": "failed"}


def stripe_books(books: StripeBooks) -> ProviderBooks:
    """The objects and balances of the fake Stripe."""
    with books.lock:
        charges = list(books.of_kind("charge"))
        refunds = list(books.of_kind("refund"))
        taken = {charge["payment_intent"]: _of_stripe(books, charge, refunds) for charge in charges}
        sessions = books.of_kind("checkout.session")
        payable = frozenset(found["id"] for found in sessions if _can_be_paid(found, books.now()))
        return ProviderBooks(taken, payable, dict(books.balances))


def _can_be_paid(session: Object, now: int) -> bool:
    return bool(session["status"] == "open" and session["expires_at"] > now)


def _of_stripe(books: StripeBooks, charge: Object, refunds: list[Object]) -> Taken:
    intent = books.objects[charge["payment_intent"]]
    transfer = books.objects.get(charge["transfer"] or "", {"amount": 0, "amount_reversed": 0, "destination": None})
    fee = books.objects.get(charge["application_fee"] or "", {"amount": 0, "amount_refunded": 0})
    payee_has = transfer["amount"] - transfer["amount_reversed"] - fee["amount"] + fee["amount_refunded"]
    own = [refund for refund in refunds if refund["charge"] == charge["id"]]
    return Taken(
        reference=charge["payment_intent"],
        booking_id=UUID(intent["metadata"]["booking_id"]),
        amount_minor=charge["amount"],
        currency=charge["currency"].upper(),
        fee_minor=fee["amount"],
        payee=transfer["destination"],
        payee_has_minor=payee_has,
        platform_has_minor=charge["amount"] - charge["amount_refunded"] - payee_has,
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
