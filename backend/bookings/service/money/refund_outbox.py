"""The outbox of refunds: rows that the worker sends (`sending_refunds`), each an attempt with a key of its own.

A row is `pending` until the provider says `done` or `failed`, or `superseded` if it was no longer needed before the
provider knew of it. After a failure the next attempt is another row. The caller holds the booking's lock.
"""

import logging
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from backend.payments import repository as ledgers
from backend.payments.ports import RefundState
from backend.payments.rules import MAX_REFUND_FAILURES, RefundReason, RefundSource, wait_after
from backend.payments.tables import PaymentRow, RefundRow

logger = logging.getLogger(__name__)

SUPERSEDED = "superseded"


def enqueue(session: Session, payment: PaymentRow, now: datetime, *, whatever_failed: bool = False) -> RefundRow | None:
    """The next attempt at what is owed and not yet ordered; None if that is nothing, or has failed too often, unless an
    operator wants it `whatever_failed`.
    """
    wanted_minor = ledgers.ledger_of(session, payment).to_order_minor
    if not wanted_minor:
        return None
    failures = ledgers.failed_refunds(session, payment.id)
    if failures >= MAX_REFUND_FAILURES and not whatever_failed:
        logger.error("the refund of booking %s has failed %d times and is stuck", payment.booking_id, failures)
        return None
    reason = RefundReason(payment.owed_reason or RefundReason.SUPPORT)
    refund = add_refund(
        session,
        payment,
        wanted_minor,
        reason,
        RefundSource.OURS,
        now,
        wait=timedelta(0) if whatever_failed else wait_after(failures),
    )
    session.flush()
    return refund


def resize(session: Session, payment: PaymentRow, order: RefundRow, now: datetime) -> RefundRow | None:
    """Gives an order of which the provider knows nothing the amount that is owed now. Returns the row to send, if any.

    An order that was never sent changes its amount. One that was sent keeps it, since the provider knows its key by
    that amount: it is superseded, and another attempt takes its place.
    """
    wanted_minor = ledgers.ledger_of(session, payment, without=order).to_order_minor
    if wanted_minor == order.amount_minor:
        return order
    if wanted_minor and order.asked_at is None:
        order.amount_minor = wanted_minor
        return order
    supersede(session, order, now)  # makes room: a payment has one order at a time
    return enqueue(session, payment, now) if wanted_minor else None


def supersede(session: Session, order: RefundRow, now: datetime) -> None:
    """The order is no longer needed."""
    order.status, order.settled_at = SUPERSEDED, now
    session.flush()


def fail(refund: RefundRow, failure: str | None, now: datetime) -> None:
    """The provider has definitely failed: this attempt gives nothing back any more."""
    refund.status, refund.settled_at = RefundState.FAILED.value, now
    refund.failure = (failure or "unknown")[:200]
    logger.error("refund %d of booking %s failed (%s)", refund.attempt, refund.booking_id, refund.failure)


def add_refund(
    session: Session,
    payment: PaymentRow,
    amount_minor: int,
    reason: RefundReason,
    source: RefundSource,
    now: datetime,
    *,
    wait: timedelta = timedelta(0),
    reference: str | None = None,
) -> RefundRow:
    """A pending row. `wait`: it is not sent sooner; `reference`: the provider's, for a refund that was made there."""
    refund = RefundRow(
        booking_id=payment.booking_id,
        payment_id=payment.id,
        paid_minor=payment.amount_minor,
        amount_minor=amount_minor,
        reason=reason.value,
        source=source.value,
        attempt=ledgers.last_attempt(session, payment.booking_id) + 1,
        status=RefundState.PENDING.value,
        next_attempt_at=now + wait,
        provider_reference=reference,
        reversed_minor=0,
        created_at=now,
    )
    session.add(refund)
    return refund
