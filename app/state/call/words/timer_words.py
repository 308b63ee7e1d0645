"""What is said of the time in a call: the shared timer, and the planned end of the session. The call page says the same
(`tools/callpage_words.py`). Pure.
"""

from datetime import datetime, timedelta

from app.api.models import Booking
from app.call.contract.timer import LONGEST_TIMER, SHORTEST_TIMER, SharedTimer
from app.state.core.wall_time import clock_words, duration_words

OPEN, CLOSE, TITLE = "Timer", "Close the timer", "Timer"
EXPLAINED = "You both see the time that is left."
UNTIL_THE_END = "Until the planned end"
STOP = "Stop timer"
IS_UP = "Time is up"
FIVE_LEFT = "Five minutes left"
FIVE_LEFT_OF_SESSION = "Five minutes left of the planned time"
STARTED, STOPPED = "A timer has started", "The timer was stopped"
LENGTHS_MINUTES = (5, 10, 15, 30, 45, 60)
"""What is offered beside the time that is left of the session."""
FIVE_MINUTES_S = 300.0
FIVE_LEFT_SHOWN_S = 30.0
SAME_END_WITHIN = timedelta(minutes=1)


def timer_words(left_s: float) -> str:
    """On the stage: "12:05", or that it is over."""
    return clock_words(left_s) if left_s > 0 else IS_UP


def timer_label(left_s: float) -> str:
    """The same for screen readers."""
    return f"Timer: {clock_words(left_s)} left" if left_s > 0 else IS_UP


def left_s(timer: SharedTimer, now: datetime) -> float:
    """Whole seconds, rounded up: a timer of five minutes begins with 5:00. 0 once it is over."""
    return float(max(0, -((now - timer.ends_at) // timedelta(seconds=1))))


def rest_of_session(booking: Booking | None, now: datetime) -> timedelta | None:
    """Until the planned end; None where that is no length for a timer."""
    if booking is None:
        return None
    rest = booking.ends_at - now
    return rest if SHORTEST_TIMER <= rest <= LONGEST_TIMER else None


def length_label(minutes: int) -> str:
    """ "45 min", "1 h"."""
    return duration_words(timedelta(minutes=minutes))


def time_notice(timer: SharedTimer | None, session_ends_at: datetime | None, now: datetime) -> str:
    """Shown for half a minute: five minutes before the timer ends, and before the session's planned end, unless both
    are about the same. A timer of five minutes or less says nothing.
    """
    speaks = timer is not None and timer.length > timedelta(seconds=FIVE_MINUTES_S)
    if timer is not None and speaks and _is_five_minutes(left_s(timer, now)):
        return FIVE_LEFT
    if session_ends_at is None or not _is_five_minutes((session_ends_at - now).total_seconds()):
        return ""
    is_said = timer is not None and speaks and abs(timer.ends_at - session_ends_at) <= SAME_END_WITHIN
    return "" if is_said else FIVE_LEFT_OF_SESSION


def _is_five_minutes(remaining_s: float) -> bool:
    return FIVE_MINUTES_S - FIVE_LEFT_SHOWN_S < remaining_s <= FIVE_MINUTES_S


def timer_announcement(before: SharedTimer | None, after: SharedTimer | None) -> str:
    """What a screen reader says when the timer starts or stops; a small correction of its end is silent."""
    if after is None:
        return f"{STOPPED}." if before is not None else ""
    if (
        before is not None
        and before.length == after.length
        and abs(after.ends_at - before.ends_at) < SHORTEST_TIMER / 2
    ):
        return ""
    return f"{STARTED}: {duration_words(after.length)}."
