"""Who kept the appointment, and what follows for the money. Pure; docs/attendance.md has the rule in words and cases.

| what the media server saw | decided | what goes back |
| the professional was there for less than half of the user's time, or came more than `LATE` late | professional | all |
| the user never came, the professional came and waited | user | nothing |
| the user never came, and neither did the professional, or not in time | both | as if cancelled at the start |
| nobody could see enough to decide what goes back | unclear | all: a gap of ours is never the user's cost |
| else | nobody | nothing |

`absent_if` is the rule, for presences that are known exactly. `decide` applies it to what is known: each person was
there for at least one list of intervals and at most another, so the rule is asked for all four combinations, and
decides only what they agree on. `judged_time` is the user's time, by which the professional is measured.
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import product

from backend.auth.rules import Role
from backend.bookings.rules import Absent
from backend.calls.rules.evidence import Evidence
from backend.calls.rules.intervals import Interval, contains, merged_within, overlaps, total

WAIT = timedelta(minutes=10)
LATE = timedelta(minutes=15)
"""The app says both in words beside the price; tests/contract holds them together."""


@dataclass(frozen=True)
class AttendanceLimits:
    """`gap`: polls that are further apart hide who was there. Decided `after` the end, as webhooks come late. Either
    may object for `open_for`; an objection that nobody decides on ends after `objected_for`.
    """

    gap: timedelta
    after: timedelta
    open_for: timedelta
    objected_for: timedelta


@dataclass(frozen=True)
class Decision:
    """Who did not keep the appointment, with the figures behind it.

    `judged`: the user's time, by which the professional is measured; `kept`: how much of it they certainly kept.
    `professional_there`, `user_there`: of the booked time. `late`: how long after the start the professional
    first came, None if never. `unobserved`: what of the booked time nobody could see.
    """

    absent: Absent
    judged: timedelta
    kept: timedelta
    professional_there: timedelta
    user_there: timedelta
    late: timedelta | None
    unobserved: timedelta


def decide(booked: Interval, evidence: Evidence, limits: AttendanceLimits) -> Decision:
    """The decision on a booking that is over."""
    professional, user = (evidence.least(role, booked) for role in (Role.PROFESSIONAL, Role.USER))
    outcomes = {
        absent_if(booked, one, other)
        for one, other in product(
            (professional, evidence.most(Role.PROFESSIONAL, booked, limits.gap)),
            (user, evidence.most(Role.USER, booked, limits.gap)),
        )
    }
    judged, kept = judged_time(booked, professional, user)
    return Decision(
        absent=_agreed(outcomes),
        judged=total([judged]),
        kept=kept,
        professional_there=total(professional),
        user_there=total(user),
        late=professional[0][0] - booked[0] if professional else None,
        unobserved=total(evidence.unobserved(booked)),
    )


def absent_if(booked: Interval, professional: list[Interval], user: list[Interval]) -> Absent:
    """Who did not keep the appointment, if these were the times at which they were there."""
    begin, wait = booked[0], _longest_wait(booked)
    in_time = bool(professional) and professional[0][0] - begin <= LATE
    if not user:
        waited = 2 * total(professional) >= wait
        return Absent.USER if in_time and waited else Absent.BOTH
    if not in_time:
        return Absent.PROFESSIONAL
    user_came = user[0][0]
    waited_before = total(merged_within(professional, (begin, user_came)))
    if waited_before >= wait and not contains(professional, user_came):
        came_back = overlaps(professional, user)
        return Absent.NOBODY if came_back else Absent.USER
    judged, kept = judged_time(booked, professional, user)
    return Absent.PROFESSIONAL if 2 * kept < total([judged]) else Absent.NOBODY


def judged_time(booked: Interval, professional: list[Interval], user: list[Interval]) -> tuple[Interval, timedelta]:
    """The user's time, and how much of it the professional kept.

    It runs from the start until the user left, but at least for as long as one has to wait: who leaves sooner does not
    shorten the professional's time to come. A professional who was there at that moment need not stay for the rest.

    A user who waited alone for as long as one has to may leave. Their time then runs to the end as well: that is judged
    if the professional kept a smaller share of it.
    """
    begin, wait = booked[0], _longest_wait(booked)
    user_left = user[-1][1] if user else begin
    kept = professional
    if contains(professional, user_left):
        kept = merged_within([*professional, (user_left, begin + wait)], booked)
    candidates = [(begin, max(user_left, begin + wait))]
    waited_alone = total(user) - total(overlaps(professional, user))
    if waited_alone >= wait:
        candidates.append(booked)
    judged = min(candidates, key=lambda time: total(merged_within(kept, time)) / total([time]))
    return judged, total(merged_within(kept, judged))


def _longest_wait(booked: Interval) -> timedelta:
    """How long one has to wait for the other: `WAIT`, of a short booking half."""
    return min(WAIT, (booked[1] - booked[0]) / 2)


def _agreed(outcomes: set[Absent]) -> Absent:
    """What all outcomes that are possible agree on, as far as money goes; nobody is accused of what may not be so."""
    if len(outcomes) == 1:
        return next(iter(outcomes))
    if outcomes & {Absent.PROFESSIONAL, Absent.UNCLEAR}:
        return Absent.UNCLEAR
    return Absent.BOTH if Absent.BOTH in outcomes else Absent.NOBODY
