"""Who may enter a booking's room, and when: pure."""

from datetime import datetime
from uuid import UUID

from backend.auth.rules import Role
from backend.bookings.rules import BookingStatus, JoinWindow, PaymentStatus
from backend.kit.clock import iso_instant
from backend.kit.errors import BusinessError

_UNPAID = frozenset({BookingStatus.HELD, BookingStatus.EXPIRED})
_NOT_STANDING = frozenset({PaymentStatus.PENDING, PaymentStatus.FAILED, PaymentStatus.REFUNDED})


class NotPaid(BusinessError):
    """The booking is not confirmed, because it is not paid."""

    detail = "This session has not been paid."


class PaymentDisputed(BusinessError):
    """The payer's bank has taken the money back until it decides."""

    detail = "The payment is disputed with the bank, so this session cannot be joined."


class TooEarlyToStart(BusinessError):
    """The join window is not open yet; `opens_at` says when it will be."""

    detail = "It is too early to start this session."

    def __init__(self, opens_at: datetime) -> None:
        super().__init__(extra={"opens_at": iso_instant(opens_at)})


class SessionOver(BusinessError):
    """The join window has closed."""

    detail = "This session is over."


class SessionCancelled(BusinessError):
    """There will be no call."""

    detail = "This session was cancelled."


class JoinedElsewhere(BusinessError):
    """This person has joined from another device or window since: its connection is the one that stays."""

    detail = "You have joined this session from another device or window."


class CallLinkInvalid(BusinessError):
    """The call page was opened with a token that does not lead into this room."""

    status = 401
    detail = "This link does not open this call."


class CallLinkExpired(BusinessError):
    """The call page was opened with a token whose time is over."""

    status = 401
    detail = "This link has expired."


class NothingDecided(BusinessError):
    """The booking is not over, or was over a moment ago."""

    detail = "Nothing has been decided about this session yet. Please try again some minutes after its end."


class DecisionFinal(BusinessError):
    """Nobody can object any more."""

    detail = "The time to report a problem with this session is over."


def check_rejoin(newest: str | None, join_id: str) -> None:
    """Raises JoinedElsewhere unless this is the person's `newest` join, or none is known of them."""
    if newest is not None and newest != join_id:
        raise JoinedElsewhere


def room_name(booking_id: UUID) -> str:
    """The same for both people."""
    return f"session_{booking_id}"


def check_room_name(check_id: UUID) -> str:
    """A room for one person who tries the connection; never a booking's."""
    return f"check_{check_id}"


def booking_of_room(room: str) -> UUID | None:
    """Whose room it is; None if not one of ours."""
    try:
        return UUID(room.removeprefix("session_")) if room.startswith("session_") else None
    except ValueError:
        return None


def identity_of(role: Role, account_id: UUID) -> str:
    """A participant's own; who joins twice takes the place of their first."""
    return f"{role.value}_{account_id}"


def role_of(identity: str) -> Role | None:
    """Whose identity it is; None if not one of ours."""
    prefix = identity.partition("_")[0]
    return next((role for role in Role if role.value == prefix), None)


def account_of(identity: str) -> tuple[Role, UUID] | None:
    """Whose identity it is, with the account; None if not one of ours."""
    role = role_of(identity)
    try:
        return (role, UUID(identity.partition("_")[2])) if role else None
    except ValueError:
        return None


def check_may_join(
    status: BookingStatus, payment_status: PaymentStatus, window: JoinWindow, now: datetime, *, disputed: bool = False
) -> None:
    """Raises SessionCancelled, NotPaid, PaymentDisputed, TooEarlyToStart or SessionOver unless the room is open to the
    two people. A part that was given back elsewhere closes nothing.
    """
    if status is BookingStatus.CANCELLED:
        raise SessionCancelled
    if status is BookingStatus.NO_SHOW:
        raise SessionOver
    if status in _UNPAID or payment_status in _NOT_STANDING:
        raise NotPaid
    if disputed:
        raise PaymentDisputed
    if now < window.opens_at:
        raise TooEarlyToStart(window.opens_at)
    if now >= window.closes_at:
        raise SessionOver
