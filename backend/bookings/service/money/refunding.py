"""Giving money back: a request says how much is owed, and `rebalance` does what follows from that.

    a cancellation, a missed booking, money that confirmed nothing
        request_refund              what is owed grows
        rebalance                   orders what is owed and neither back nor on its way: a row of `refund_outbox`
    the worker
        sending_refunds             claims the row and asks the provider
    the provider, by its answer, a webhook, or its own list at night
        provider_sync               the row is done or failed, and then: rebalance

`rebalance` computes everything from the payment's rows, so these may come in any order, and twice. It follows every
change of a payment's refunds and disputes. The caller holds the booking's lock.
"""

import logging
from datetime import datetime

from sqlalchemy.orm import Session

from backend.bookings.rules import BookingEvent, BookingStatus, PaymentStatus, next_payment_status, next_status
from backend.bookings.rules.refunds import EVENT_OF, gives_all_back, heaviest, refund_status
from backend.bookings.service.money.refund_outbox import enqueue, resize
from backend.bookings.service.money.releasing import plan_payout
from backend.bookings.service.news import booking_cancelled
from backend.bookings.tables import BookingRow
from backend.payments import repository as ledgers
from backend.payments.ports import DisputeState, RefundState
from backend.payments.rules import RefundReason, RefundSource
from backend.payments.rules.ledger import PaymentLedger
from backend.payments.tables import PaymentRow

logger = logging.getLogger(__name__)


def request_refund(
    session: Session,
    booking: BookingRow,
    amount_minor: int,
    reason: RefundReason,
    now: datetime,
    *,
    not_before: datetime | None = None,
) -> None:
    """`amount_minor` of the booking's payment has to go back, counting what is back already.

    `not_before`: the provider is not asked for it sooner. Nothing happens to a booking that was never paid.
    """
    payment = ledgers.paying(session, booking.id)
    if payment is None:
        return
    increase_owed(payment, amount_minor, reason)
    rebalance(session, booking, payment, now)
    if not_before is not None:
        postpone_refund(session, booking, not_before)


def settle_refund(
    session: Session, booking: BookingRow, amount_minor: int, reason: RefundReason, now: datetime
) -> None:
    """`amount_minor` is what goes back in the end, also where that is less than was requested before, and it is sent
    now. What is back already stays back.
    """
    payment = ledgers.paying(session, booking.id)
    if payment is None:
        return
    done_minor = ledgers.ledger_of(session, payment).done_minor
    payment.owed_minor, payment.owed_reason = max(amount_minor, done_minor), reason.value
    rebalance(session, booking, payment, now)
    order = ledgers.ordered_refund(session, payment.id)
    if order is not None and order.asked_at is None:
        order.next_attempt_at = now
        session.flush()


def increase_owed(payment: PaymentRow, amount_minor: int, reason: RefundReason) -> None:
    """What is owed is `amount_minor` if that is more than before. The reason is that of the last increase."""
    if amount_minor > payment.owed_minor:
        payment.owed_minor, payment.owed_reason = amount_minor, reason.value


def postpone_refund(session: Session, booking: BookingRow, until: datetime) -> None:
    """A refund that was ordered and not yet sent is not sent before `until`."""
    payment = ledgers.paying(session, booking.id)
    order = ledgers.ordered_refund(session, payment.id) if payment else None
    if order is not None and order.asked_at is None:
        order.next_attempt_at = max(order.next_attempt_at, until)
        session.flush()


def pay_out_what_is_kept(session: Session, booking: BookingRow, now: datetime) -> None:
    """Of a cancelled booking, what does not go back is paid out at the time at which it would have ended."""
    payment = ledgers.paying(session, booking.id)
    if payment is not None:
        plan_payout(session, booking, payment, now)


def rebalance(session: Session, booking: BookingRow, payment: PaymentRow, now: datetime) -> None:
    """Orders the refund that is missing, corrects one that was not sent yet, and updates payment and booking."""
    session.flush()
    order = ledgers.ordered_refund(session, payment.id)
    if order is None:
        enqueue(session, payment, now)
    elif order.asked_at is None:
        resize(session, payment, order, now)
    session.flush()
    ledger = ledgers.ledger_of(session, payment)
    payment.back_minor, payment.payee_minor = ledger.back_minor, ledger.payee_minor
    if payment.pays:
        _update_booking(session, booking, payment, ledger, now)
    session.flush()


def _update_booking(
    session: Session, booking: BookingRow, payment: PaymentRow, ledger: PaymentLedger, now: datetime
) -> None:
    dispute = heaviest({DisputeState(row.state) for row in ledgers.disputes_of(session, payment.id)})
    booking.dispute_state = dispute.value if dispute else None
    if booking.status == BookingStatus.CONFIRMED and gives_all_back(ledger):
        _cancel_without_payment(session, booking, payment, now)
    _set_payment_status(booking, refund_status(ledger, failing=_is_failing(session, payment, ledger)))
    plan_payout(session, booking, payment, now)


def _cancel_without_payment(session: Session, booking: BookingRow, payment: PaymentRow, now: datetime) -> None:
    """Somebody gave everything back at the provider, so nobody pays for the booking any more."""
    booking.status = next_status(BookingStatus(booking.status), BookingEvent.CANCELLED).value
    booking.cancelled_at = now
    # If that refund fails at the bank, we have to give the money back.
    increase_owed(payment, payment.amount_minor, RefundReason.SUPPORT)
    booking_cancelled(session, booking, payment.amount_minor, now)
    logger.info("booking %s is cancelled: its payment was given back elsewhere", booking.id)


def _set_payment_status(booking: BookingRow, status: PaymentStatus) -> None:
    before = PaymentStatus(booking.payment_status)
    if before is not status:
        booking.payment_status = next_payment_status(before, EVENT_OF[status]).value


def _is_failing(session: Session, payment: PaymentRow, ledger: PaymentLedger) -> bool:
    """Whether an attempt of ours has failed and the next one waits to be sent, or none follows."""
    ours = [refund for refund in ledgers.refunds_of(session, payment.id) if refund.source == RefundSource.OURS]
    orders = [refund for refund in ours if refund.status == RefundState.PENDING and refund.provider_reference is None]
    if not orders:
        return ledger.to_order_minor > 0
    failed_before = any(refund.status == RefundState.FAILED for refund in ours)
    return failed_before and all(order.asked_at is None for order in orders)
