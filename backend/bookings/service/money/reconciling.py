"""The nightly comparison of the ledger with the provider's own list. Each difference is recorded, and the provider's
figures are stored where that is possible. It finds what no webhook event reported.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from backend.bookings.service.money.payment_events import ask_about_checkout
from backend.bookings.service.money.provider_sync import take_over
from backend.bookings.tables import BookingRow
from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.payments import repository as ledgers
from backend.payments.ports import PaymentGateway, PaymentSnapshot, RefundState
from backend.payments.tables import DifferenceRow, PaymentRow

logger = logging.getLogger(__name__)

LOOK_BACK = timedelta(days=35)
"""Payments, refunds and disputes of this time are compared: an outage of a month is noticed after it."""
SETTLING_TIME = timedelta(hours=1)
"""A payment that is newer may be missing in either list, and is no difference yet."""


@dataclass(frozen=True)
class Difference:
    """What differs about one payment; `kind` is one of payment, amount, refunds, disputes, transfers."""

    kind: str
    ours: str
    theirs: str


def compare(database: Database, gateway: PaymentGateway, snapshot: PaymentSnapshot, now: Clock) -> list[Difference]:
    """Compares one payment of the provider's with the ledger, stores its figures, and records each difference."""
    with database.read() as session:
        found = list(_differences(session, gateway.name, snapshot))
        if not ledgers.payment_known(session, gateway.name, snapshot.reference):
            found = found if snapshot.paid_at <= now() - SETTLING_TIME else []
    if not found:
        return []
    _repair(database, gateway, snapshot, now)
    with database.read() as session:
        left = {difference.kind for difference in _differences(session, gateway.name, snapshot)}
    for difference in found:
        _keep(database, gateway.name, snapshot, difference, difference.kind not in left, now())
    return found


def missing_at_provider(database: Database, gateway: PaymentGateway, seen: set[str], now: Clock) -> list[UUID]:
    """Payments of ours that the provider's list does not have; each is kept as a difference."""
    until = now() - SETTLING_TIME
    with database.read() as session:
        ours = ledgers.payments_paid_since(session, gateway.name, now() - LOOK_BACK + SETTLING_TIME, until)
    missing = [row for row in ours if row.payment_reference not in seen]
    for row in missing:
        snapshot = PaymentSnapshot(row.payment_reference, row.amount_minor, row.currency, row.booking_id, row.paid_at)
        _keep(database, gateway.name, snapshot, Difference("payment", str(row.amount_minor), "none"), False, now())
    return [row.booking_id for row in missing]


def _differences(session: Session, gateway: str, snapshot: PaymentSnapshot) -> Iterator[Difference]:
    payment = ledgers.payment_by_reference(session, gateway, snapshot.reference)
    if payment is None:
        yield Difference("payment", "none", str(snapshot.amount_minor))
        return
    for kind, ours, theirs in _compared(session, payment, snapshot):
        if ours != theirs:
            yield Difference(kind, ours, theirs)


def _compared(session: Session, payment: PaymentRow, snapshot: PaymentSnapshot) -> Iterator[tuple[str, str, str]]:
    yield "amount", f"{payment.amount_minor} {payment.currency}", f"{snapshot.amount_minor} {snapshot.currency}"
    refunds = {
        row.provider_reference: f"{row.amount_minor} {row.status}"
        for row in ledgers.refunds_of(session, payment.id)
        if row.provider_reference and row.status in (RefundState.PENDING, RefundState.DONE)
    }
    living = {
        each.reference: f"{each.amount_minor} {each.state}"
        for each in snapshot.refunds
        if each.state is not RefundState.FAILED
    }
    yield "refunds", _listed(refunds), _listed(living)
    disputes = {
        row.provider_reference: f"{row.amount_minor} {row.state}" for row in ledgers.disputes_of(session, payment.id)
    }
    yield (
        "disputes",
        _listed(disputes),
        _listed({d.reference: f"{d.amount_minor} {d.state}" for d in snapshot.disputes}),
    )
    ours = (payment.reversed_minor, payment.fee_returned_minor, payment.transferred_minor)
    theirs = (snapshot.reversed_minor, snapshot.fee_returned_minor, snapshot.transferred_minor)
    yield "transfers", "{} {} {}".format(*ours), "{} {} {}".format(*theirs)


def _listed(things: dict[str | None, str] | dict[str, str]) -> str:
    return ", ".join(f"{reference} {words}" for reference, words in sorted(things.items(), key=str))[:200]


def _repair(database: Database, gateway: PaymentGateway, snapshot: PaymentSnapshot, now: Clock) -> None:
    with database.write() as session:
        known = take_over(session, gateway.name, snapshot, now())
        booking = session.get(BookingRow, snapshot.booking_id) if snapshot.booking_id and not known else None
    if booking is not None:
        ask_about_checkout(database, gateway, booking, now)  # its checkout tells of the payment


def _keep(
    database: Database, gateway: str, snapshot: PaymentSnapshot, found: Difference, repaired: bool, now: datetime
) -> None:
    with database.write() as session:
        row = DifferenceRow(
            gateway=gateway,
            payment_reference=snapshot.reference,
            kind=found.kind,
            booking_id=snapshot.booking_id,
            ours=found.ours[:200],
            theirs=found.theirs[:200],
            repaired=repaired,
            first_found_at=now,
            last_found_at=now,
        )
        ledgers.note_difference(session, row)
    outcome = "taken over" if repaired else "somebody has to look"
    words = (found.kind, snapshot.booking_id, snapshot.reference, found.ours, found.theirs, outcome)
    logger.warning("%s of booking %s, payment %s: %s here, %s at the provider; %s", *words)
