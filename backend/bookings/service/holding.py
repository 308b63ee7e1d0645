"""Holding a slot while it is being paid, and giving it back."""

from datetime import datetime
from hashlib import sha256
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.auth import repository as accounts
from backend.auth.rules import Account
from backend.auth.rules.codes import check_verified
from backend.availability.rules import Span, span_words
from backend.availability.tables import SlotRow
from backend.bookings import repository
from backend.bookings.repository import holds
from backend.bookings.repository.slots import next_free
from backend.bookings.rules import (
    IDEMPOTENCY_KEYS_KEPT,
    MAX_HOLDS_PER_USER,
    BookingEvent,
    BookingStatus,
    IdempotencyKeyReused,
    NotHeld,
    OverlappingSession,
    PaymentStatus,
    ProfessionalNotReady,
    SlotAlreadyTaken,
    Terms,
    TooManyHolds,
    next_status,
    status_at,
)
from backend.bookings.rules.fairness import Origin
from backend.bookings.service import fairness
from backend.bookings.service.policies import policy_of
from backend.bookings.service.showing import free_slot
from backend.bookings.tables import ONE_PER_SLOT, BookingRow, IdempotencyKeyRow
from backend.kit.database import violated_constraint
from backend.kit.errors import NotFound
from backend.kit.money import CURRENCY
from backend.payments.ports import Checkout, CheckoutOrder
from backend.payments.rules import platform_fee
from backend.payments.service import bookable_account

NEXT_FREE = 3


def request_hash(slot_id: UUID) -> str:
    """What was asked, so that a key that comes again with another request is noticed."""
    return sha256(f"POST /sessions/book {slot_id}".encode()).hexdigest()


def asked_before(session: Session, user: Account, key: str, slot_id: UUID, now: datetime) -> IdempotencyKeyRow | None:
    """What this key was used for in the last day; IdempotencyKeyReused if that was something else."""
    found = repository.idempotency_key(session, user.id, key, now - IDEMPOTENCY_KEYS_KEPT)
    if found is not None and found.request_hash != request_hash(slot_id):
        raise IdempotencyKeyReused
    return found


def hold_slot(
    session: Session,
    user: Account,
    slot_id: UUID,
    *,
    key: str | None,
    gateway: str,
    terms: Terms,
    now: datetime,
    origin: Origin | None = None,
) -> BookingRow:
    """The slot becomes this user's for `terms.hold_length`, until it starts at the latest.

    If the key made a booking before, that one. `origin`: where the request comes from; without it nobody is slowed.

    NotFound, SlotAlreadyTaken, OverlappingSession, TooManyHolds, ProfessionalNotReady, IdempotencyKeyReused,
    TooManyAttempts: the last only where everything else would let the user hold the slot. EmailNotVerified.
    """
    check_verified(user.email_verified)
    repository.lock_user(session, user.id)
    if key and (earlier := asked_before(session, user, key, slot_id, now)):
        return session.get_one(BookingRow, earlier.booking_id)
    if origin:
        holds.lock_network(session, origin)
    slot = repository.locked_slot(session, slot_id)
    if slot is None or slot.withdrawn_at is not None:
        raise NotFound("This time is no longer offered.")
    expire_overdue(session, now, slot_id=slot.id)
    check_slot_is_free(session, user, slot, now)
    _check_user_may_hold(session, user, slot, now)
    booking = _new_hold(session, user, slot, gateway, terms, now)
    if origin:
        fairness.check_account(session, user.id, now, terms.support_contact)
        fairness.check_line(session, slot.professional_id, origin, now)
    session.add(booking)
    flush_or_taken(session, slot, now)
    if origin:
        holds.note(session, booking, origin)
    if key:
        session.add(
            IdempotencyKeyRow(
                account_id=user.id,
                key=key,
                request_hash=request_hash(slot_id),
                booking_id=booking.id,
                created_at=now,
            )
        )
        session.flush()
    return booking


def check_slot_is_free(session: Session, user: Account, slot: SlotRow, now: datetime) -> None:
    """SlotAlreadyTaken if it is anyone's, or has begun; OverlappingSession if it is theirs."""
    occupant = repository.occupant(session, slot.id, now)
    if occupant is not None and occupant.user_id == user.id:
        held = occupant.status == BookingStatus.HELD
        raise OverlappingSession(f"You {'are already holding' if held else 'have already booked'} this time.")
    if occupant is not None:
        raise _taken(session, slot, now)
    if slot.starts_at <= now:
        raise _taken(session, slot, now, "This time has already begun.")


def _check_user_may_hold(session: Session, user: Account, slot: SlotRow, now: datetime) -> None:
    check_time_is_free(session, user, slot, now)
    if repository.holds_of(session, user.id, now) >= MAX_HOLDS_PER_USER:
        raise TooManyHolds


def check_time_is_free(
    session: Session, user: Account, slot: SlotRow, now: datetime, *, besides: UUID | None = None
) -> None:
    """OverlappingSession if the user has another booking than `besides` at the slot's time."""
    other = repository.active_at_this_time(session, user.id, slot, now, besides=besides)
    if other is not None:
        words = span_words(Span(other.starts_at, other.ends_at), ZoneInfo(user.time_zone))
        raise OverlappingSession(f"You already have a session at this time: {words}.")


def _new_hold(session: Session, user: Account, slot: SlotRow, gateway: str, terms: Terms, now: datetime) -> BookingRow:
    policy = policy_of(session, slot.professional_id)
    account = bookable_account(session, slot.professional_id, gateway, terms.payout_countries)
    if account is None or accounts.is_blocked(session, slot.professional_id):
        raise ProfessionalNotReady
    return BookingRow(
        slot_id=slot.id,
        professional_id=slot.professional_id,
        user_id=user.id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        time_zone=repository.zone_of(session, slot.professional_id),
        price_minor=slot.price_minor,
        currency=CURRENCY,
        status=BookingStatus.HELD.value,
        payment_status=PaymentStatus.PENDING.value,
        # Whoever pays after the start would pay for what is partly over, or for nothing.
        hold_expires_at=min(now + terms.hold_length, slot.starts_at),
        created_at=now,
        gateway=gateway,
        fee_minor=platform_fee(slot.price_minor, terms.platform_fee_basis_points),
        payee_reference=account,
        policy_full_until_min=policy.full_until_min,
        policy_half_until_min=policy.half_until_min,
    )


def flush_or_taken(session: Session, slot: SlotRow, now: datetime) -> None:
    """Flushes; SlotAlreadyTaken if the database's constraint says that somebody else was faster."""
    try:
        with session.begin_nested():
            session.flush()
    except IntegrityError as error:
        if violated_constraint(error) != ONE_PER_SLOT:
            raise
        raise _taken(session, slot, now) from error


def _taken(session: Session, slot: SlotRow, now: datetime, detail: str | None = None) -> SlotAlreadyTaken:
    others = next_free(session, slot, now, NEXT_FREE)
    return SlotAlreadyTaken(detail, extra={"next_free": [free_slot(other).model_dump(mode="json") for other in others]})


def expire_overdue(session: Session, now: datetime, *, slot_id: UUID | None = None) -> int:
    """Sets holds that have run out to expired, as they count already; those of one slot, or the oldest hundred."""
    overdue = repository.overdue_holds(session, now, slot_id=slot_id)
    for booking in overdue:
        booking.status = next_status(BookingStatus(booking.status), BookingEvent.HOLD_RAN_OUT).value
    # Before anything else is written: the slot's one place has to be empty for whoever comes next.
    session.flush()
    return len(overdue)


def order_for(session: Session, user: Account, booking: BookingRow) -> CheckoutOrder:
    """What the payment page asks for, in words and in the payer's own time."""
    professional = repository.names_of(session, [booking.professional_id])[booking.professional_id]
    zone = ZoneInfo(user.time_zone)
    place = user.time_zone.rpartition("/")[2].replace("_", " ")
    return CheckoutOrder(
        booking_id=booking.id,
        amount_minor=booking.price_minor,
        currency=booking.currency,
        title=f"Session with {professional}",
        when=f"{span_words(Span(booking.starts_at, booking.ends_at), zone)} ({place})",
        expires_at=booking.hold_expires_at,
    )


def keep_checkout(session: Session, booking_id: UUID, checkout: Checkout) -> BookingRow:
    """Where the hold is paid. Kept even if the hold has ended meanwhile, so that the checkout gets closed."""
    booking = repository.locked_booking(session, booking_id)
    if booking is None:
        raise NotFound
    booking.checkout_reference, booking.checkout_url = checkout.reference, checkout.url
    session.flush()
    return booking


def give_up(session: Session, user: Account, booking_id: UUID, key: str | None, now: datetime) -> None:
    """Nothing can be paid just now: the hold is given back and the key forgotten, so that trying again works.

    Not if the same request, sent twice, has got its checkout the other time: that one may be being paid.
    """
    booking = repository.locked_booking(session, booking_id)
    if booking is not None and booking.checkout_reference is not None:
        return
    if booking is not None and booking.status == BookingStatus.HELD:
        booking.status = next_status(BookingStatus.HELD, BookingEvent.CANCELLED).value
    holds.forget(session, booking_id)  # it ended for our reasons, not for the user's
    if key and (found := repository.idempotency_key(session, user.id, key, now - IDEMPOTENCY_KEYS_KEPT)):
        session.delete(found)
    session.flush()


def release(session: Session, user: Account, booking_id: UUID, now: datetime) -> BookingRow:
    """The user backs out before paying; NotFound, NotHeld."""
    booking = repository.locked_booking(session, booking_id)
    if booking is None or booking.user_id != user.id:
        raise NotFound
    give_back(session, booking, now)
    return booking


def give_back(session: Session, booking: BookingRow, now: datetime) -> None:
    """Ends a hold, whoever wants it; NotHeld. Its checkout is closed by the caller, or by the worker. The caller locks
    the booking.
    """
    status = status_at(BookingStatus(booking.status), booking.hold_expires_at, now)
    if status is not BookingStatus.HELD:
        raise NotHeld
    booking.status = next_status(status, BookingEvent.CANCELLED).value
    holds.end(session, booking.id, now)
    session.flush()
