"""What is known of who was there: kept as webhooks tell it and lists of participants show it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.auth.rules import Role
from backend.bookings import repository as bookings
from backend.calls import repository
from backend.calls.ports import Attendee, RoomEvent, RoomEventKind
from backend.calls.rules import role_of, session_of
from backend.calls.rules.attendance import AttendanceLimits
from backend.calls.tables import LiveKitEventRow, StayRow, WatchRow


def handle_webhook(session: Session, event: RoomEvent, now: datetime) -> None:
    """Takes in a webhook, once. Leaving may be told before joining; rooms and people that are not ours are ignored."""
    session_id, role = session_of(event.room_name), role_of(event.attendee.identity)
    booking = bookings.locked_booking(session, session_id) if session_id and role else None
    if booking is None or role is None or repository.event_known(session, event.event_id):
        return
    session.add(LiveKitEventRow(event_id=event.event_id, received_at=now))
    left_at = event.occurred_at if event.kind is RoomEventKind.LEFT else None
    _seen(session, booking.id, role, event.attendee, event.occurred_at, left_at)
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
