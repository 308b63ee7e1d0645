"""Storing what the provider says of a payment: its refunds, disputes and transfers, whoever ordered them.

Snapshots come twice, late and out of order. What is done or failed changes no more, except that a bank may return what
was done (Stripe: a refund that succeeded can still fail).
"""

import logging
from datetime import datetime

from sqlalchemy.orm import Session

from backend.bookings import repository
from backend.bookings.service.money.refund_outbox import SUPERSEDED, add_refund, fail
from backend.bookings.service.money.refunding import rebalance
from backend.bookings.service.news import refund_settled
from backend.bookings.tables import BookingRow
from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.payments import repository as ledgers
from backend.payments.ports import (
    DisputeSnapshot,
    DisputeState,
    PaymentGateway,
    PaymentSnapshot,
    RefundSnapshot,
    RefundState,
)
from backend.payments.rules import ASK_ABOUT_REFUND_EVERY, RefundReason, RefundSource
from backend.payments.rules.keys import asked_with
from backend.payments.tables import DisputeRow, PaymentRow, RefundRow

logger = logging.getLogger(__name__)


def refresh_payment(database: Database, gateway: PaymentGateway, payment_reference: str, now: Clock) -> bool:
    """Asks the provider how a payment stands and stores that; False if either side does not know the payment.

    A payment that is not in the ledger is not asked about. Opens its own short transactions.
    Raises `PaymentGatewayUnavailable`.
    """
    with database.read() as session:
        if not ledgers.payment_known(session, gateway.name, payment_reference):
            return False
    snapshot = gateway.read_payment(payment_reference)
    if snapshot is None:
        return False
    with database.write() as session:
        return take_over(session, gateway.name, snapshot, now())


def take_over(session: Session, gateway: str, snapshot: PaymentSnapshot, now: datetime) -> bool:
    """Takes a snapshot into the ledger; False if the payment is not in it."""
    found = ledgers.payment_by_reference(session, gateway, snapshot.reference)
    booking = repository.locked_booking(session, found.booking_id) if found else None
    if found is None or booking is None:
        return False
    session.refresh(found)  # as it is under the booking's lock
    apply(session, booking, found, snapshot, now)
    return True


def apply(session: Session, booking: BookingRow, payment: PaymentRow, snapshot: PaymentSnapshot, now: datetime) -> None:
    """As `take_over`, on rows whose booking the caller has locked."""
    payment.reversed_minor = max(payment.reversed_minor, snapshot.reversed_minor)
    payment.fee_returned_minor = max(payment.fee_returned_minor, snapshot.fee_returned_minor)
    payment.transferred_minor = max(payment.transferred_minor, snapshot.transferred_minor)
    for refund in snapshot.refunds:
        apply_refund(session, payment, refund, now)
    for dispute in snapshot.disputes:
        _apply_dispute(session, payment, dispute, now)
    rebalance(session, booking, payment, now)


def apply_refund(session: Session, payment: PaymentRow, snapshot: RefundSnapshot, now: datetime) -> RefundRow | None:
    """One refund of the payment, ours by its key or the provider's own. `rebalance` has to follow."""
    session.flush()
    refund = _row_of(session, payment, snapshot)
    if refund is None:
        if snapshot.state is RefundState.FAILED or snapshot.reference is None:
            return None  # it never was in the ledger, and gives nothing back
        refund = add_refund(
            session,
            payment,
            snapshot.amount_minor,
            RefundReason.SUPPORT,
            RefundSource.PROVIDER,
            now,
            reference=snapshot.reference,
        )
        logger.info("booking %s: %d cents were given back at the provider", payment.booking_id, refund.amount_minor)
    before = refund.status
    _transition(refund, snapshot, now)
    session.flush()
    if refund.status != before and refund.status in (RefundState.DONE, RefundState.FAILED):
        refund_settled(session, refund, done=refund.status == RefundState.DONE, now=now)
    return refund


def _row_of(session: Session, payment: PaymentRow, snapshot: RefundSnapshot) -> RefundRow | None:
    if snapshot.reference and (found := ledgers.refund_known_as(session, payment.id, snapshot.reference)):
        return found
    asked = asked_with(snapshot.key)
    if asked is None or asked[0] != payment.booking_id:
        return None
    refund = ledgers.locked_refund(session, *asked)
    return refund if refund is not None and refund.payment_id == payment.id else None


def _transition(refund: RefundRow, snapshot: RefundSnapshot, now: datetime) -> None:
    known = refund.provider_reference is not None
    if snapshot.state is RefundState.FAILED:
        if refund.status in (RefundState.PENDING, RefundState.DONE):
            refund.provider_reference = refund.provider_reference or snapshot.reference
            fail(refund, snapshot.failure, now)
        return
    if refund.status == RefundState.FAILED and known:
        return  # older than what is known
    refund.provider_reference = refund.provider_reference or snapshot.reference
    refund.asked_at = refund.asked_at or now
    if snapshot.amount_minor:
        refund.amount_minor = min(snapshot.amount_minor, refund.paid_minor)
    refund.reversed_minor = snapshot.reversed_minor
    if snapshot.state is RefundState.DONE:
        if refund.status != RefundState.DONE:
            refund.status, refund.settled_at, refund.failure = RefundState.DONE.value, now, None
            logger.info("refund %d of booking %s is done", refund.attempt, refund.booking_id)
    elif refund.status in (RefundState.PENDING, RefundState.FAILED, SUPERSEDED):
        # One that we had given up came about after all.
        refund.status, refund.settled_at = RefundState.PENDING.value, None
        refund.next_attempt_at = now + ASK_ABOUT_REFUND_EVERY


def _apply_dispute(session: Session, payment: PaymentRow, snapshot: DisputeSnapshot, now: datetime) -> None:
    dispute = ledgers.dispute_known_as(session, payment.gateway, snapshot.reference)
    if dispute is None:
        dispute = DisputeRow(
            gateway=payment.gateway,
            provider_reference=snapshot.reference,
            payment_id=payment.id,
            booking_id=payment.booking_id,
            amount_minor=snapshot.amount_minor,
            state=DisputeState.INQUIRY.value,
            reason=snapshot.reason[:60],
            opened_at=snapshot.opened_at,
            restored_minor=0,
        )
        session.add(dispute)
    elif dispute.state == snapshot.state and dispute.amount_minor == snapshot.amount_minor:
        return
    dispute.amount_minor, dispute.state = snapshot.amount_minor, snapshot.state.value
    closed = snapshot.state in (DisputeState.WON, DisputeState.LOST)
    dispute.closed_at = (dispute.closed_at or now) if closed else None
    if snapshot.state is not DisputeState.INQUIRY:
        dispute.transfer_due_at = now
    session.flush()
    logger.warning("the payment of booking %s is disputed: %s", payment.booking_id, snapshot.state.value)
