"""Giving money back: what is owed becomes a row in the outbox, and is what is ordered less what lives already.

Every change of a payment's refunds and disputes ends in `balance`, which orders what is left and writes down what the
payment comes to. The caller holds the booking's lock.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from backend.bookings.rules import BookingEvent, BookingStatus, PaymentStatus, next_payment_status, next_status
from backend.bookings.rules.refunds import EVENT_OF, gives_all_back, heaviest, refund_status
from backend.bookings.service.money.releasing import plan_payout
from backend.bookings.tables import BookingRow
from backend.payments import repository as ledgers
from backend.payments.ports import DisputeState, RefundState
from backend.payments.rules import MAX_REFUND_FAILURES, RefundReason, RefundSource, wait_after
from backend.payments.rules.ledger import PaymentLedger
from backend.payments.tables import PaymentRow, RefundRow

logger = logging.getLogger(__name__)

SUPERSEDED = "superseded"
"""The status of an order that was no longer needed before the provider made anything of it."""


def request_refund(
    session: Session,
    booking: BookingRow,
    amount_minor: int,
    reason: RefundReason,
    now: datetime,
    *,
    not_before: datetime | None = None,
) -> None:
    """So much of the payment that pays for the booking has to go back, whatever of it is back already.

    `not_before`: the provider is not asked for it sooner.
    """
    payment = ledgers.paying(session, booking.id)
    if payment is not None:
        increase_owed(payment, amount_minor, reason)
        balance(session, booking, payment, now)
        if not_before is not None:
            postpone_refund(session, booking, not_before)


def postpone_refund(session: Session, booking: BookingRow, until: datetime) -> None:
    """What goes back and has not been asked for is asked for at `until` at the earliest."""
    payment = ledgers.paying(session, booking.id)
    ordered = ledgers.ordered_refund(session, payment.id) if payment else None
    if ordered is not None and ordered.asked_at is None:
        ordered.next_attempt_at = max(ordered.next_attempt_at, until)
        session.flush()


def plan_what_is_kept(session: Session, booking: BookingRow, now: datetime) -> None:
    """The booking is cancelled: what does not go back is paid out when it would have ended."""
    payment = ledgers.paying(session, booking.id)
    if payment is not None:
        plan_payout(session, booking, payment, now)


def increase_owed(payment: PaymentRow, amount_minor: int, reason: RefundReason) -> None:
    """What is owed only grows; the reason is that of what made it grow."""
    if amount_minor > payment.owed_minor:
        payment.owed_minor, payment.owed_reason = amount_minor, reason.value


def balance(session: Session, booking: BookingRow, payment: PaymentRow, now: datetime) -> None:
    """Orders what is owed and neither back nor on its way, takes back what is no longer needed, and writes down what
    the payment comes to.
    """
    session.flush()
    ordered = ledgers.ordered_refund(session, payment.id)
    if ordered is not None and ordered.asked_at is None:
        resize(session, payment, ordered, now)
    elif ordered is None:
        enqueue(session, payment, now)
    session.flush()
    _write_down(session, booking, payment, now)


def resize(session: Session, payment: PaymentRow, ordered: RefundRow, now: datetime) -> RefundRow | None:
    """An order of which the provider has made nothing becomes what is to be ordered now; None if that is nothing.

    One that was asked for keeps its amount, which its key stands for: another amount is another attempt.
    """
    wanted = ledgers.ledger_of(session, payment, without=ordered).to_order_minor
    if wanted == ordered.amount_minor:
        return ordered
    if wanted and ordered.asked_at is None:
        ordered.amount_minor = wanted
        return ordered
    ordered.status, ordered.settled_at = SUPERSEDED, now
    session.flush()  # makes room for the next
    return enqueue(session, payment, now) if wanted else None


def enqueue(session: Session, payment: PaymentRow, now: datetime) -> RefundRow | None:
    """The next attempt at giving back what is owed; None if nothing is left, or if it has failed too often."""
    wanted = ledgers.ledger_of(session, payment).to_order_minor
    failures = ledgers.failed_refunds(session, payment.id)
    if not wanted:
        return None
    if failures >= MAX_REFUND_FAILURES:
        logger.error("the refund of booking %s has failed %d times and is stuck", payment.booking_id, failures)
        return None
    refund = add_refund(
        session,
        payment,
        wanted,
        RefundReason(payment.owed_reason or RefundReason.SUPPORT),
        RefundSource.OURS,
        now,
        wait=wait_after(failures),
    )
    session.flush()
    return refund


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
    """A row of the outbox, on its way."""
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


def fail(refund: RefundRow, failure: str | None, now: datetime) -> None:
    """A definite failure: this attempt gives nothing back any more."""
    refund.status, refund.settled_at = RefundState.FAILED.value, now
    refund.failure = (failure or "unknown")[:200]
    logger.error("refund %d of booking %s failed (%s)", refund.attempt, refund.booking_id, refund.failure)


def _write_down(session: Session, booking: BookingRow, payment: PaymentRow, now: datetime) -> None:
    ledger = ledgers.ledger_of(session, payment)
    payment.back_minor, payment.payee_minor = ledger.back_minor, ledger.payee_minor
    if payment.pays:
        states = {DisputeState(row.state) for row in ledgers.disputes_of(session, payment.id)}
        found = heaviest(states)
        booking.dispute_state = found.value if found else None
        if booking.status == BookingStatus.CONFIRMED and gives_all_back(ledger):
            _cancel(booking, payment, now)
        refunds = ledgers.refunds_of(session, payment.id)
        _move(booking, refund_status(ledger, failing=_is_failing(refunds, ledger)))
        plan_payout(session, booking, payment, now)
    session.flush()


def _cancel(booking: BookingRow, payment: PaymentRow, now: datetime) -> None:
    """Everything went back past this program: nobody pays for the booking any more, so there is none."""
    booking.status = next_status(BookingStatus(booking.status), BookingEvent.CANCELLED).value
    booking.cancelled_at = now
    # Should what was given elsewhere fail at the bank, it is ours to give.
    increase_owed(payment, payment.amount_minor, RefundReason.SUPPORT)
    logger.info("booking %s is cancelled: its payment was given back elsewhere", booking.id)


def _is_failing(refunds: Sequence[RefundRow], ledger: PaymentLedger) -> bool:
    ours = [refund for refund in refunds if refund.source == RefundSource.OURS]
    ordered = [refund for refund in ours if refund.status == RefundState.PENDING and refund.provider_reference is None]
    if ordered:
        failed = any(refund.status == RefundState.FAILED for refund in ours)
        return failed and all(refund.asked_at is None for refund in ordered)
    return ledger.to_order_minor > 0


def _move(booking: BookingRow, status: PaymentStatus) -> None:
    before = PaymentStatus(booking.payment_status)
    if before is not status:
        booking.payment_status = next_payment_status(before, EVENT_OF[status]).value
