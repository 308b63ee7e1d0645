"""What cancelling and rescheduling a booking give and allow: pure.

Deadlines are exact lengths before the start, so that a clock change between them moves nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from backend.auth.rules import Role
from backend.bookings.rules import BookingStatus
from backend.kit.errors import BusinessError

WHOLE, HALF, NOTHING = 100, 50, 0
DISPUTED = "The payment is disputed with the bank"
MAX_POLICY_MIN = 14 * 24 * 60


class Share(StrEnum):
    """How much of the price goes back."""

    FULL = "full"
    HALF = "half"
    NONE = "none"


SHARES = {WHOLE: Share.FULL, HALF: Share.HALF, NOTHING: Share.NONE}


@dataclass(frozen=True)
class Policy:
    """Everything back until `full_until_min` before the start, half until `half_until_min`, nothing after."""

    full_until_min: int
    half_until_min: int


@dataclass(frozen=True)
class Deadlines:
    """A policy's instants for one booking; at the very instant it still holds."""

    full_until: datetime
    half_until: datetime


def deadlines(starts_at: datetime, policy: Policy) -> Deadlines:
    """When the shares shrink for a booking that begins at `starts_at`."""
    full, half = timedelta(minutes=policy.full_until_min), timedelta(minutes=policy.half_until_min)
    return Deadlines(starts_at - full, starts_at - half)


def share_at(now: datetime, until: Deadlines, cap: int = WHOLE) -> int:
    """The percentage that a user who cancels at `now` gets back; `cap` is what rescheduling left of it."""
    if now <= until.full_until:
        return min(cap, WHOLE)
    return min(cap, HALF) if now <= until.half_until else NOTHING


def changes_at(now: datetime, until: Deadlines, cap: int = WHOLE) -> datetime | None:
    """The last instant of the share that holds at `now`; None once there is nothing to lose."""
    share = share_at(now, until, cap)
    if share == NOTHING:
        return None
    return until.full_until if share == WHOLE else until.half_until


def part_of(amount_minor: int, share: int) -> int:
    """A share of an amount in cents; half a cent goes to who paid."""
    return (amount_minor * share + 99) // 100


def may_cancel(
    role: Role, status: BookingStatus, starts_at: datetime, ends_at: datetime, now: datetime, *, disputed: bool = False
) -> None:
    """NotCancellable unless this person may cancel now: a user until it begins, a professional until it ends."""
    if status is BookingStatus.HELD:
        raise NotCancellable("This time is only being held. Release it instead; nothing has been paid.")
    if status is BookingStatus.CANCELLED:
        raise NotCancellable("This session is cancelled already.")
    if status is not BookingStatus.CONFIRMED or now >= ends_at:
        raise NotCancellable("This session is over.")
    if disputed:
        raise NotCancellable(f"{DISPUTED}, so this session cannot be cancelled.")
    if role is Role.USER and now >= starts_at:
        raise NotCancellable("This session has begun, so it can no longer be cancelled.")


def reschedule_until(
    status: BookingStatus, until: Deadlines, join_opens_at: datetime, now: datetime, *, disputed: bool = False
) -> datetime | None:
    """Until when a booking may be moved; None if it may not: nothing is moved once nothing would be refunded."""
    if disputed:
        return None
    last = min(until.half_until, join_opens_at)
    return last if status is BookingStatus.CONFIRMED and now <= last else None


class NotCancellable(BusinessError):
    """Cancelling this booking is not possible, or not possible any more."""

    detail = "This session can no longer be cancelled."


class RefundChanged(BusinessError):
    """Cancelling gives back another amount than the person was shown; `cancellation` is what it is now."""

    detail = "Your refund has changed. Please check it again."

    def __init__(self, cancellation: Any) -> None:
        super().__init__(extra={"cancellation": cancellation})


class NotReschedulable(BusinessError):
    """This booking cannot be moved, or not any more."""

    detail = "This session can no longer be moved to another time."


class DifferentPrice(BusinessError):
    """Only a slot of the same price can take the place of one that is paid."""

    detail = "This time has another price, so the session cannot be moved there."
