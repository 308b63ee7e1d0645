"""Sending refunds: one worker claims a refund, compares it with the provider's own refunds, and orders what is missing.

The provider is asked outside transactions and may be asked again with the same key, whatever became of the answer.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.bookings import repository
from backend.bookings.service.money.provider_sync import apply, apply_refund
from backend.bookings.service.money.refund_outbox import resize, supersede
from backend.bookings.service.money.refunding import rebalance
from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.payments import repository as ledgers
from backend.payments.ports import (
    PaymentGateway,
    PaymentSnapshot,
    RefundOrder,
    RefundSnapshot,
    RefundState,
)
from backend.payments.rules import REFUND_LEASE
from backend.payments.rules.keys import refund_key
from backend.payments.tables import PaymentRow


def send_refund(database: Database, gateway: PaymentGateway, booking_id: UUID, attempt: int, now: Clock) -> None:
    """Asks for one refund that is due, or about it if the provider knows it. Opens its own short transactions.

    Nothing happens while another worker has it. Raises `PaymentGatewayUnavailable`: the lease runs out, and the same
    attempt is made again.
    """
    with database.write() as session:
        payment_reference = _claim(session, booking_id, attempt, now())
    if payment_reference is None:
        return
    snapshot = gateway.read_payment(payment_reference)
    with database.write() as session:
        order = _order(session, booking_id, attempt, snapshot, now())
    if order is None:
        return
    answer = gateway.refund(order)
    # What the professional and the platform have now is known of the payment alone.
    after = gateway.read_payment(payment_reference) if answer.state is not RefundState.FAILED else None
    with database.write() as session:
        _apply_answer(session, booking_id, attempt, answer, after, now())


def _claim(session: Session, booking_id: UUID, attempt: int, now: datetime) -> str | None:
    """Leases the refund to this worker. The payment's reference; None if another has it or nothing is due."""
    repository.locked_booking(session, booking_id)
    refund = ledgers.locked_refund(session, booking_id, attempt)
    if refund is None or refund.status != RefundState.PENDING or refund.next_attempt_at > now:
        return None
    refund.next_attempt_at = now + REFUND_LEASE
    return session.get_one(PaymentRow, refund.payment_id).payment_reference


def _order(
    session: Session, booking_id: UUID, attempt: int, snapshot: PaymentSnapshot | None, now: datetime
) -> RefundOrder | None:
    """What is still to be ordered after the provider's own refunds are stored; None if nothing is."""
    booking = repository.locked_booking(session, booking_id)
    refund = ledgers.locked_refund(session, booking_id, attempt)
    if booking is None or refund is None:
        return None
    payment = session.get_one(PaymentRow, refund.payment_id, populate_existing=True)
    if snapshot is not None:
        apply(session, booking, payment, snapshot, now)
    if refund.status != RefundState.PENDING or refund.provider_reference is not None:
        return None
    kept = resize(session, payment, refund, now)
    if kept is refund:
        refund.asked_at = refund.asked_at or now
    rebalance(session, booking, payment, now)
    if kept is not refund:
        return None  # nothing is left, or another attempt is made of it
    return RefundOrder(
        key=refund_key(booking_id, attempt),
        payment_reference=payment.payment_reference,
        amount_minor=refund.amount_minor,
        currency=payment.currency,
        kept_minor=ledgers.ledger_of(session, payment).disputed_minor,
        known=frozenset(
            row.provider_reference for row in ledgers.refunds_of(session, payment.id) if row.provider_reference
        ),
    )


def _apply_answer(
    session: Session,
    booking_id: UUID,
    attempt: int,
    answer: RefundSnapshot,
    after: PaymentSnapshot | None,
    now: datetime,
) -> None:
    """The provider's answer to an order. It may be another attempt's refund, which came about after all."""
    booking = repository.locked_booking(session, booking_id)
    refund = ledgers.locked_refund(session, booking_id, attempt)
    if booking is None or refund is None:
        return
    payment = session.get_one(PaymentRow, refund.payment_id, populate_existing=True)
    own = answer.reference is None or answer.key == refund_key(booking_id, attempt)
    if not own and refund.status == RefundState.PENDING and refund.provider_reference is None:
        supersede(session, refund, now)
    if answer.reference is None and refund.status == RefundState.PENDING:
        answer = RefundSnapshot(None, answer.state, answer.failure, key=refund_key(booking_id, attempt))
    apply_refund(session, payment, answer, now)
    if after is not None:
        apply(session, booking, payment, after, now)
    else:
        rebalance(session, booking, payment, now)
