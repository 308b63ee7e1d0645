"""The work itself: what is due is listed, and each item is claimed, asked about and written down by itself."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from backend.bookings.repository import due
from backend.bookings.rules import Terms
from backend.bookings.service.holding import expire_overdue
from backend.bookings.service.money.disputing import move_transfer
from backend.bookings.service.money.paying_out import ask_about_account, pay_out
from backend.bookings.service.money.payment_events import ask_about_due_checkout
from backend.bookings.service.money.reconciling import LOOK_BACK, compare, missing_at_provider
from backend.bookings.service.money.sending_refunds import send_refund
from backend.bookings.service.tidying import note_room_closed
from backend.calls import repository as evidence
from backend.calls.ports import Attendee, CallRooms, CallRoomsUnavailable
from backend.calls.rules import room_name
from backend.calls.rules.attendance import AttendanceLimits
from backend.calls.service import attending, deciding
from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.payments import repository as ledger
from backend.payments.ports import PaymentGateway, PaymentSnapshot
from backend.payments.repository import payouts
from backend.retention import delete_old_rows
from backend.worker.leases import claim, lease
from backend.worker.rounds import Round

AT_ONCE = 50
"""How many items a run takes; if there are more, the next run follows without a pause."""
HELD_AT_ONCE = 100
ROOMS_AT_ONCE = 500
RECONCILE_EVERY = timedelta(days=1)
AFTER_A_FAILURE = timedelta(hours=1)


class Tasks:
    """Each takes its `Round` and says whether more of the same is due at once."""

    def __init__(
        self,
        database: Database,
        gateway: PaymentGateway,
        rooms: CallRooms | None,
        terms: Terms,
        limits: AttendanceLimits,
        now: Clock,
    ) -> None:
        self._database = database
        self._gateway = gateway
        self._rooms = rooms
        self._terms = terms
        self._limits = limits
        self._now = now

    def expire_holds(self, _round: Round) -> bool:
        """Overdue holds get the status that they count as already."""
        with self._database.write() as session:
            return expire_overdue(session, self._now()) == HELD_AT_ONCE

    def oldest_hold(self, session: Session) -> datetime | None:
        """When the first hold ran out that is still held."""
        return due.oldest_overdue_hold(session, self._now())

    def ask_about_checkouts(self, round_: Round) -> bool:
        """Closes the checkouts of what is no longer held, and learns of payments whose webhook event got lost."""
        with self._database.read() as session:
            found = due.checkouts(session, self._gateway.name, self._now(), AT_ONCE)
        round_.each(found, lambda booking: ask_about_due_checkout(self._database, self._gateway, booking, self._now))
        return len(found) == AT_ONCE

    def oldest_checkout(self, session: Session) -> datetime | None:
        """When the oldest checkout was made that is to be asked about now."""
        return due.oldest_checkout(session, self._gateway.name, self._now())

    def send_refunds(self, round_: Round) -> bool:
        """What is owed is asked for; what is on its way is asked about."""
        with self._database.read() as session:
            found = ledger.due_refunds(session, self._gateway.name, self._now(), AT_ONCE)
        round_.each(
            found,
            lambda refund: send_refund(self._database, self._gateway, *refund, self._now),
            lambda refund: f"{refund[0]}:{refund[1]}",
        )
        return len(found) == AT_ONCE

    def oldest_refund(self, session: Session) -> datetime | None:
        """Since when the oldest refund waits to be asked for or about."""
        return ledger.oldest_due_refund(session, self._gateway.name, self._now())

    def poll_participants(self, round_: Round) -> bool:
        """Who is there, in every booking that runs now: what webhook events that get lost do not tell."""
        rooms, now = self._rooms, self._now()
        if rooms is None:
            return False
        with self._database.read() as session:
            running = evidence.bookings_running(session, now - self._limits.gap, now + self._limits.gap)
        batches = [running[first : first + ROOMS_AT_ONCE] for first in range(0, len(running), ROOMS_AT_ONCE)]
        there: dict[str, Sequence[Attendee]] = {}

        def ask(batch: Sequence[UUID]) -> None:
            there.update(rooms.attendees_of([room_name(booking_id) for booking_id in batch]))

        def note(booking_id: UUID) -> None:
            if (attendees := there.get(room_name(booking_id))) is None:
                raise CallRoomsUnavailable("nobody knows who is in this room")
            with self._database.write() as session:
                attending.record_poll(session, booking_id, attendees, now, self._limits)

        round_.each(batches, ask, lambda batch: f"{batch[0]} and {len(batch) - 1} more")
        round_.each([each for each in running if there], note, asks=False)
        return False

    def decide_who_came(self, _round: Round) -> bool:
        """Bookings that are over are completed or missed."""
        with self._database.write() as session:
            return deciding.decide_ended(session, self._limits, self._now()) == deciding.AT_ONCE

    def end_decisions(self, _round: Round) -> bool:
        """What can no longer be objected to is final."""
        with self._database.write() as session:
            return deciding.end_decisions(session, self._limits, self._now()) == deciding.AT_ONCE

    def oldest_undecided(self, session: Session) -> datetime | None:
        """When the first booking ended that nothing is decided about."""
        return due.oldest_ended(session, self._now() - self._limits.after)

    def close_rooms(self, round_: Round) -> bool:
        """When the join window ends, or a booking is cancelled, its room is deleted and everyone leaves it."""
        rooms = self._rooms
        if rooms is None:
            return False
        with self._database.read() as session:
            found = due.rooms_to_close(session, self._now() - self._terms.join_closes_after, AT_ONCE)

        def close(booking_id: UUID) -> None:
            rooms.delete_room(room_name(booking_id))
            with self._database.write() as session:
                note_room_closed(session, booking_id, self._now())

        round_.each(found, close)
        return len(found) >= AT_ONCE

    def oldest_room(self, session: Session) -> datetime | None:
        """When the first booking ended whose room is still to be closed."""
        if self._rooms is None:
            return None
        return due.oldest_room(session, self._now() - self._terms.join_closes_after)

    def forget_what_is_old(self, _round: Round) -> bool:
        """What is older than `backend.retention` keeps it."""
        delete_old_rows(self._database, self._now())
        return False

    def move_transfers(self, round_: Round) -> bool:
        """The professional's part of disputed payments: taken back, or given again once a dispute is won."""
        with self._database.read() as session:
            found = ledger.due_disputes(session, self._gateway.name, self._now(), AT_ONCE)
        round_.each(
            found,
            lambda dispute: move_transfer(self._database, self._gateway, *dispute, self._now),
            lambda dispute: f"dispute {dispute[1]} of {dispute[0]}",
        )
        return len(found) == AT_ONCE

    def oldest_transfer(self, session: Session) -> datetime | None:
        """Since when the oldest dispute waits for its transfer to be moved."""
        return ledger.oldest_due_dispute(session, self._gateway.name, self._now())

    def pay_out(self, round_: Round) -> bool:
        """Professionals get their part of bookings that are final, and give back what went back since."""
        with self._database.read() as session:
            held = payouts.accounts_to_ask(session, self._gateway.name, self._now(), AT_ONCE)
        round_.each(
            held,
            lambda one: ask_about_account(self._database, self._gateway, *one, self._now),
            lambda one: f"account of {one[0]}",
        )
        with self._database.read() as session:
            found = payouts.due_payouts(session, self._gateway.name, self._now(), AT_ONCE)
        round_.each(
            found,
            lambda payment_id: pay_out(self._database, self._gateway, payment_id, self._now),
            lambda payment_id: f"payment {payment_id}",
        )
        return len(found) == AT_ONCE

    def oldest_payout(self, session: Session) -> datetime | None:
        """Since when the oldest payout waits to be moved."""
        return payouts.oldest_due_payout(session, self._gateway.name, self._now())

    def reconcile(self, round_: Round) -> bool:
        """Once a day, by one backend of several: the ledger beside the provider's own list."""
        now = self._now()
        with self._database.write() as session:
            if not claim(session, "reconcile", now + RECONCILE_EVERY, now):
                return False
        seen: set[str] = set()

        def compared(snapshot: PaymentSnapshot) -> None:
            seen.add(snapshot.reference)
            compare(self._database, self._gateway, snapshot, self._now)

        def all_payments(_name: str) -> None:
            snapshots = self._gateway.payments_since(now - LOOK_BACK)
            round_.each(snapshots, compared, lambda snapshot: f"payment {snapshot.reference}", asks=False)
            missing_at_provider(self._database, self._gateway, seen, self._now)

        before = round_.failed
        round_.each(["the provider's list"], all_payments)
        if round_.failed > before or round_.skipped:
            with self._database.write() as session:
                lease(session, "reconcile", self._now() + AFTER_A_FAILURE)
        return False
