"""What is known of who was there: from webhooks and from polling the participants."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.auth.rules import Role
from backend.bookings import repository as bookings
from backend.calls import repository
from backend.calls.ports import Attendee, RoomEvent, RoomEventKind
from backend.calls.rules import booking_of_room, role_of
from backend.calls.rules.attendance import AttendanceLimits
from backend.calls.tables import LiveKitEventRow, ObservationWindowRow, PresenceIntervalRow


def handle_webhook(session: Session, event: RoomEvent, now: datetime) -> None:
    """Applies a webhook once. Leaving may arrive before joining; rooms and people that are not ours are ignored."""
    booking_id, role = booking_of_room(event.room_name), role_of(event.attendee.identity)
    booking = bookings.locked_booking(session, booking_id) if booking_id and role else None
    if booking is None or role is None or repository.event_known(session, event.event_id):
        return
    session.add(LiveKitEventRow(event_id=event.event_id, received_at=now))
    left_at = event.occurred_at if event.kind is RoomEventKind.LEFT else None
    _seen(session, booking.id, role, event.attendee, event.occurred_at, left_at)
    session.flush()


def record_poll(
    session: Session, booking_id: UUID, attendees: Iterable[Attendee], now: datetime, limits: AttendanceLimits
) -> None:
    """Keeps what a poll of the room's participants at `now` found. Polls without a gap are one observation window."""
    if bookings.locked_booking(session, booking_id) is None:
        return
    for attendee in attendees:
        if role := role_of(attendee.identity):
            _seen(session, booking_id, role, attendee, now, None)
    window = repository.last_observation_window(session, booking_id)
    if window is not None and now - window.until_at <= limits.gap:
        window.until_at = max(window.until_at, now)
    else:
        session.add(ObservationWindowRow(booking_id=booking_id, began_at=now, until_at=now))
    session.flush()


def _seen(
    session: Session, booking_id: UUID, role: Role, attendee: Attendee, at: datetime, left_at: datetime | None
) -> None:
    interval = repository.presence_interval(session, attendee.sid)
    if interval is None:
        joined_at = min(attendee.joined_at, at)
        interval = PresenceIntervalRow(
            participant_sid=attendee.sid, booking_id=booking_id, role=role.value, joined_at=joined_at, last_seen_at=at
        )
        session.add(interval)
    interval.last_seen_at = max(interval.last_seen_at, at)
    interval.left_at = interval.left_at or left_at
