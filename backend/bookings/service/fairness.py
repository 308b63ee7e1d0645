"""Whether somebody may hold a time now, by what they and their line did before. Sessions are the caller's."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.bookings.repository import holds
from backend.bookings.rules.cancellation import WHOLE, deadlines, share_at
from backend.bookings.rules.fairness import (
    LINE_WORDS,
    UNPAID_WORDS,
    Origin,
    check_cool_down,
    check_held,
    check_refunds,
)
from backend.bookings.service.policies import booked_policy
from backend.bookings.tables import BookingRow
from backend.kit.limits.table import REFUNDED, UNPAID, UNPAID_LINE, UNPAID_OF_ONE


def check_account(session: Session, user_id: UUID, now: datetime, support_contact: str) -> None:
    """TooManyAttempts after many full refunds, or many unpaid holds of this account's. The account is locked."""
    cancelled = holds.cancelled_by_user(session, user_id, now - REFUNDED.within)
    check_refunds([at for each in cancelled if (at := _refunded_at(each))], now, support_contact)
    unpaid = holds.unpaid_of_user(session, user_id, now - UNPAID.within, now)
    check_cool_down(UNPAID, unpaid.times, unpaid.last_ended_at, now, UNPAID_WORDS)


def check_line(session: Session, professional_id: UUID, origin: Origin, now: datetime) -> None:
    """TooManyAttempts after many unpaid holds from this line, or while others from it last. The network is locked."""
    lasting = holds.lasting(session, origin.network, professional_id, now)
    check_held([ends for _, ends in lasting], [ends for line, ends in lasting if line == origin.line], now)
    since = now - UNPAID_LINE.within
    of_all, of_one = holds.unpaid_of_line(session, origin.line, professional_id, since, now)
    check_cool_down(UNPAID_OF_ONE, of_one.times, of_one.last_ended_at, now, LINE_WORDS)
    check_cool_down(UNPAID_LINE, of_all.times, of_all.last_ended_at, now, LINE_WORDS)


def _refunded_at(booking: BookingRow) -> datetime | None:
    """When this booking was cancelled, if that gave the whole price back; what was kept pays for the rest."""
    at = booking.cancelled_at
    if at is None:
        return None
    until = deadlines(booking.starts_at, booked_policy(booking))
    return at if share_at(at, until, booking.refund_share_cap) == WHOLE else None
