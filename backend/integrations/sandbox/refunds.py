"""The sandbox's refunds: idempotent by key, and never more than was paid, as a provider's would be."""

import secrets
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.integrations.sandbox.ledger import OUTSIDE, entries_of, snapshot_of
from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.payments.ports import RefundOrder, RefundSnapshot, RefundState
from backend.payments.tables import SandboxCheckoutRow, SandboxRefundRow

SLOW_REFUND_CARD = "4000000000007726"
FAILED_REFUND_CARD = "4000000000005126"
ARRIVES_AFTER = timedelta(minutes=1)


class SandboxRefunds:
    """A slow card's refund is on its way for a minute; a failing card's first refund fails for good."""

    def __init__(self, database: Database, now: Clock) -> None:
        self._database = database
        self._now = now

    def refund(self, order: RefundOrder) -> RefundSnapshot:
        """As `PaymentGateway.refund`."""
        with self._database.write() as session:
            paid = locked_payment(session, order.payment_reference)  # first: the same order may come twice at once
            found = session.scalar(select(SandboxRefundRow).where(SandboxRefundRow.key == order.key))
            if found is not None:
                return snapshot_of(found)
            if paid is None:
                return RefundSnapshot(None, RefundState.FAILED, failure="payment_unknown")
            return self._given(session, paid, order.key, order.amount_minor)

    def give_outside(self, payment_reference: str, amount_minor: int) -> RefundSnapshot:
        """As somebody in a provider's dashboard does: the bookings hear nothing of it."""
        with self._database.write() as session:
            paid = locked_payment(session, payment_reference)
            if paid is None:
                return RefundSnapshot(None, RefundState.FAILED, failure="payment_unknown")
            return self._given(session, paid, f"{OUTSIDE}{secrets.token_hex(12)}", amount_minor)

    def arrive(self, payment_reference: str) -> None:
        """What was on its way has arrived, as whoever asks about it finds."""
        waiting = select(SandboxRefundRow).where(
            SandboxRefundRow.payment_reference == payment_reference,
            SandboxRefundRow.state == RefundState.PENDING.value,
            SandboxRefundRow.asked_at <= self._now() - ARRIVES_AFTER,
        )
        with self._database.read() as session:
            if session.scalar(waiting.limit(1)) is None:
                return
        with self._database.write() as session:
            locked_payment(session, payment_reference)
            for row in session.scalars(waiting):
                row.state = RefundState.DONE.value

    def _given(self, session: Session, paid: SandboxCheckoutRow, key: str, amount_minor: int) -> RefundSnapshot:
        money = entries_of(session, paid)
        if money.disputed:
            return RefundSnapshot(None, RefundState.FAILED, failure="charge_disputed")
        if amount_minor > paid.amount_minor - money.refunded_minor - money.taken_minor:
            return RefundSnapshot(None, RefundState.FAILED, failure="more_than_was_paid")
        # What came back from the professional for a dispute that is won serves the next refund.
        missing = max(0, amount_minor - money.surplus_minor) if paid.transferred_at_once else 0
        reverses = min(missing, paid.amount_minor - money.reversed_minor)
        made = SandboxRefundRow(
            reference=f"test_refund_{secrets.token_hex(12)}",
            key=key,
            payment_reference=paid.payment_reference or "",
            amount_minor=amount_minor,
            reversed_minor=reverses,
            fee_returned_minor=money.fee_share(paid, reverses),
            asked_at=self._now(),
        )
        made.state, made.failure = _outcome(session, paid)
        session.add(made)
        session.flush()
        return snapshot_of(made)


def locked_payment(session: Session, payment_reference: str) -> SandboxCheckoutRow | None:
    """The checkout that was paid, nobody else's to change until the transaction ends."""
    query = select(SandboxCheckoutRow).where(SandboxCheckoutRow.payment_reference == payment_reference)
    return session.scalar(query.with_for_update())


def _outcome(session: Session, paid: SandboxCheckoutRow) -> tuple[str, str | None]:
    if paid.card == SLOW_REFUND_CARD:
        return RefundState.PENDING.value, None
    tried = select(func.count()).where(SandboxRefundRow.payment_reference == paid.payment_reference)
    if paid.card == FAILED_REFUND_CARD and session.scalars(tried).one() == 0:
        return RefundState.FAILED.value, "expired_or_canceled_card"
    return RefundState.DONE.value, None
