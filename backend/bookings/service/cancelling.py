"""Cancelling a paid booking: people see before what they get back, and it is checked again when they cancel."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.auth.rules import Account, Role
from backend.bookings import repository
from backend.bookings.rules import BookingEvent, BookingStatus, next_status, status_at
from backend.bookings.rules.cancellation import (
    WHOLE,
    Deadlines,
    changes_at,
    deadlines,
    may_cancel,
    part_of,
    share_at,
)
from backend.bookings.rules.refunds import is_disputed
from backend.bookings.service.money.refunding import pay_out_what_is_kept, request_refund
from backend.bookings.service.news import booking_cancelled
from backend.bookings.service.policies import booked_policy
from backend.bookings.tables import BookingRow
from backend.kit.errors import NotFound
from backend.payments.rules import RefundReason

_REASONS = {Role.USER: RefundReason.USER_CANCELLED, Role.PROFESSIONAL: RefundReason.PROFESSIONAL_CANCELLED}


@dataclass(frozen=True)
class Cancellation:
    """What cancelling gives back now; `changes_at`: the last instant at which it does, None if always."""

    booking: BookingRow
    by: Role
    share: int
    refund_minor: int
    until: Deadlines
    changes_at: datetime | None


def cancellation(session: Session, account: Account, booking_id: UUID, now: datetime) -> Cancellation:
    """What one of its two people would see before cancelling; NotFound, NotCancellable."""
    booking = repository.booking_of(session, booking_id, account.id)
    if booking is None:
        raise NotFound
    return _possible(booking, account.role, now)


def _possible(booking: BookingRow, by: Role, now: datetime) -> Cancellation:
    status = status_at(BookingStatus(booking.status), booking.hold_expires_at, now)
    disputed = is_disputed(booking.dispute_state)
    may_cancel(by, status, booking.starts_at, booking.ends_at, now, disputed=disputed)
    until = deadlines(booking.starts_at, booked_policy(booking))
    user = by is Role.USER
    share = share_at(now, until, booking.refund_share_cap) if user else WHOLE
    return Cancellation(
        booking=booking,
        by=by,
        share=share,
        refund_minor=part_of(booking.price_minor, share),
        until=until,
        changes_at=changes_at(now, until, booking.refund_share_cap) if user else None,
    )


def cancel(
    session: Session, account: Account, booking_id: UUID, now: datetime
) -> tuple[BookingRow, Cancellation | None]:
    """The locked booking and what cancelling it gives back; None instead of that if it is cancelled already.

    NotFound, NotCancellable. The caller compares the amount with what the person was shown, then calls `carry_out`.
    """
    seen = repository.booking_of(session, booking_id, account.id)
    booking = repository.locked_with_its_slot(session, booking_id) if seen else None
    if booking is None:
        raise NotFound
    if booking.status == BookingStatus.CANCELLED and booking.cancelled_at is not None:
        return booking, None
    return booking, _possible(booking, account.role, now)


def carry_out(session: Session, wanted: Cancellation, now: datetime) -> None:
    """Cancels the booking and requests the refund.

    A professional who cancels cannot come at that time, so the slot is withdrawn too; the user's is free again.
    """
    booking = wanted.booking
    booking.status = next_status(BookingStatus(booking.status), BookingEvent.CANCELLED).value
    booking.cancelled_at, booking.cancelled_by = now, wanted.by.value
    if wanted.by is Role.PROFESSIONAL:
        slot = repository.locked_slot(session, booking.slot_id)
        if slot is not None:
            slot.withdrawn_at = slot.withdrawn_at or now
    session.flush()
    if wanted.refund_minor:
        request_refund(session, booking, wanted.refund_minor, _REASONS[wanted.by], now)
    pay_out_what_is_kept(session, booking, now)
    booking_cancelled(session, booking, wanted.refund_minor, now)
