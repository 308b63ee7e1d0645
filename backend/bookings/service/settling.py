"""What a provider says about money becomes what it means for the booking: one function, however the notice came."""

import logging
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.bookings import repository
from backend.bookings.repository import due, holds
from backend.bookings.rules import (
    BookingStatus,
    PaymentStatus,
    Settled,
    Settlement,
    settle_failed,
    settle_paid,
)
from backend.bookings.service.holding import expire_overdue
from backend.bookings.service.refunding import balance, owe
from backend.bookings.tables import BookingRow
from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.payments import repository as ledgers
from backend.payments.ports import NoticeKind, PaymentGateway, PaymentNotice, notice_of
from backend.payments.rules import RefundReason
from backend.payments.tables import PaymentEventRow, PaymentRow, PayoutRow

logger = logging.getLogger(__name__)


def settle_payment(session: Session, notice: PaymentNotice, now: datetime) -> Settlement:
    """Takes a notice in, once: its id is stored in the same transaction as what it changes.

    A notice about no booking of ours is refused quietly, since a provider would repeat it for ever.
    """
    booking = repository.locked_with_its_slot(session, notice.booking_id)
    if booking is None:
        logger.warning("a payment notice names an unknown booking")
        return Settlement.IGNORED
    if session.get(PaymentEventRow, (notice.gateway, notice.event_id)) is not None:
        return Settlement.IGNORED
    expire_overdue(session, now, slot_id=booking.slot_id)
    settled = _settled(session, booking, notice, now)
    first = booking.payment_status != settled.payment_status
    booking.status, booking.payment_status = settled.status.value, settled.payment_status.value
    if settled.settlement is Settlement.CONFIRMED:
        booking.confirmed_at = now
    if notice.reference == booking.checkout_reference:
        booking.checkout_closed_at = booking.checkout_closed_at or now
    if settled.settlement is Settlement.FAILED:
        holds.end(session, booking.id, now)
    elif settled.settlement is not Settlement.IGNORED:
        holds.forgive(session, booking.user_id, booking.id, now)
    session.add(_event(notice, settled.settlement, now))
    session.flush()
    if settled.settlement in (Settlement.CONFIRMED, Settlement.REFUND_DUE):
        payment = _entered(session, booking, notice, pays=first)
        if settled.settlement is Settlement.REFUND_DUE:
            owe(payment, payment.amount_minor, RefundReason.NOT_CONFIRMED)
            balance(session, booking, payment, now)
    if settled.settlement is not Settlement.IGNORED:
        logger.info("booking %s: %s, now %s and %s", booking.id, settled.settlement, *_states(settled))
    return settled.settlement


def _states(settled: Settled) -> tuple[str, str]:
    return settled.status.value, settled.payment_status.value


def _settled(session: Session, booking: BookingRow, notice: PaymentNotice, now: datetime) -> Settled:
    status, payment_status = BookingStatus(booking.status), PaymentStatus(booking.payment_status)
    if notice.kind is NoticeKind.FAILED:
        return settle_failed(status, payment_status)
    if ledgers.payment_known(session, notice.gateway, _money(notice)):
        return Settled(status, payment_status, Settlement.IGNORED)  # the same money, told again under another id
    settled = settle_paid(status, payment_status, may_confirm=_may_confirm(session, booking, notice, now))
    if settled.settlement is Settlement.IGNORED:
        return Settled(status, payment_status, Settlement.REFUND_DUE)  # a second payment of what is paid already
    return settled


def _may_confirm(session: Session, booking: BookingRow, notice: PaymentNotice, now: datetime) -> bool:
    if (notice.amount_minor, notice.currency) != (booking.price_minor, booking.currency):
        logger.error("booking %s was paid with another amount than its price", booking.id)
        return False
    if booking.status == BookingStatus.HELD:
        return True
    slot = repository.locked_slot(session, booking.slot_id)
    return (
        slot is not None
        and slot.withdrawn_at is None
        and slot.starts_at > now
        and repository.occupant(session, slot.id, now) is None
        and repository.active_at_this_time(session, booking.user_id, slot, now) is None
    )


def _money(notice: PaymentNotice) -> str:
    return notice.payment_reference or notice.reference


def _entered(session: Session, booking: BookingRow, notice: PaymentNotice, *, pays: bool) -> PaymentRow:
    amount_minor = notice.amount_minor or booking.price_minor  # where the provider names none
    fee_minor = min(booking.fee_minor, amount_minor)
    payment = PaymentRow(
        booking_id=booking.id,
        gateway=notice.gateway,
        payment_reference=_money(notice),
        amount_minor=amount_minor,
        currency=notice.currency or booking.currency,
        fee_minor=fee_minor,
        transferred_at_once=notice.transferred_at_once,
        owed_minor=0,
        reversed_minor=0,
        fee_returned_minor=0,
        transferred_minor=0,
        back_minor=0,
        payee_minor=amount_minor - fee_minor,
        pays=pays,
        paid_at=notice.occurred_at,
    )
    session.add(payment)
    session.flush()
    if pays and not notice.transferred_at_once:
        session.add(
            PayoutRow(
                payment_id=payment.id,
                booking_id=booking.id,
                professional_id=booking.professional_id,
                gateway=notice.gateway,
            )
        )
        session.flush()
    return payment


def _event(notice: PaymentNotice, settlement: Settlement, now: datetime) -> PaymentEventRow:
    return PaymentEventRow(
        gateway=notice.gateway,
        event_id=notice.event_id,
        kind=notice.kind.value,
        booking_id=notice.booking_id,
        reference=notice.reference,
        payment_reference=notice.payment_reference,
        amount_minor=notice.amount_minor,
        currency=notice.currency,
        occurred_at=notice.occurred_at,
        received_at=now,
        outcome=settlement.value,
    )


def ask_about_due_checkout(database: Database, gateway: PaymentGateway, booking_id: UUID, now: Clock) -> None:
    """As `ask_about_checkout`, if it is due and no other worker is asking about it."""
    with database.write() as session:
        booking = due.claimed_checkout(session, booking_id, gateway.name, now())
    if booking is None:
        return
    again_at = None  # whoever comes after a failure need not wait for the lease to run out
    try:
        if not ask_about_checkout(database, gateway, booking, now):
            again_at = now() + due.ASK_AGAIN_AFTER
    finally:
        with database.write() as session:
            due.lease_checkout(session, booking_id, again_at)


def ask_about_checkout(database: Database, gateway: PaymentGateway, booking: BookingRow, now: Clock) -> bool:
    """Asks the provider how a booking's checkout stands and takes in what it says; closes it unless the slot is held.

    Says whether it is closed. Opens its own short transactions. Raises `PaymentGatewayUnavailable`.
    """
    if booking.checkout_reference is None:
        return True
    ask = gateway.read_checkout if booking.status == BookingStatus.HELD else gateway.expire_checkout
    event = notice_of(gateway.name, booking.id, ask(booking.checkout_reference), now())
    if event is None:
        return False
    with database.write() as session:
        settle_payment(session, event, now())
    return True
