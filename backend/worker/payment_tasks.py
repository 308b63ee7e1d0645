"""The worker's tasks about money. Each takes its `Round`, and says whether more of the same is due at once.

All but `reconcile` go the same way: what is due is read, and then each item by itself is claimed, asked about at the
provider outside of any transaction, and written down.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from backend.bookings.repository import due
from backend.bookings.service.money.disputing import move_transfer
from backend.bookings.service.money.paying_out import ask_about_account, pay_out
from backend.bookings.service.money.payment_events import ask_about_due_checkout
from backend.bookings.service.money.reconciling import LOOK_BACK, compare, missing_at_provider
from backend.bookings.service.money.sending_refunds import send_refund
from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.payments import repository as ledger
from backend.payments.ports import PaymentGateway, PaymentSnapshot
from backend.payments.repository import payouts
from backend.worker.leases import claim, lease
from backend.worker.rounds import Round

AT_ONCE = 50
"""How many items a run takes; if there are more, the next run follows without a pause."""
RECONCILE_EVERY = timedelta(days=1)
RECONCILE_AFTER_A_FAILURE = timedelta(hours=1)


class PaymentTasks:
    """All of them ask one provider."""

    def __init__(self, database: Database, gateway: PaymentGateway, now: Clock) -> None:
        self._database = database
        self._gateway = gateway
        self._now = now

    def ask_about_checkouts(self, round_: Round) -> bool:
        """Closes the checkouts of what is no longer held, and learns of payments whose event got lost."""
        with self._database.read() as session:
            found = due.checkouts(session, self._gateway.name, self._now(), AT_ONCE)
        round_.each(found, lambda booking: ask_about_due_checkout(self._database, self._gateway, booking, self._now))
        return len(found) == AT_ONCE

    def oldest_checkout(self, session: Session) -> datetime | None:
        """When the oldest checkout was made that is to be asked about now."""
        return due.oldest_checkout(session, self._gateway.name, self._now())

    def send_refunds(self, round_: Round) -> bool:
        """Orders refunds at the provider, and asks about those that it has not finished."""
        with self._database.read() as session:
            found = ledger.due_refunds(session, self._gateway.name, self._now(), AT_ONCE)
        round_.each(
            found,
            lambda refund: send_refund(self._database, self._gateway, *refund, self._now),
            lambda refund: f"{refund[0]}:{refund[1]}",
        )
        return len(found) == AT_ONCE

    def oldest_refund(self, session: Session) -> datetime | None:
        """Since when the oldest refund waits to be ordered or asked about."""
        return ledger.oldest_due_refund(session, self._gateway.name, self._now())

    def move_transfers(self, round_: Round) -> bool:
        """Takes the professional's part of disputed payments back, or gives it again once a dispute is won."""
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
        """Professionals get their part of bookings that are final, and give back what was refunded since."""
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
        """Once a day, by one backend of several: compares the ledger with the provider's own list."""
        now = self._now()
        with self._database.write() as session:
            if not claim(session, "reconcile", now + RECONCILE_EVERY, now):
                return False
        seen: set[str] = set()

        def compare_one(snapshot: PaymentSnapshot) -> None:
            seen.add(snapshot.reference)
            compare(self._database, self._gateway, snapshot, self._now)

        def compare_all(_list: str) -> None:
            theirs = self._gateway.payments_since(now - LOOK_BACK)
            round_.each(theirs, compare_one, lambda snapshot: f"payment {snapshot.reference}", asks=False)
            missing_at_provider(self._database, self._gateway, seen, self._now)

        failed_before = round_.failed
        round_.each(["the provider's list"], compare_all)
        if round_.failed > failed_before or round_.skipped:
            with self._database.write() as session:
                lease(session, "reconcile", self._now() + RECONCILE_AFTER_A_FAILURE)
        return False
