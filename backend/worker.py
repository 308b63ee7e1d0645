"""What happens by itself: holds run out, payments that nobody told of are asked about, refunds are sent, rooms are
looked into while their sessions run and closed afterwards, and it is decided who came.

Each task does the same again harmlessly, so that it may be interrupted anywhere and run in several backends at once.
"""

import logging
import threading
import traceback
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from backend.bookings import repository
from backend.bookings.rules import Terms
from backend.bookings.service.holding import expire_overdue
from backend.bookings.service.refunding import send_refunds
from backend.bookings.service.settling import ask_about_checkout
from backend.bookings.service.tidying import note_room_closed
from backend.bookings.tables import BookingRow
from backend.calls import repository as evidence
from backend.calls.ports import CallRooms
from backend.calls.rules import room_name
from backend.calls.rules.attendance import AttendanceLimits
from backend.calls.service import attending, deciding
from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.kit.limits.storages import LimitCountRow
from backend.kit.retention import delete_some
from backend.payments.ports import PaymentGateway

T = TypeVar("T")

logger = logging.getLogger(__name__)

INTERVAL_S = 5.0
# A payment usually reports itself; one that is still open after this is asked about.
ASK_AFTER = timedelta(seconds=30)
# A look every so often is far within any gap that hides somebody.
LOOK_EVERY = timedelta(seconds=15)
# The media server repeats a webhook for minutes at most.
EVENTS_KEPT = timedelta(days=1)


class Worker:
    """One thread, from `start` to `stop`. `rooms` is None where no media server is configured."""

    def __init__(
        self,
        database: Database,
        gateway: PaymentGateway,
        rooms: CallRooms | None,
        terms: Terms,
        limits: AttendanceLimits,
        now: Clock,
        *,
        interval_s: float = INTERVAL_S,
    ) -> None:
        self._database = database
        self._gateway = gateway
        self._rooms = rooms
        self._terms = terms
        self._limits = limits
        self._looked_at: datetime | None = None
        self._now = now
        self._interval_s = interval_s
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._failing: set[str] = set()

    def start(self) -> None:
        """Begin; the first round runs at once, so that what was left over from the last run is tidied."""
        if self._thread is not None:
            raise RuntimeError("the worker runs already")
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="worker")
        self._thread.start()

    def stop(self) -> None:
        """End after the task at hand; nothing of the worker runs afterwards."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def run_once(self) -> None:
        """One round of every task. A task that fails is logged and does not keep the others from running."""
        tasks: dict[str, Callable[[], None]] = {
            "expire holds": self.expire_holds,
            "ask about checkouts": self.ask_about_checkouts,
            "send refunds": self.send_refunds,
            "look into rooms": self.look_into_rooms,
            "decide who came": self.decide_who_came,
            "close rooms": self.close_rooms,
            "forget counts": self.forget_counts,
        }
        for name, task in tasks.items():
            if not self._stopping.is_set():
                self._attempt(name, task)

    def expire_holds(self) -> None:
        """Overdue holds get the status that they count as already."""
        with self._database.write() as session:
            expire_overdue(session, self._now())

    def ask_about_checkouts(self) -> None:
        """Closes the checkouts of what is no longer held, and learns of payments whose notice got lost."""
        with self._database.read() as session:
            bookings = repository.checkouts_to_ask(session, self._gateway.name, self._now() - ASK_AFTER)
        self._each(bookings, lambda booking: ask_about_checkout(self._database, self._gateway, booking, self._now))

    def send_refunds(self) -> None:
        """What is owed is asked for; what is on its way is asked about."""
        send_refunds(self._database, self._gateway, self._now)

    def look_into_rooms(self) -> None:
        """Who is there, in every session that runs now: what webhooks that get lost do not tell."""
        now, rooms = self._now(), self._rooms
        if rooms is None or (self._looked_at is not None and now - self._looked_at < LOOK_EVERY):
            return
        self._looked_at = now
        with self._database.read() as session:
            running = evidence.sessions_running(session, now - self._limits.gap, now + self._limits.gap)

        def look(session_id: UUID) -> None:
            asked_at = self._now()
            attendees = rooms.attendees(room_name(session_id))
            with self._database.write() as session:
                attending.look(session, session_id, attendees, asked_at, self._limits)

        self._each(running, look)

    def decide_who_came(self) -> None:
        """Sessions that are over are completed or missed; what can no longer be objected to is final."""
        with self._database.write() as session:
            deciding.decide_ended(session, self._limits, self._now())
            deciding.end_decisions(session, self._limits, self._now())
            evidence.forget_events(session, self._now() - EVENTS_KEPT)

    def close_rooms(self) -> None:
        """When the join window ends, or a session is cancelled, its room is deleted and everyone leaves it."""
        rooms = self._rooms
        if rooms is None:
            return
        with self._database.read() as session:
            bookings = repository.rooms_to_close(session, self._now() - self._terms.join_closes_after)

        def close(booking: BookingRow) -> None:
            rooms.delete_room(room_name(booking.id))
            with self._database.write() as session:
                note_room_closed(session, booking.id, self._now())

        self._each(bookings, close)

    def forget_counts(self) -> None:
        """What no limit counts any more is not kept."""
        with self._database.write() as session:
            delete_some(session, LimitCountRow, LimitCountRow.ends_at <= self._now())

    def _each(self, items: Sequence[T], act: Callable[[T], None]) -> None:
        """Acts on every one until the worker is stopped; the first failure is raised once all had their turn."""
        failures = []
        for item in items:
            if self._stopping.is_set():
                break
            try:
                act(item)
            except Exception as error:  # one booking's trouble must not keep the others waiting; raised below
                failures.append(error)
        if failures:
            raise failures[0]

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.run_once()
            self._stopping.wait(self._interval_s)

    def _attempt(self, name: str, task: Callable[[], None]) -> None:
        try:
            task()
        except Exception as error:  # whatever it was, the next round tries again: nobody else would
            if name not in self._failing:
                frames = "".join(traceback.format_tb(error.__traceback__))
                logger.error("the worker cannot %s: %s\n%s", name, type(error).__name__, frames)
            self._failing.add(name)
        else:
            if name in self._failing:
                logger.info("the worker can %s again", name)
            self._failing.discard(name)
