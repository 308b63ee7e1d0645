"""The worker's tasks about bookings and their calls. Each takes its `Round`, and says whether more is due at once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.bookings.repository import due
from backend.bookings.rules import Terms
from backend.bookings.service.holding import expire_overdue
from backend.bookings.service.tidying import note_room_closed
from backend.calls import repository as evidence
from backend.calls.ports import Attendee, CallRooms, CallRoomsUnavailable
from backend.calls.rules import room_name
from backend.calls.rules.attendance import AttendanceLimits
from backend.calls.service import attending, deciding
from backend.calls.service.keys import forget_call_key
from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.retention import delete_old_rows
from backend.worker.rounds import Round

ROOMS_AT_ONCE = 50
"""How many rooms a run closes; if there are more, the next run follows without a pause."""
HOLDS_AT_ONCE = 100
POLLED_TOGETHER = 500
"""How many rooms one request to the media server is about."""


class BookingTasks:
    """`rooms` is None where no media server is configured: nothing is polled or closed then."""

    def __init__(
        self, database: Database, rooms: CallRooms | None, terms: Terms, limits: AttendanceLimits, now: Clock
    ) -> None:
        self._database = database
        self._rooms = rooms
        self._terms = terms
        self._limits = limits
        self._now = now

    def expire_holds(self, _round: Round) -> bool:
        """Writes down that holds have run out; they count as expired before."""
        with self._database.write() as session:
            return expire_overdue(session, self._now()) == HOLDS_AT_ONCE

    def oldest_hold(self, session: Session) -> datetime | None:
        """When the first hold ran out that is still held."""
        return due.oldest_overdue_hold(session, self._now())

    def poll_participants(self, round_: Round) -> bool:
        """Who is in the room of every booking that runs now: webhook events get lost."""
        rooms, now = self._rooms, self._now()
        if rooms is None:
            return False
        with self._database.read() as session:
            running = evidence.bookings_running(session, now - self._limits.gap, now + self._limits.gap)
        found: dict[str, Sequence[Attendee]] = {}

        def ask(batch: Sequence[UUID]) -> None:
            found.update(rooms.attendees_of([room_name(booking_id) for booking_id in batch]))

        def record(booking_id: UUID) -> None:
            if (attendees := found.get(room_name(booking_id))) is None:
                raise CallRoomsUnavailable("nobody knows who is in this room")
            with self._database.write() as session:
                attending.record_poll(session, booking_id, attendees, now, self._limits)

        batches = [running[first : first + POLLED_TOGETHER] for first in range(0, len(running), POLLED_TOGETHER)]
        round_.each(batches, ask, lambda batch: f"{batch[0]} and {len(batch) - 1} more")
        round_.each([each for each in running if found], record, asks=False)
        return False

    def decide_who_came(self, _round: Round) -> bool:
        """Bookings that are over are completed or missed."""
        with self._database.write() as session:
            return deciding.decide_ended(session, self._limits, self._now()) == deciding.AT_ONCE

    def oldest_undecided(self, session: Session) -> datetime | None:
        """When the first booking ended that nothing is decided about."""
        return due.oldest_ended(session, self._now() - self._limits.after)

    def end_decisions(self, _round: Round) -> bool:
        """Decisions that nobody can object to any more are final."""
        with self._database.write() as session:
            return deciding.end_decisions(session, self._limits, self._now()) == deciding.AT_ONCE

    def close_rooms(self, round_: Round) -> bool:
        """Deletes rooms whose join window is over or whose booking is cancelled; everyone leaves them."""
        rooms = self._rooms
        if rooms is None:
            return False
        with self._database.read() as session:
            found = due.rooms_to_close(session, self._now() - self._terms.join_closes_after, ROOMS_AT_ONCE)

        def close(booking_id: UUID) -> None:
            rooms.delete_room(room_name(booking_id))
            with self._database.write() as session:
                note_room_closed(session, booking_id, self._now())
                forget_call_key(session, booking_id)

        round_.each(found, close)
        return len(found) >= ROOMS_AT_ONCE

    def oldest_room(self, session: Session) -> datetime | None:
        """When the first booking ended whose room is still to be closed."""
        if self._rooms is None:
            return None
        return due.oldest_room(session, self._now() - self._terms.join_closes_after)

    def forget_what_is_old(self, _round: Round) -> bool:
        """Deletes what is older than `backend.retention` keeps it."""
        delete_old_rows(self._database, self._now())
        return False
