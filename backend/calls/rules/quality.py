"""How a call ran, as the two people's apps tell it: when a report is taken, and which one is kept. Pure.

Reports are for these two people to read. Nothing is decided by them: a client can report whatever it likes.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from backend.bookings.rules import BookingStatus, JoinWindow
from backend.calls.rules import NotPaid, SessionCancelled, SessionOver, TooEarlyToStart
from backend.kit.errors import InvalidPayload

REPORTED_WITHIN = timedelta(hours=24)
"""After the room has closed; an app that was offline at the end still gets its report through."""

_TOOK_PLACE = frozenset({BookingStatus.CONFIRMED, BookingStatus.COMPLETED, BookingStatus.NO_SHOW})


class Rating(StrEnum):
    """A connection in one word."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


def check_may_report(status: BookingStatus, window: JoinWindow, now: datetime, measured_s: int) -> None:
    """Raises what `check_took_place` does, or InvalidPayload for too long."""
    check_took_place(status, window, now)
    if measured_s > (min(now, window.closes_at) - window.opens_at).total_seconds():
        raise InvalidPayload({"measured_s": "The room was not open for that long."})


def check_took_place(status: BookingStatus, window: JoinWindow, now: datetime) -> None:
    """Raises SessionCancelled, NotPaid, TooEarlyToStart or SessionOver unless there can have been a call that is still
    told of.
    """
    if status is BookingStatus.CANCELLED:
        raise SessionCancelled
    if status not in _TOOK_PLACE:
        raise NotPaid
    if now < window.opens_at:
        raise TooEarlyToStart(window.opens_at)
    if now >= window.closes_at + REPORTED_WITHIN:
        raise SessionOver


def replaces(kept_measured_s: int | None, measured_s: int) -> bool:
    """Whether a report takes the kept one's place: an app that was started again knows less of the call."""
    return kept_measured_s is None or measured_s >= kept_measured_s
