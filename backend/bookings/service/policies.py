"""Each professional's own cancellation policy."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.auth.repository import lock_account
from backend.bookings.repository.listed import ListedBooking
from backend.bookings.rules import DEFAULT_FULL_UNTIL_MIN, DEFAULT_HALF_UNTIL_MIN
from backend.bookings.rules.cancellation import Policy
from backend.bookings.tables import BookingRow, CancellationPolicyRow


def policy_of(session: Session, professional_id: UUID) -> Policy:
    """The policy that a booking made now would have."""
    row = session.get(CancellationPolicyRow, professional_id)
    if row is None:
        return Policy(DEFAULT_FULL_UNTIL_MIN, DEFAULT_HALF_UNTIL_MIN)
    return Policy(row.full_until_min, row.half_until_min)


def set_policy(session: Session, professional_id: UUID, policy: Policy, now: datetime) -> Policy:
    """Holds for bookings made from now on; those that are there keep theirs."""
    lock_account(session, professional_id)
    row = session.get(CancellationPolicyRow, professional_id)
    if row is None:
        row = CancellationPolicyRow(professional_id=professional_id)
        session.add(row)
    row.full_until_min, row.half_until_min, row.updated_at = policy.full_until_min, policy.half_until_min, now
    session.flush()
    return policy


def booked_policy(booking: BookingRow | ListedBooking) -> Policy:
    """The policy that held when this was booked."""
    return Policy(booking.policy_full_until_min, booking.policy_half_until_min)
