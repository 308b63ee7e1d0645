"""Who did not come: decided from evidence of the media server alone, and by nobody where that has a gap. Pure.

Each person's time in the room lies between what is certain (they were seen) and what is possible (nobody was looking).
The outcome is taken at both ends of both; only where all agree it is decided. That is enough, since the region of each
outcome is bounded by one limit a person: what holds at the ends holds between them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

from backend.auth.rules import Role
from backend.bookings.rules import Absent

Stretch = tuple[datetime, datetime]
Lengths = tuple[timedelta, timedelta]
"""What is certain, and what is possible."""


@dataclass(frozen=True)
class AttendanceLimits:
    """Absent: there for less than `absent_under` while the other was there for `present_from` (or half of the session).

    `gap`: nobody looking for longer hides who was there. Decided `after` the end, as notices come late.
    """

    present_from: timedelta
    absent_under: timedelta
    gap: timedelta
    after: timedelta


@dataclass(frozen=True)
class Stay:
    """One connection of one person: there from `joined_at` to `last_seen_at` for certain; `left_at` if it was told."""

    role: Role
    joined_at: datetime
    last_seen_at: datetime
    left_at: datetime | None


@dataclass(frozen=True)
class Evidence:
    """All that is known of a session: who was seen, and when somebody was looking."""

    stays: Sequence[Stay]
    watched: Sequence[Stretch]


def absent(begin: datetime, end: datetime, evidence: Evidence, limits: AttendanceLimits) -> Absent:
    """Who did not come to the session booked from `begin` to `end`."""
    enough = min(limits.present_from, (end - begin) / 2)
    times = [_times(role, begin, end, evidence, limits.gap) for role in (Role.PROFESSIONAL, Role.USER)]
    found = {_absent(professional, user, enough, limits.absent_under) for professional, user in product(*times)}
    return found.pop() if len(found) == 1 else Absent.UNCLEAR


def _absent(professional: timedelta, user: timedelta, enough: timedelta, few: timedelta) -> Absent:
    if professional < few and user < few:
        return Absent.BOTH
    if professional < few and user >= enough:
        return Absent.PROFESSIONAL
    if user < few and professional >= enough:
        return Absent.USER
    return Absent.NOBODY


def _times(role: Role, begin: datetime, end: datetime, evidence: Evidence, gap: timedelta) -> Lengths:
    own = [stay for stay in evidence.stays if stay.role is role]
    seen = [(stay.joined_at, stay.left_at or stay.last_seen_at) for stay in own]
    # Whose leaving nobody told was gone by the next look at the latest, and that came within a gap.
    untold = [(stay.last_seen_at, stay.last_seen_at + gap) for stay in own if stay.left_at is None]
    certain = _length(_joined(seen, begin, end))
    possible = _length(_joined([*seen, *untold, *_unwatched(begin, end, evidence.watched)], begin, end))
    return certain, possible


def _unwatched(begin: datetime, end: datetime, watched: Iterable[Stretch]) -> list[Stretch]:
    """What of the booked time nobody looked at."""
    gaps, reached = [], begin
    for began, until in _joined(watched, begin, end):
        gaps.append((reached, began))
        reached = until
    return [*gaps, (reached, end)]


def _joined(stretches: Iterable[Stretch], begin: datetime, end: datetime) -> list[Stretch]:
    """The stretches within the booked time, in order and without overlap."""
    joined: list[Stretch] = []
    for began, until in sorted((max(began, begin), min(until, end)) for began, until in stretches):
        if until <= began:
            continue
        if joined and began <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], until))
        else:
            joined.append((began, until))
    return joined


def _length(stretches: Iterable[Stretch]) -> timedelta:
    return sum((until - began for began, until in stretches), timedelta())
