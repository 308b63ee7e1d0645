"""Who kept the appointment and what follows, in words: the rule beside the price, and the decision afterwards. Pure."""

from datetime import datetime
from zoneinfo import ZoneInfo

from app.api.models import PROFESSIONAL, Attendance, Booking, Role
from app.state.core.wall_time import moment_words

WAIT_MIN = 10
LATE_MIN = 15
"""The backend's own figures; tests/contract holds them together."""

SHORTEST_MINUTE_S = 60


def rule_words(name: str) -> str:
    """What a user pays for, before they pay."""
    return (
        f"Full refund if {name} cancels, is more than {LATE_MIN} minutes late, "
        "or is there for less than half of your time."
    )


def rule_for_professional_words() -> str:
    """The same to who offers the hour."""
    return (
        f"You are paid if you join within {LATE_MIN} minutes and are there for at least half of the other person's "
        f"time. If they don't show up, wait {WAIT_MIN} minutes."
    )


def decision_words(decision: Attendance, booking: Booking, role: Role) -> str:
    """One sentence on what was decided, to one of the two."""
    mine = role == PROFESSIONAL
    professional = "You" if mine else booking.professional.name
    user = booking.user.name if mine else "You"
    if decision.absent == PROFESSIONAL:
        return _not_kept(decision, professional, "your" if not mine else f"{user}'s", mine)
    return {
        "user": f"{user} missed this session.",
        "both": "Neither of you was there.",
        "unclear": "Our servers could not tell who was there. In that case the user never pays.",
    }.get(decision.absent, "The session took place.")


def _not_kept(decision: Attendance, professional: str, whose: str, mine: bool) -> str:
    if decision.late_s is None:
        return f"{professional} missed this session."
    if decision.late_s > LATE_MIN * 60:
        return f"{professional} joined {_length(decision.late_s)} after the start."
    return f"{professional} {'were' if mine else 'was'} there for less than half of {whose} time."


def figure_lines(decision: Attendance, booking: Booking, role: Role) -> tuple[str, ...]:
    """The figures behind it, each in a line of its own."""
    mine = role == PROFESSIONAL
    professional = "You" if mine else booking.professional.name
    user = booking.user.name if mine else "You"
    booked_s = int((booking.ends_at - booking.starts_at).total_seconds())
    lines = [
        f"{professional}: {_there(decision.professional_there_s, booked_s)}{_late(decision.late_s)}",
        f"{user}: {_there(decision.user_there_s, booked_s)}",
    ]
    if decision.absent == PROFESSIONAL and decision.late_s is not None and decision.late_s <= LATE_MIN * 60:
        lines.append(f"Counted: {_length(decision.kept_s)} of {_length(decision.judged_s)} from the start.")
    if decision.unwatched_s >= SHORTEST_MINUTE_S:
        lines.append(f"We could not measure {_length(decision.unwatched_s)}.")
    return tuple(lines)


def money_line(decision: Attendance, booking: Booking, role: Role, now: datetime, zone: ZoneInfo) -> str:
    """What goes back, and when that is certain."""
    to_whom = booking.user.name if role == PROFESSIONAL else "you"
    until = moment_words(decision.open_until, zone, now)
    if decision.objected and not decision.final:
        return "No money moves until we have looked into it."
    if not decision.refund_minor:
        return "No refund." if decision.final else f"No refund. Final {until}."
    if decision.final:
        return f"{decision.refund_words} goes back to {to_whom}."
    return f"{decision.refund_words} goes back to {to_whom}. It is sent {until}."


def objection_lines(decision: Attendance, booking: Booking, role: Role) -> tuple[str, ...]:
    """Who said that something went wrong."""
    other = booking.other(role).name
    lines = []
    if role in decision.objected:
        lines.append(f"You wrote: “{decision.reason}”" if decision.reason else "You said what went wrong.")
    if set(decision.objected) - {role}:
        lines.append(f"{other} reported that something went wrong.")
    return tuple(lines)


def may_object(decision: Attendance, now: datetime) -> bool:
    """Whether "Something went wrong" is still possible."""
    return not decision.final and now < decision.open_until


def _there(there_s: int, booked_s: int) -> str:
    if there_s == 0:
        return "not there"
    return f"there for {_length(there_s)} of {_length(booked_s)}"


def _late(late_s: int | None) -> str:
    return f", joined after {_length(late_s)}" if late_s and late_s >= SHORTEST_MINUTE_S else ""


def _length(seconds: int) -> str:
    """ "12 min", "1 h 5 min"; below a minute in seconds, so that nobody reads 0."""
    if seconds < SHORTEST_MINUTE_S:
        return f"{seconds} s"
    hours, minutes = divmod(seconds // 60, 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "") if part)
