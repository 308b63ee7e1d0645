"""Payouts: one worker claims a payout, compares it with what the provider has transferred, and orders the rest.

The provider is asked outside transactions. An unknown outcome keeps its key: the next snapshot shows what was moved,
and the same key moves it once. Another amount, and a definite failure, is another attempt.
"""

import logging
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.bookings import repository
from backend.bookings.service.money.provider_sync import apply
from backend.bookings.service.money.releasing import plan_payout
from backend.bookings.tables import BookingRow
from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.payments import repository as ledgers
from backend.payments.ports import PaymentGateway, PaymentGatewayRefused, PaymentSnapshot, TransferOrder
from backend.payments.repository import payouts
from backend.payments.rules import ASK_ABOUT_ACCOUNT_EVERY, MAX_PAYOUT_FAILURES, PAYOUT_LEASE, PayoutHold, payout_wait
from backend.payments.rules.keys import payout_key
from backend.payments.service import ready_account, update_connected_account
from backend.payments.tables import PaymentRow, PayoutRow

logger = logging.getLogger(__name__)


def pay_out(database: Database, gateway: PaymentGateway, payment_id: UUID, now: Clock) -> None:
    """Moves what is due of one payment, if anything is. Opens its own short transactions.

    Nothing happens while another worker has it. Raises `PaymentGatewayUnavailable`: the lease runs out, and the same
    attempt is made again. After a definite refusal it is tried again hours later, five times in all.
    """
    with database.write() as session:
        payment_reference = _claim(session, payment_id, now())
    if payment_reference is None:
        return
    snapshot = gateway.read_payment(payment_reference)
    with database.write() as session:
        order = _order(session, payment_id, snapshot, now())
    if order is None:
        return
    moved, comes_back = order
    try:
        (gateway.reverse_transfer if comes_back else gateway.pay_out)(moved)
    except PaymentGatewayRefused as refusal:
        with database.write() as session:
            _refused(session, payment_id, str(refusal), now())
        raise
    after = gateway.read_payment(payment_reference)
    with database.write() as session:
        _note(session, payment_id, after, now())


def ask_about_account(
    database: Database, gateway: PaymentGateway, professional_id: UUID, account: str, now: Clock
) -> None:
    """Asks whether an account that keeps payouts on hold can be paid by now, and stores the answer.

    Raises `PaymentGatewayUnavailable`.
    """
    with database.write() as session:
        payouts.ask_later(session, professional_id, gateway.name, now() + ASK_ABOUT_ACCOUNT_EVERY)
    snapshot = gateway.read_connected_account(account)
    with database.write() as session:
        update_connected_account(session, gateway.name, snapshot, now())


def _claim(session: Session, payment_id: UUID, now: datetime) -> str | None:
    """Leases the payout to this worker. The payment's reference; None if another has it or nothing is due."""
    payout = payouts.claimed_payout(session, payment_id, now)
    if payout is None:
        return None
    payout.not_before = payout.due_at = now + PAYOUT_LEASE
    return session.get_one(PaymentRow, payment_id).payment_reference


def _locked(session: Session, payment_id: UUID) -> tuple[BookingRow, PaymentRow, PayoutRow] | None:
    found = session.get_one(PaymentRow, payment_id)
    booking = repository.locked_booking(session, found.booking_id)
    payment = session.get_one(PaymentRow, payment_id, populate_existing=True)
    payout = payouts.payout_of(session, payment_id)
    return (booking, payment, payout) if booking is not None and payout is not None else None


def _order(
    session: Session, payment_id: UUID, snapshot: PaymentSnapshot | None, now: datetime
) -> tuple[TransferOrder, bool] | None:
    """What is to be transferred by the provider's own figures, and whether it comes back; None if nothing is."""
    locked = _locked(session, payment_id)
    if locked is None:
        return None
    booking, payment, payout = locked
    if snapshot is not None:
        apply(session, booking, payment, snapshot, now)
    plan_payout(session, booking, payment, now)
    if payout.due_at is None:
        return None  # moved already, or something has opened meanwhile; what closes it plans again
    wanted = ledgers.ledger_of(session, payment).to_pay_out_minor
    account = ready_account(session, booking.professional_id, payment.gateway)
    if booking.payee_reference is None or (wanted > 0 and account != booking.payee_reference):
        payout.hold, payout.due_at = PayoutHold.ACCOUNT.value, None
        logger.warning("the payout of booking %s is on hold: its account cannot be paid", booking.id)
        return None
    if payout.asked_minor not in (None, wanted):
        payout.attempt += 1
    payout.asked_minor = wanted
    order = TransferOrder(
        key=payout_key(payment.payment_reference, payout.attempt),
        payment_reference=payment.payment_reference,
        amount_minor=abs(wanted),
        currency=payment.currency,
        payee_reference=booking.payee_reference,
    )
    return order, wanted < 0


def _refused(session: Session, payment_id: UUID, failure: str, now: datetime) -> None:
    locked = _locked(session, payment_id)
    if locked is None:
        return
    booking, payment, payout = locked
    payout.failures += 1
    payout.attempt, payout.asked_minor = payout.attempt + 1, None
    payout.hold, payout.failure = PayoutHold.REFUSED.value, failure[:200]
    payout.not_before = now + payout_wait(payout.failures)
    plan_payout(session, booking, payment, now)
    if payout.failures >= MAX_PAYOUT_FAILURES:
        logger.error("the payout of booking %s has failed %d times and is stuck", booking.id, payout.failures)


def _note(session: Session, payment_id: UUID, snapshot: PaymentSnapshot | None, now: datetime) -> None:
    """The provider has done what was asked."""
    locked = _locked(session, payment_id)
    if locked is None:
        return
    booking, payment, payout = locked
    payout.attempt, payout.asked_minor = payout.attempt + 1, None
    payout.failures, payout.hold, payout.failure, payout.not_before = 0, None, None, None
    if snapshot is not None:
        apply(session, booking, payment, snapshot, now)
    plan_payout(session, booking, payment, now)
    logger.info("the professional's part of booking %s is %d cents", booking.id, payment.payee_minor)
