"""What the call screens say: every state, fault and refusal of a call in words that a person can act on.

Pure functions of what is known.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.api.error_names import ErrorName, is_named
from app.api.models import Booking
from app.call.contract.call_state import CallSnapshot, CallState, EndReason
from app.errors import AppError, NotSignedIn, Offline, Problem
from app.state.core.wall_time import clock_words, duration_words

FIRST_NOTICE_S = 600.0
LAST_NOTICE_S = 120.0
FIRST_NOTICE_SHOWN_S = 30.0
"""Ten minutes before the room closes is said for half a minute; the last two minutes are counted down."""


@dataclass(frozen=True)
class JoinProblem:
    """Why the call cannot be entered. `retry`: trying again may help. `opens_at` (aware UTC): from then on it will."""

    title: str
    text: str
    retry: bool = False
    opens_at: datetime | None = None


SESSION_OVER = JoinProblem(
    "This session is over", "Its room has closed. You can still find it under your past sessions."
)
SESSION_CANCELLED = JoinProblem("This session was cancelled", "There is no call to join.")
NOT_PAID = JoinProblem(
    "This session is not paid yet", "The call opens once the payment has gone through. Finish paying in My sessions."
)
NOT_FOUND = JoinProblem(
    "Session not found", "It may belong to another account. Go back to your sessions and start it from there."
)
OFFLINE = JoinProblem(
    "No connection", "Rendezvous cannot be reached. Check your internet connection, then try again.", retry=True
)


_REFUSALS: dict[ErrorName, JoinProblem] = {
    "SessionOver": SESSION_OVER,
    "SessionCancelled": SESSION_CANCELLED,
    "NotPaid": NOT_PAID,
    "NotFound": NOT_FOUND,
}


def problem_from_booking(booking: Booking, now: datetime) -> JoinProblem | None:
    """What the booking itself already tells, so that no camera is opened for a call that cannot be. A session counts as
    completed while its room is still open: who was cut off then may come back.
    """
    if booking.status == "cancelled":
        return SESSION_CANCELLED
    if booking.status in ("held", "expired"):
        return NOT_PAID
    if now >= booking.join_closes_at or booking.status == "no_show":
        return SESSION_OVER
    return None


def problem_from_error(error: AppError) -> JoinProblem:
    """The backend's refusal, or no answer from it, as a page or a line."""
    if isinstance(error, Offline) and error.silent:
        return OFFLINE
    if isinstance(error, NotSignedIn):
        return JoinProblem("You are signed out", "Sign in again, then start the session from your list.")
    if isinstance(error, Problem):
        known = next((words for name, words in _REFUSALS.items() if is_named(error, name)), None)
        if known is not None:
            return known
        if is_named(error, "TooEarlyToStart"):
            return JoinProblem("A little early", "The room is not open yet.", opens_at=error.opens_at)
    return JoinProblem("The call could not be started", error.detail or "Try again in a moment.", retry=True)


def status_words(snapshot: CallSnapshot, other_name: str) -> str:
    """The one line over the picture; empty while both are there and all is well."""
    match snapshot.state:
        case CallState.IDLE | CallState.PREPARING | CallState.CONNECTING:
            return "Connecting…"
        case CallState.WAITING:
            return f"Waiting for {other_name}"
        case CallState.RECONNECTING:
            return "Reconnecting…"
        case CallState.PEER_RECONNECTING:
            return f"{other_name} lost the connection. Waiting for them to come back."
        case _:
            return ""


def ended_words(
    reason: EndReason | None, other_name: str, *, cancelled: bool = False, over: bool = False, away: bool = False
) -> tuple[str, str]:
    """Headline and sentence for the page after the call; `over` and `cancelled` are what the booking says by then,
    `away`: the window was closed or asleep.
    """
    if reason is EndReason.JOINED_ELSEWHERE:
        return (
            "You joined somewhere else",
            "This session was opened on another device or in another window, so it was closed here.",
        )
    if cancelled:
        return "This session was cancelled", "The room was closed."
    if over:
        return "Session over", "The room has closed."
    if away:
        return (
            "The call was ended",
            "This window was closed or asleep, so your camera and microphone were switched off.",
        )
    match reason:
        case EndReason.ROOM_CLOSED:
            return "The room was closed", "If that was too soon, you can rejoin."
        case EndReason.REFUSED:
            return (
                "You could not join the call",
                "Your access to this call was not accepted. Try again to get a new one.",
            )
        case EndReason.CONNECTION_LOST:
            return "The connection was lost", "It could not be restored. Check your internet connection, then rejoin."
        case EndReason.COULD_NOT_CONNECT:
            return "The call could not be reached", "Check your internet connection, then try again."
        case _:
            return "You left the call", f"{other_name} can stay in the room until it closes."


def length_words(length: timedelta) -> str:
    """How long a call was: `40 seconds`, `12 min`, `1 h 5 min`."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    return duration_words(seconds // 60 * 60)


def closing_words(remaining_s: float) -> str:
    """What is said of the room's end: at ten minutes, and through the last two; otherwise empty."""
    if 0 < remaining_s <= LAST_NOTICE_S:
        return f"The room closes in {clock_words(remaining_s)}"
    if FIRST_NOTICE_S - FIRST_NOTICE_SHOWN_S < remaining_s <= FIRST_NOTICE_S:
        return "The room closes in 10 minutes"
    return ""
