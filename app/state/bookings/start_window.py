"""When a session may be started, and what to say before and after: pure, by the server's clock.

The backend decides (docs/api.md, generate-call-link); this only keeps the button honest about what it would answer.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app.api.models import Booking
from app.state.core.wall_time import countdown_words, day_within, time_words

_NOT_STARTABLE = {
    "cancelled": "This session was cancelled.",
    "expired": "The hold ran out before it was paid.",
    "no_show": "This session is over.",
}

DISPUTED = "Payment disputed with the bank: this session cannot be joined."
_NOT_PAID = ("pending", "failed", "refunded")
"""A part that was given back closes nothing."""


@dataclass(frozen=True)
class StartWindow:
    """`countdown` is worth showing large ("Starts in 12 min"), `reason` says why Start is off (empty when it is on).

    `changes_in_s`: seconds until these words or the button may differ; None when time alone changes nothing any more.
    """

    can_start: bool
    countdown: str = ""
    reason: str = ""
    changes_in_s: float | None = None


def start_window(booking: Booking, now: datetime, zone: ZoneInfo) -> StartWindow:
    """Startable exactly in [join_opens_at, join_closes_at) of a confirmed, paid booking; `now` is aware UTC. It counts
    as completed soon after its end, while its room is still open: who was cut off then may come back.
    """
    if booking.status in _NOT_STARTABLE:
        return StartWindow(False, reason=_NOT_STARTABLE[booking.status])
    if now >= booking.join_closes_at:
        return StartWindow(False, reason="This session is over.")
    countdown, changes_in_s = _countdown(booking, now), _next_change_s(booking, now)
    if booking.status not in ("confirmed", "completed") or booking.payment_status in _NOT_PAID:
        return StartWindow(False, countdown, "You can start once it is paid.", changes_in_s)
    if booking.is_disputed:
        return StartWindow(False, countdown, DISPUTED, changes_in_s)
    if now < booking.join_opens_at:
        return StartWindow(
            False, countdown, f"You can start {_at_words(booking.join_opens_at, now, zone)}", changes_in_s
        )
    return StartWindow(True, countdown, changes_in_s=changes_in_s)


def is_ahead(booking: Booking, now: datetime) -> bool:
    """Whether this booking can still lead to a call: paid, and its room not closed yet."""
    paid = booking.payment_status not in _NOT_PAID and not booking.is_disputed
    return booking.status == "confirmed" and paid and now < booking.join_closes_at


def hold_left_s(booking: Booking, now: datetime) -> float | None:
    """Seconds left of an unpaid hold (0 when it just ran out); None when the booking is no hold."""
    if booking.status != "held" or booking.hold_expires_at is None:
        return None
    return max((booking.hold_expires_at - now).total_seconds(), 0.0)


def _countdown(booking: Booking, now: datetime) -> str:
    to_start_s = (booking.starts_at - now).total_seconds()
    if to_start_s > 0:
        return f"Starts in {countdown_words(to_start_s)}"
    if now >= booking.ends_at:
        return f"Time is up. The room closes in {countdown_words((booking.join_closes_at - now).total_seconds())}"
    since_min = int(-to_start_s // 60)
    return f"Started {since_min} min ago" if since_min else "Starts now"


def _at_words(instant: datetime, now: datetime, zone: ZoneInfo) -> str:
    clock = f"at {time_words(instant, zone)}"
    same_day = instant.astimezone(zone).date() == now.astimezone(zone).date()
    return f"{clock}." if same_day else f"{day_within(instant, zone, now)} {clock}."


def _next_change_s(booking: Booking, now: datetime) -> float:
    """The next edge of the window, or sooner the next minute; in the last minute before the start, the next second."""
    edges = (booking.join_opens_at, booking.starts_at, booking.ends_at, booking.join_closes_at)
    to_edge_s = min((edge - now).total_seconds() for edge in edges if edge > now)
    to_start_s = (booking.starts_at - now).total_seconds()
    step_s = 1.0 if 0 < to_start_s <= 60 else 60.0
    return min(to_edge_s, to_start_s % step_s or step_s)
