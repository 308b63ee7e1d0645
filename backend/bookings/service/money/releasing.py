"""When the professional's part of a payment becomes theirs, and when the worker has to move money for it.

It is theirs once the decision on the booking is final, and of a cancelled booking when that would have ended.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.bookings.rules import BookingStatus
from backend.bookings.tables import BookingRow
from backend.payments import repository as ledgers
from backend.payments.repository import payouts
from backend.payments.rules import MAX_PAYOUT_FAILURES, PayoutHold
from backend.payments.rules.ledger import PaymentLedger
from backend.payments.tables import PaymentRow, PayoutRow


def release_payout(session: Session, booking_id: UUID, now: datetime) -> None:
    """The decision on the booking is final, so the professional's part is theirs from `now` on. Idempotent."""
    payment = ledgers.paying(session, booking_id)
    booking = session.get(BookingRow, booking_id)
    payout = payouts.payout_of(session, payment.id) if payment else None
    if payment is None or booking is None or payout is None:
        return  # a payment of an older release, which was transferred when it was made
    payout.released_at = payout.released_at or now
    plan_payout(session, booking, payment, now)


def plan_payout(session: Session, booking: BookingRow, payment: PaymentRow, now: datetime) -> None:
    """Sets when the worker has to transfer money, if any is due.

    The caller holds the booking's lock or is its only writer.
    """
    session.flush()
    payout = payouts.payout_of(session, payment.id)
    if payout is None:
        return
    if booking.status == BookingStatus.CANCELLED and payout.released_at is None:
        payout.released_at = booking.ends_at
    ledger = ledgers.ledger_of(session, payment)
    wanted = ledger.to_pay_out_minor
    if not wanted:
        payout.hold = payout.failure = None
        payout.failures = 0
        if payout.asked_minor is not None:  # it came about, whatever became of the answer
            payout.attempt, payout.asked_minor = payout.attempt + 1, None
    times = [time for time in (now, payout.released_at, payout.not_before) if time is not None]
    payout.due_at = max(times) if _is_due(payout, ledger) else None
    session.flush()


def _is_due(payout: PayoutRow, ledger: PaymentLedger) -> bool:
    if payout.failures >= MAX_PAYOUT_FAILURES or payout.released_at is None:
        return False
    wanted = ledger.to_pay_out_minor
    # What comes back is not kept waiting by what may still change, nor by what the account lacks for being paid.
    return wanted < 0 or (wanted > 0 and ledger.may_pay_out and payout.hold != PayoutHold.ACCOUNT)
