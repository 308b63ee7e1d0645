"""What a provider's event about a payment means for the booking: one function, by webhook or because we asked."""

import logging
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.bookings import repository
from backend.bookings.repository import due, holds
from backend.bookings.rules import (
    BookingStatus,
    PaymentEffect,
    PaymentOutcome,
    PaymentStatus,
    effect_of_failure,
    effect_of_payment,
)
from backend.bookings.service.holding import expire_overdue
from backend.bookings.service.money.refunding import increase_owed, rebalance
from backend.bookings.service.news import booking_confirmed
from backend.bookings.tables import BookingRow
from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.payments import repository as ledgers
from backend.payments.ports import PaymentGateway, ProviderEvent, ProviderEventKind, event_of
from backend.payments.rules import RefundReason
from backend.payments.tables import PaymentEventRow, PaymentRow, PayoutRow

logger = logging.getLogger(__name__)


def apply_payment_event(session: Session, event: ProviderEvent, now: datetime) -> PaymentOutcome:
    """Applies an event once: its id is stored in the same transaction as what it changes.

    An event about no booking of ours is ignored: if it were refused, the provider would send it for ever.
    """
    booking = repository.locked_with_its_slot(session, event.booking_id)
    if booking is None:
        logger.warning("a payment event names an unknown booking")
        return PaymentOutcome.IGNORED
    if session.get(PaymentEventRow, (event.gateway, event.event_id)) is not None:
        return PaymentOutcome.IGNORED
    expire_overdue(session, now, slot_id=booking.slot_id)
    effect = _effect_of(session, booking, event, now)
    first = booking.payment_status != effect.payment_status
    booking.status, booking.payment_status = effect.status.value, effect.payment_status.value
    if effect.outcome is PaymentOutcome.CONFIRMED:
        booking.confirmed_at = now
    if event.reference == booking.checkout_reference:
        booking.checkout_closed_at = booking.checkout_closed_at or now
    if effect.outcome is PaymentOutcome.FAILED:
        holds.end(session, booking.id, now)
    elif effect.outcome is not PaymentOutcome.IGNORED:
        holds.forgive(session, booking.user_id, booking.id, now)
    session.add(_event_row(event, effect.outcome, now))
    session.flush()
    if effect.outcome in (PaymentOutcome.CONFIRMED, PaymentOutcome.REFUND_DUE):
        payment = _entered(session, booking, event, pays=first)
        _follow(session, booking, payment, effect.outcome, now)
    if effect.outcome is not PaymentOutcome.IGNORED:
        logger.info("booking %s: %s, now %s and %s", booking.id, effect.outcome, *_states(effect))
    return effect.outcome


def _follow(session: Session, booking: BookingRow, payment: PaymentRow, outcome: PaymentOutcome, now: datetime) -> None:
    """What money that came in brings about."""
    if outcome is PaymentOutcome.CONFIRMED:
        booking_confirmed(session, booking, now)
        return
    increase_owed(payment, payment.amount_minor, RefundReason.NOT_CONFIRMED)
    rebalance(session, booking, payment, now)


def _states(effect: PaymentEffect) -> tuple[str, str]:
    return effect.status.value, effect.payment_status.value


def _effect_of(session: Session, booking: BookingRow, event: ProviderEvent, now: datetime) -> PaymentEffect:
    status, payment_status = BookingStatus(booking.status), PaymentStatus(booking.payment_status)
    if event.kind is ProviderEventKind.FAILED:
        return effect_of_failure(status, payment_status)
    if ledgers.payment_known(session, event.gateway, _money(event)):
        return PaymentEffect(
            status, payment_status, PaymentOutcome.IGNORED
        )  # the same payment, sent again under another event id
    effect = effect_of_payment(status, payment_status, may_confirm=_may_confirm(session, booking, event, now))
    if effect.outcome is PaymentOutcome.IGNORED:
        return PaymentEffect(
            status, payment_status, PaymentOutcome.REFUND_DUE
        )  # a second payment of what is paid already
    return effect


def _may_confirm(session: Session, booking: BookingRow, event: ProviderEvent, now: datetime) -> bool:
    if (event.amount_minor, event.currency) != (booking.price_minor, booking.currency):
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


def _money(event: ProviderEvent) -> str:
    return event.payment_reference or event.reference


def _entered(session: Session, booking: BookingRow, event: ProviderEvent, *, pays: bool) -> PaymentRow:
    amount_minor = event.amount_minor or booking.price_minor  # where the provider names none
    fee_minor = min(booking.fee_minor, amount_minor)
    payment = PaymentRow(
        booking_id=booking.id,
        gateway=event.gateway,
        payment_reference=_money(event),
        amount_minor=amount_minor,
        currency=event.currency or booking.currency,
        fee_minor=fee_minor,
        transferred_at_once=event.transferred_at_once,
        owed_minor=0,
        reversed_minor=0,
        fee_returned_minor=0,
        transferred_minor=0,
        back_minor=0,
        payee_minor=amount_minor - fee_minor,
        pays=pays,
        paid_at=event.occurred_at,
    )
    session.add(payment)
    session.flush()
    if pays and not event.transferred_at_once:
        session.add(
            PayoutRow(
                payment_id=payment.id,
                booking_id=booking.id,
                professional_id=booking.professional_id,
                gateway=event.gateway,
            )
        )
        session.flush()
    return payment


def _event_row(event: ProviderEvent, outcome: PaymentOutcome, now: datetime) -> PaymentEventRow:
    return PaymentEventRow(
        gateway=event.gateway,
        event_id=event.event_id,
        kind=event.kind.value,
        booking_id=event.booking_id,
        reference=event.reference,
        payment_reference=event.payment_reference,
        amount_minor=event.amount_minor,
        currency=event.currency,
        occurred_at=event.occurred_at,
        received_at=now,
        outcome=outcome.value,
    )


def ask_about_due_checkout(database: Database, gateway: PaymentGateway, booking_id: UUID, now: Clock) -> None:
    """`ask_about_checkout`, if that is due and no other worker is doing it."""
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
    event = event_of(gateway.name, booking.id, ask(booking.checkout_reference), now())
    if event is None:
        return False
    with database.write() as session:
        apply_payment_event(session, event, now())
    return True
