"""One booking as people see it: its row with the names of its two people, by one statement.

Columns of tables are selected instead of mapped classes, and statements are built once: for rows that are only read,
SQLAlchemy takes longer over the rest than the database over the query.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from backend.auth.tables import AccountRow
from backend.bookings.tables import BookingRow
from backend.profiles.tables import ProfileRow


class ListedBooking(NamedTuple):
    """A booking with its people; the columns of `BookingRow` have its names."""

    id: UUID
    slot_id: UUID
    professional_id: UUID
    user_id: UUID
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    price_minor: int
    currency: str
    status: str
    payment_status: str
    hold_expires_at: datetime
    created_at: datetime
    checkout_url: str | None
    policy_full_until_min: int
    policy_half_until_min: int
    refund_share_cap: int
    cancelled_at: datetime | None
    cancelled_by: str | None
    absent: str | None
    moved_from: datetime | None
    dispute_state: str | None
    professional_name: str
    professional_time_zone: str
    headline: str | None
    photo_version: str | None
    user_name: str


BOOKING = BookingRow.__table__.c
_PROFESSIONAL = AccountRow.__table__.alias("professional")
_USER = AccountRow.__table__.alias("booker")
_PROFILE = ProfileRow.__table__

SELECT_LISTED = select(
    *(BOOKING[name] for name in ListedBooking._fields if name in BOOKING),
    *(_PROFESSIONAL.c.name, _PROFESSIONAL.c.time_zone, _PROFILE.c.headline, _PROFILE.c.photo_version, _USER.c.name),
).select_from(
    BookingRow.__table__.join(_PROFESSIONAL, _PROFESSIONAL.c.id == BOOKING.professional_id)
    .join(_USER, _USER.c.id == BOOKING.user_id)
    .outerjoin(_PROFILE, _PROFILE.c.professional_id == BOOKING.professional_id)
)
"""The columns of `ListedBooking` in its order; for callers to narrow and sort."""

_BY_ID = SELECT_LISTED.where(BOOKING.id == bindparam("booking_id"))


def listed(session: Session, booking: BookingRow) -> ListedBooking:
    """One booking, with what this transaction has changed of it."""
    session.flush()
    return ListedBooking._make(session.execute(_BY_ID, {"booking_id": booking.id}).one())
