"""The life of a booking and of its payment: two tables of states and events, and the rules around them.

A move that a table does not name raises `InvalidTransition`, so that no booking ever goes back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from backend.kit.errors import BusinessError

MAX_HOLDS_PER_USER = 2
DEFAULT_FULL_UNTIL_MIN = 12 * 60
DEFAULT_HALF_UNTIL_MIN = 2 * 60


class BookingStatus(StrEnum):
    HELD = "held"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    NO_SHOW = "no_show"


class BookingEvent(StrEnum):
    PAID = "paid"
    HOLD_RAN_OUT = "hold_ran_out"
    CANCELLED = "cancelled"
    ENDED = "ended"
    MISSED = "missed"


class PaymentStatus(StrEnum):
    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    REFUND_PENDING = "refund_pending"
    REFUNDED = "refunded"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUND_FAILED = "refund_failed"


class PaymentEvent(StrEnum):
    PAID = "paid"
    FAILED = "failed"
    REFUND_DUE = "refund_due"
    REFUNDED = "refunded"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUND_FAILED = "refund_failed"
    REFUND_RETURNED = "refund_returned"  # what was given back elsewhere came back, and nothing is owed


class Absent(StrEnum):
    """Who did not come, once that is decided; unclear: nobody could see."""

    NOBODY = "nobody"
    USER = "user"
    PROFESSIONAL = "professional"
    BOTH = "both"
    UNCLEAR = "unclear"


_B, _BE, _P, _PE = BookingStatus, BookingEvent, PaymentStatus, PaymentEvent

BOOKING_TRANSITIONS: Mapping[tuple[BookingStatus, BookingEvent], BookingStatus] = {
    (_B.HELD, _BE.PAID): _B.CONFIRMED,
    (_B.HELD, _BE.HOLD_RAN_OUT): _B.EXPIRED,
    (_B.HELD, _BE.CANCELLED): _B.CANCELLED,
    (_B.EXPIRED, _BE.PAID): _B.CONFIRMED,  # paid late, and only where the slot is still free
    (_B.CONFIRMED, _BE.ENDED): _B.COMPLETED,
    (_B.CONFIRMED, _BE.CANCELLED): _B.CANCELLED,
    (_B.CONFIRMED, _BE.MISSED): _B.NO_SHOW,
}

PAYMENT_TRANSITIONS: Mapping[tuple[PaymentStatus, PaymentEvent], PaymentStatus] = {
    (_P.PENDING, _PE.PAID): _P.PAID,
    (_P.PENDING, _PE.FAILED): _P.FAILED,
    (_P.FAILED, _PE.PAID): _P.PAID,  # a late event
    # Once money has arrived, where it stands is what its refunds say, ours and those given elsewhere: any of them may
    # be ordered, arrive, fail, or be returned by the bank after it had arrived.
    **{
        (status, event): after
        for status in (_P.PAID, _P.REFUND_PENDING, _P.REFUNDED, _P.PARTIALLY_REFUNDED, _P.REFUND_FAILED)
        for event, after in {
            _PE.REFUND_DUE: _P.REFUND_PENDING,
            _PE.REFUNDED: _P.REFUNDED,
            _PE.PARTIALLY_REFUNDED: _P.PARTIALLY_REFUNDED,
            _PE.REFUND_FAILED: _P.REFUND_FAILED,
            _PE.REFUND_RETURNED: _P.PAID,
        }.items()
        if after is not status
    },
}

# These keep their slot from everyone else; a held booking does so only until its hold ends.
OCCUPYING = frozenset({_B.HELD, _B.CONFIRMED, _B.COMPLETED, _B.NO_SHOW})
# These keep the two people's time.
ACTIVE = frozenset({_B.HELD, _B.CONFIRMED})


class InvalidTransition(ValueError):
    """An event that the table does not name for this state: a fault of the caller, never of the person."""


def next_status(status: BookingStatus, event: BookingEvent) -> BookingStatus:
    """Where `event` leads from `status`; raises `InvalidTransition`."""
    try:
        return BOOKING_TRANSITIONS[status, event]
    except KeyError:
        raise InvalidTransition(f"a booking that is {status} cannot take {event}") from None


def next_payment_status(status: PaymentStatus, event: PaymentEvent) -> PaymentStatus:
    """Where `event` leads from `status`; raises `InvalidTransition`."""
    try:
        return PAYMENT_TRANSITIONS[status, event]
    except KeyError:
        raise InvalidTransition(f"a payment that is {status} cannot take {event}") from None


def status_at(status: BookingStatus, hold_expires_at: datetime, now: datetime) -> BookingStatus:
    """What the booking counts as at `now`: an overdue hold is expired at its very instant, tidied or not."""
    if status is BookingStatus.HELD and now >= hold_expires_at:
        return next_status(status, BookingEvent.HOLD_RAN_OUT)
    return status


class PaymentOutcome(StrEnum):
    """What an event about money did."""

    CONFIRMED = "confirmed"
    REFUND_DUE = "refund_due"
    FAILED = "failed"
    IGNORED = "ignored"  # known already, or older than what is known


@dataclass(frozen=True)
class PaymentEffect:
    """A booking's states after an event about money, and what that event did."""

    status: BookingStatus
    payment_status: PaymentStatus
    outcome: PaymentOutcome


def effect_of_payment(status: BookingStatus, payment_status: PaymentStatus, *, may_confirm: bool) -> PaymentEffect:
    """Money arrived for a booking that is `status` now.

    `may_confirm`: the slot is still theirs or still free and the amount is the price. Money that confirms nothing has
    to go back; a second event about the same money changes nothing.
    """
    if (payment_status, PaymentEvent.PAID) not in PAYMENT_TRANSITIONS:
        return PaymentEffect(status, payment_status, PaymentOutcome.IGNORED)
    paid = next_payment_status(payment_status, PaymentEvent.PAID)
    if may_confirm and (status, BookingEvent.PAID) in BOOKING_TRANSITIONS:
        return PaymentEffect(next_status(status, BookingEvent.PAID), paid, PaymentOutcome.CONFIRMED)
    if status is BookingStatus.HELD:
        status = next_status(status, BookingEvent.CANCELLED)
    return PaymentEffect(status, next_payment_status(paid, PaymentEvent.REFUND_DUE), PaymentOutcome.REFUND_DUE)


def effect_of_failure(status: BookingStatus, payment_status: PaymentStatus) -> PaymentEffect:
    """The payment can no longer come about, so a hold that waits for it is given back."""
    if (payment_status, PaymentEvent.FAILED) not in PAYMENT_TRANSITIONS:
        return PaymentEffect(status, payment_status, PaymentOutcome.IGNORED)
    if status is BookingStatus.HELD:
        status = next_status(status, BookingEvent.CANCELLED)
    return PaymentEffect(status, next_payment_status(payment_status, PaymentEvent.FAILED), PaymentOutcome.FAILED)


@dataclass(frozen=True)
class Terms:
    """The lengths that the settings decide, what the platform keeps of a price, whom people can write to, and where
    professionals can be paid.
    """

    hold_length: timedelta
    join_opens_before: timedelta
    join_closes_after: timedelta
    platform_fee_basis_points: int = 0
    support_contact: str = ""
    payout_countries: frozenset[str] = frozenset()


@dataclass(frozen=True)
class JoinWindow:
    """When the two may enter the room: from `opens_at` on, and no longer at `closes_at`."""

    opens_at: datetime
    closes_at: datetime


def join_window(starts_at: datetime, ends_at: datetime, terms: Terms) -> JoinWindow:
    """The window of a booking that begins and ends at these instants."""
    return JoinWindow(starts_at - terms.join_opens_before, ends_at + terms.join_closes_after)


class SlotAlreadyTaken(BusinessError):
    """Someone else holds or has booked it, or its time has begun; `next_free` names up to three others."""

    detail = "This time was just booked by someone else."


class TooManyHolds(BusinessError):
    """A user holds at most `MAX_HOLDS_PER_USER` slots at once."""

    detail = "You are already holding two times. Pay for one or release one first."


class OverlappingSession(BusinessError):
    """The user holds or has booked another booking at this time."""

    detail = "You already have a session at this time."


class ProfessionalNotReady(BusinessError):
    """Nobody can pay this professional just now."""

    detail = "This professional cannot take payments at the moment. Please try again later."


class NotHeld(BusinessError):
    """There is no hold to give back."""

    detail = "This time is not being held any more."


class SlotBooked(BusinessError):
    """A slot that someone has booked, or is paying for, cannot be deleted."""

    detail = "Someone has booked this slot, so it cannot be deleted."


IDEMPOTENCY_KEYS_KEPT = timedelta(hours=24)
"""A lost answer is asked for again within minutes; Stripe keeps its keys as long
(https://docs.stripe.com/api/idempotent_requests)."""


class IdempotencyKeyReused(BusinessError):
    """The key came before with another request."""

    detail = "This request was sent before with different contents."
