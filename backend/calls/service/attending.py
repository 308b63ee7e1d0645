"""What is known of who was there: kept as it is told and seen, and decided upon when the session is over."""

import logging
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.auth.rules import Role
from backend.bookings import repository as bookings
from backend.bookings.rules import Absent, BookingEvent, BookingStatus, next_status
from backend.bookings.service.refunding import request_refund
from backend.bookings.tables import BookingRow
from backend.calls import repository
from backend.calls.ports import Attendee, NoticeKind, RoomNotice
from backend.calls.rules import role_of, session_of
from backend.calls.rules.attendance import AttendanceLimits, Evidence, Stay, absent
from backend.calls.tables import LiveKitEventRow, StayRow, WatchRow
from backend.payments.rules import RefundReason

logger = logging.getLogger(__name__)


def take_notice(session: Session, notice: RoomNotice, now: datetime) -> None:
    """Takes in a webhook, once. Leaving may be told before joining; rooms and people that are not ours are ignored."""
    session_id, role = session_of(notice.room_name), role_of(notice.attendee.identity)
    booking = bookings.locked_booking(session, session_id) if session_id and role else None
    if booking is None or role is None or repository.event_known(session, notice.event_id):
        return
    session.add(LiveKitEventRow(event_id=notice.event_id, received_at=now))
    left_at = notice.occurred_at if notice.kind is NoticeKind.LEFT else None
    _seen(session, booking.id, role, notice.attendee, notice.occurred_at, left_at)
    session.flush()


def look(
    session: Session, booking_id: UUID, attendees: Iterable[Attendee], now: datetime, limits: AttendanceLimits
) -> None:
    """Keeps what a list of the room's participants, asked for at `now`, says; looks without a gap are one watch."""
    if bookings.locked_booking(session, booking_id) is None:
        return
    for attendee in attendees:
        if role := role_of(attendee.identity):
            _seen(session, booking_id, role, attendee, now, None)
    watch = repository.last_watch(session, booking_id)
    if watch is not None and now - watch.until_at <= limits.gap:
        watch.until_at = max(watch.until_at, now)
    else:
        session.add(WatchRow(booking_id=booking_id, began_at=now, until_at=now))
    session.flush()


def _seen(
    session: Session, booking_id: UUID, role: Role, attendee: Attendee, at: datetime, left_at: datetime | None
) -> None:
    stay = repository.stay(session, attendee.sid)
    if stay is None:
        joined_at = min(attendee.joined_at, at)
        stay = StayRow(
            participant_sid=attendee.sid, booking_id=booking_id, role=role.value, joined_at=joined_at, last_seen_at=at
        )
        session.add(stay)
    stay.last_seen_at = max(stay.last_seen_at, at)
    stay.left_at = stay.left_at or left_at


def decide(session: Session, limits: AttendanceLimits, now: datetime) -> int:
    """Sessions that are over: who came, and what follows. The oldest hundred; says how many.

    A professional who did not come means everything back; where nobody could see, nobody is held to have been away.
    """
    ended = bookings.ended_sessions(session, now - limits.after)
    for booking in ended:
        who = absent(booking.starts_at, booking.ends_at, _evidence(session, booking), limits)
        missed = who in (Absent.PROFESSIONAL, Absent.USER, Absent.BOTH)
        event = BookingEvent.MISSED if missed else BookingEvent.ENDED
        booking.status, booking.absent = next_status(BookingStatus(booking.status), event).value, who.value
        session.flush()
        if who is Absent.PROFESSIONAL:
            request_refund(session, booking, booking.price_minor, RefundReason.PROFESSIONAL_ABSENT, now)
        logger.info("session %s is over; absent: %s", booking.id, who.value)
    return len(ended)


def _evidence(session: Session, booking: BookingRow) -> Evidence:
    stays = [
        Stay(Role(row.role), row.joined_at, row.last_seen_at, row.left_at)
        for row in repository.stays_of(session, booking.id)
    ]
    return Evidence(stays, [(row.began_at, row.until_at) for row in repository.watches_of(session, booking.id)])
