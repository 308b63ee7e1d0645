"""What each of the two keeps for themselves of a session, and what the professional sends after it. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from backend.bookings.rules import BookingStatus
from backend.calls.rules import NotPaid, SessionCancelled, SessionOver
from backend.kit.clock import iso_instant
from backend.kit.errors import BusinessError

LONGEST_NOTE = 5000
"""Characters; as JSON in the most wasteful writing it still fits into one request."""
LONGEST_FOLLOW_UP = 5000
FOLLOW_UP_WITHIN = timedelta(days=30)
"""After the end of the session: a follow-up is about it, and no way to write to former clients for ever."""

_UNPAID = frozenset({BookingStatus.HELD, BookingStatus.EXPIRED})


class NoteChanged(BusinessError):
    """Another device has saved the notes since: `note` is what they are now, and nothing was saved over it."""

    detail = "These notes were changed on another device."

    def __init__(self, note: Mapping[str, Any]) -> None:
        super().__init__(extra={"note": note})


class SessionNotOver(BusinessError):
    """A follow-up comes after the session; `ends_at` says when that is."""

    detail = "You can send a follow-up once the session has ended."

    def __init__(self, ends_at: datetime) -> None:
        super().__init__(extra={"ends_at": iso_instant(ends_at)})


class FollowUpSent(BusinessError):
    """There is one already, with other words."""

    detail = "You have sent a follow-up for this session already."


def check_may_note(status: BookingStatus, confirmed_at: datetime | None) -> None:
    """Raises NotPaid for what never became a session. Notes may be made before it, and long after."""
    if status in _UNPAID or confirmed_at is None:
        raise NotPaid


def check_may_follow_up(status: BookingStatus, ends_at: datetime, now: datetime) -> None:
    """Raises SessionCancelled, NotPaid, SessionNotOver, or SessionOver a month after the end."""
    if status is BookingStatus.CANCELLED:
        raise SessionCancelled
    if status in _UNPAID:
        raise NotPaid
    if now < ends_at:
        raise SessionNotOver(ends_at)
    if now >= ends_at + FOLLOW_UP_WITHIN:
        raise SessionOver
