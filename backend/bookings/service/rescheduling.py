"""Moving a paid booking to another free slot of the same price, in one transaction: the payment stays where it is."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.auth.rules import Account
from backend.availability.tables import SlotRow
from backend.bookings import repository
from backend.bookings.rules import BookingStatus, Terms, join_window
from backend.bookings.rules.cancellation import (
    DISPUTED,
    DifferentPrice,
    NotReschedulable,
    deadlines,
    reschedule_until,
    share_at,
)
from backend.bookings.rules.refunds import is_disputed
from backend.bookings.service.holding import check_slot_is_free, check_time_is_free, expire_overdue, flush_or_taken
from backend.bookings.service.news import booking_moved
from backend.bookings.service.policies import booked_policy
from backend.bookings.tables import BookingRow
from backend.kit.errors import NotFound


def reschedule(
    session: Session, user: Account, booking_id: UUID, slot_id: UUID, terms: Terms, now: datetime
) -> BookingRow:
    """The booking at its new time; if it is there already, as it is. The old slot is free again.

    NotFound, NotReschedulable, DifferentPrice, SlotAlreadyTaken, OverlappingSession.
    """
    seen = repository.booking_of(session, booking_id, user.id)
    if seen is None:
        raise NotFound
    repository.lock_user(session, user.id)
    session.refresh(seen)
    for each in sorted({seen.slot_id, slot_id}):  # in one order, whoever moves where: nobody waits in a circle
        repository.locked_slot(session, each)
    booking = repository.locked_booking(session, booking_id)
    if booking is None:
        raise NotFound
    if booking.slot_id == slot_id and booking.status == BookingStatus.CONFIRMED:
        return booking
    _check_may_move(booking, terms, now)
    slot = _wanted(session, booking, slot_id)
    expire_overdue(session, now, slot_id=slot.id)
    check_slot_is_free(session, user, slot, now)
    check_time_is_free(session, user, slot, now, besides=booking.id)
    _move(booking, slot, now)
    flush_or_taken(session, slot, now)
    booking_moved(session, booking, now)
    return booking


def last_chance(booking: BookingRow, terms: Terms, now: datetime) -> datetime | None:
    """Until when it may be moved; None if it may not."""
    until = deadlines(booking.starts_at, booked_policy(booking))
    opens_at = join_window(booking.starts_at, booking.ends_at, terms).opens_at
    disputed = is_disputed(booking.dispute_state)
    return reschedule_until(BookingStatus(booking.status), until, opens_at, now, disputed=disputed)


def _check_may_move(booking: BookingRow, terms: Terms, now: datetime) -> None:
    if booking.status != BookingStatus.CONFIRMED:
        raise NotReschedulable("Only a session that is paid and still to come can be moved.")
    if is_disputed(booking.dispute_state):
        raise NotReschedulable(f"{DISPUTED}, so this session cannot be moved.")
    if last_chance(booking, terms, now) is None:
        raise NotReschedulable("It is too late to move this session.")


def _wanted(session: Session, booking: BookingRow, slot_id: UUID) -> SlotRow:
    slot = repository.locked_slot(session, slot_id)
    if slot is None or slot.withdrawn_at is not None or slot.professional_id != booking.professional_id:
        raise NotFound("This time is no longer offered.")
    if slot.price_minor != booking.price_minor:
        raise DifferentPrice
    return slot


def _move(booking: BookingRow, slot: SlotRow, now: datetime) -> None:
    # What came back before the move is the most that comes back after it: moving is no way around a deadline.
    share = share_at(now, deadlines(booking.starts_at, booked_policy(booking)), booking.refund_share_cap)
    booking.refund_share_cap = min(booking.refund_share_cap, share)
    booking.moved_from = booking.starts_at
    booking.moves += 1
    booking.slot_id, booking.starts_at, booking.ends_at = slot.id, slot.starts_at, slot.ends_at
