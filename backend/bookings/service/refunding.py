"""Giving money back: what is owed is a row in the outbox; the provider is asked outside transactions and may be asked
again with the same key, whatever became of the answer."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from backend.bookings import repository
from backend.bookings.rules import PaymentEvent, PaymentStatus, next_payment_status
from backend.bookings.tables import BookingRow
from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.payments import repository as books
from backend.payments.ports import PaymentGateway, RefundOrder, RefundReading, RefundState, refund_key
from backend.payments.rules import ASK_ABOUT_REFUND_EVERY, REFUND_LEASE, RefundReason, wait_after
from backend.payments.tables import PaymentRow, RefundRow

logger = logging.getLogger(__name__)


def owe_refund(
    session: Session,
    booking: BookingRow,
    amount_minor: int,
    reason: RefundReason,
    now: datetime,
    *,
    wait: timedelta = timedelta(0),
) -> None:
    """Puts a refund of the payment that the booking stands on on its way; the booking is locked by the caller.

    Nothing happens if it is on its way already. It is sent after `wait`.
    """
    payment = books.paying(session, booking.id)
    if payment is None or books.live_refund(session, payment.id) is not None:
        return
    _move(booking, PaymentEvent.REFUND_DUE)
    put_on_the_way(session, payment, amount_minor, reason, now, wait=wait)


def postpone_refund(session: Session, booking: BookingRow, until: datetime) -> None:
    """What goes back and has not been asked for is asked for at `until` at the earliest."""
    payment = books.paying(session, booking.id)
    refund = books.live_refund(session, payment.id) if payment else None
    if refund is not None and refund.status == RefundState.PENDING and refund.provider_reference is None:
        refund.next_attempt_at = max(refund.next_attempt_at, until)


def put_on_the_way(
    session: Session,
    payment: PaymentRow,
    amount_minor: int,
    reason: RefundReason,
    now: datetime,
    *,
    wait: timedelta = timedelta(0),
) -> RefundRow:
    """The next attempt at giving this payment, or a part of it, back; the database refuses a second one beside it."""
    refund = RefundRow(
        booking_id=payment.booking_id,
        payment_id=payment.id,
        paid_minor=payment.amount_minor,
        amount_minor=amount_minor,
        reason=reason.value,
        attempt=books.last_attempt(session, payment.booking_id) + 1,
        status=RefundState.PENDING.value,
        next_attempt_at=now + wait,
        created_at=now,
    )
    session.add(refund)
    session.flush()
    return refund


def settle_refund(
    session: Session,
    gateway: str,
    key: str | None,
    reading: RefundReading,
    now: datetime,
    *,
    payment_reference: str | None = None,
) -> None:
    """Takes in what a provider says of the refund that it was asked for with `key`, by webhook or when asked.

    One that was given by hand has no key; it may have answered an attempt all the same, and may still fail. Of it
    `payment_reference` says what it gives back.

    Readings come twice, late and out of order: what is done or failed changes no more, except that a bank may return
    what was done (Stripe: a refund that succeeded can still fail), which is one more failed attempt.
    """
    asked = _attempt_of(session, gateway, key, reading, payment_reference)
    booking = repository.locked_booking(session, asked[0]) if asked else None
    refund = books.locked_refund(session, *asked) if asked else None
    payment = session.get(PaymentRow, refund.payment_id) if refund else None
    if booking is None or refund is None or payment is None or payment.gateway != gateway:
        logger.warning("a refund notice names an unknown refund")
        return
    refund.provider_reference = refund.provider_reference or reading.reference
    if reading.state is RefundState.FAILED and refund.status != RefundState.FAILED:
        _failed(session, booking, payment, refund, reading, now)
    elif refund.status != RefundState.PENDING:
        return
    elif reading.state is RefundState.DONE:
        _done(booking, payment, refund, reading, now)
    else:
        refund.next_attempt_at = now + ASK_ABOUT_REFUND_EVERY
    session.flush()
    logger.info("refund %d of booking %s is %s", refund.attempt, booking.id, refund.status)


def _attempt_of(
    session: Session, gateway: str, key: str | None, reading: RefundReading, payment_reference: str | None
) -> tuple[UUID, int] | None:
    """Which attempt stands on this refund: the one that was answered with it, else the one that asked for it."""
    asked = _asked(key) if key else None
    booking_id = asked[0] if asked else None
    if booking_id is None and payment_reference:
        booking_id = books.booking_of_payment(session, gateway, payment_reference)
    if booking_id is None or reading.reference is None:
        return asked
    attempt = books.attempt_known_as(session, booking_id, reading.reference)
    return asked if attempt is None else (booking_id, attempt)


def _asked(key: str) -> tuple[UUID, int] | None:
    kind, _, rest = key.partition(":")
    booking_id, _, attempt = rest.partition(":")
    try:
        return (UUID(booking_id), int(attempt)) if kind == "refund" else None
    except ValueError:
        return None


def _done(booking: BookingRow, payment: PaymentRow, refund: RefundRow, reading: RefundReading, now: datetime) -> None:
    refund.status, refund.settled_at = RefundState.DONE.value, now
    refund.fee_returned_minor = reading.fee_returned_minor or 0
    if payment.pays:
        _sent_again(booking)
        whole = refund.amount_minor == payment.amount_minor
        _move(booking, PaymentEvent.REFUNDED if whole else PaymentEvent.PARTIALLY_REFUNDED)


def _failed(
    session: Session,
    booking: BookingRow,
    payment: PaymentRow,
    refund: RefundRow,
    reading: RefundReading,
    now: datetime,
) -> None:
    refund.status, refund.settled_at = RefundState.FAILED.value, now
    refund.failure, refund.fee_returned_minor = (reading.failure or "unknown")[:200], None
    logger.error("refund %d of booking %s failed (%s) and is tried again", refund.attempt, booking.id, refund.failure)
    if payment.pays:
        _sent_again(booking)
        _move(booking, PaymentEvent.REFUND_FAILED)
    session.flush()  # the failed one has to make room for the next
    wait = wait_after(refund.attempt)
    put_on_the_way(session, payment, refund.amount_minor, RefundReason(refund.reason), now, wait=wait)


def _sent_again(booking: BookingRow) -> None:
    """A notice about the attempt after a failed one may come before we wrote down that it was sent."""
    if booking.payment_status == PaymentStatus.REFUND_FAILED:
        _move(booking, PaymentEvent.REFUND_DUE)


def _move(booking: BookingRow, event: PaymentEvent) -> None:
    booking.payment_status = next_payment_status(PaymentStatus(booking.payment_status), event).value


def send_refunds(database: Database, gateway: PaymentGateway, now: Clock) -> None:
    """One round: every refund that is due is asked for, or asked about. Opens its own short transactions.

    One refund's trouble does not keep the others waiting; the first failure is raised at the end.
    """
    with database.read() as session:
        due = books.due_refunds(session, gateway.name, now())
    failures = []
    for booking_id, attempt in due:
        try:
            _send(database, gateway, booking_id, attempt, now)
        except Exception as error:  # whatever it was: the lease runs out, and the same attempt is made again
            failures.append(error)
    if failures:
        raise failures[0]


def _send(database: Database, gateway: PaymentGateway, booking_id: UUID, attempt: int, now: Clock) -> None:
    with database.write() as session:
        taken = _take(session, booking_id, attempt, now())
    if taken is None:
        return  # another worker has it
    order, reference = taken
    reading = gateway.read_refund(reference) if reference else gateway.refund(order)
    with database.write() as session:
        settle_refund(session, gateway.name, order.key, reading, now())


def _take(session: Session, booking_id: UUID, attempt: int, now: datetime) -> tuple[RefundOrder, str | None] | None:
    booking = repository.locked_booking(session, booking_id)
    refund = books.locked_refund(session, booking_id, attempt)
    if booking is None or refund is None or refund.status != RefundState.PENDING or refund.next_attempt_at > now:
        return None
    payment = session.get_one(PaymentRow, refund.payment_id)
    refund.next_attempt_at = now + REFUND_LEASE
    if payment.pays:
        _sent_again(booking)
    order = RefundOrder(
        key=refund_key(booking_id, attempt),
        payment_reference=payment.payment_reference,
        amount_minor=refund.amount_minor,
        currency=payment.currency,
    )
    return order, refund.provider_reference
