"""Who kept the appointment, and what follows for the money. Pure; docs/attendance.md has the rule in words and cases.

The professional is judged by their share of the time in which the user was there, or may be taken to have been willing
to be: from the booked start until the user left. Nobody is asked to wait longer than `WAIT` for the other.

| what the media server saw | decided | what goes back |
| the professional was there for less than half of that, or came more than `LATE` after the start | professional | all |
| the user never came, the professional came and waited | user | nothing |
| the user never came, and neither did the professional, or not in time | both | as if cancelled at the start |
| nobody could see enough to decide what goes back | unclear | all: a gap of ours is never the user's cost |
| else | nobody | nothing |

What nobody saw is tried both ways: the person was there, and was not. Only if every way leads to the same money is it
decided; else it is unclear, or `both` where everything is at most owed as if cancelled.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

from backend.auth.rules import Role
from backend.bookings.rules import Absent

WAIT = timedelta(minutes=10)
LATE = timedelta(minutes=15)
"""The app says both in words beside the price; tests/contract holds them together."""

Interval = tuple[datetime, datetime]
NONE = timedelta()
_REFUNDED = frozenset({Absent.PROFESSIONAL, Absent.UNCLEAR})


@dataclass(frozen=True)
class AttendanceLimits:
    """`gap`: nobody looking for longer hides who was there. Decided `after` the end, as webhooks come late. Either may
    object for `open_for`; an objection that nobody decides on ends after `objected_for`.
    """

    gap: timedelta
    after: timedelta
    open_for: timedelta
    objected_for: timedelta


@dataclass(frozen=True)
class PresenceInterval:
    """One connection of one person: there from `joined_at` to `last_seen_at` for certain; `left_at` if it is known."""

    role: Role
    joined_at: datetime
    last_seen_at: datetime
    left_at: datetime | None


@dataclass(frozen=True)
class Evidence:
    """All that is known of a booking: who was seen, and when participants were polled."""

    presence_intervals: Sequence[PresenceInterval]
    observed: Sequence[Interval]


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


def decide(begin: datetime, end: datetime, evidence: Evidence, limits: AttendanceLimits) -> Decision:
    """The decision on a booking that was booked from `begin` to `end`."""
    booked = _Booked(begin, end, limits)
    unobserved = _gaps(begin, end, evidence.observed)
    professionals, users = (
        [booked.certainly(role, evidence), booked.possibly(role, evidence, unobserved)]
        for role in (Role.PROFESSIONAL, Role.USER)
    )
    outcomes = {booked.absent(professional, user) for professional, user in product(professionals, users)}
    professional, user = professionals[0], users[0]
    judged, kept = booked.judged(professional, user)
    return Decision(
        absent=_agreed(outcomes),
        judged=_length([judged]),
        kept=kept,
        professional_there=_length(professional),
        user_there=_length(user),
        late=professional[0][0] - begin if professional else None,
        unobserved=_length(unobserved),
    )


def _agreed(outcomes: set[Absent]) -> Absent:
    """What all ways of filling the gaps agree on, as far as money goes; nobody is accused of what may not be so."""
    if len(outcomes) == 1:
        return next(iter(outcomes))
    if outcomes & _REFUNDED:
        return Absent.UNCLEAR
    return Absent.BOTH if Absent.BOTH in outcomes else Absent.NOBODY


@dataclass(frozen=True)
class _Booked:
    """The booked time, and the rule on what somebody's presence within it means."""

    begin: datetime
    end: datetime
    limits: AttendanceLimits

    @property
    def wait(self) -> timedelta:
        """Of a short booking half is wait enough."""
        return min(WAIT, (self.end - self.begin) / 2)

    def certainly(self, role: Role, evidence: Evidence) -> list[Interval]:
        """When the person was seen there, in order."""
        own = (each for each in evidence.presence_intervals if each.role is role)
        return _within(((each.joined_at, each.left_at or each.last_seen_at) for each in own), self.begin, self.end)

    def possibly(self, role: Role, evidence: Evidence, unobserved: Sequence[Interval]) -> list[Interval]:
        """The same, if they were there whenever nobody could see.

        Whose leaving is not known was gone by the next poll at the latest, and that came within a gap.
        """
        ends = (each.last_seen_at for each in evidence.presence_intervals if each.role is role and each.left_at is None)
        unknown = [(end, end + self.limits.gap) for end in ends]
        return _within([*self.certainly(role, evidence), *unknown, *unobserved], self.begin, self.end)

    def absent(self, professional: list[Interval], user: list[Interval]) -> Absent:
        """Who did not keep the appointment, if these were the times at which they were there."""
        if not user:
            return Absent.USER if self._waited_in_vain(professional) else Absent.BOTH
        if self._left_before_the_other_came(professional, user):
            return Absent.NOBODY if _length(_common(professional, user)) else Absent.USER
        if not professional or professional[0][0] - self.begin > LATE:
            return Absent.PROFESSIONAL
        judged, kept = self.judged(professional, user)
        return Absent.PROFESSIONAL if 2 * kept < _length([judged]) else Absent.NOBODY

    def judged(self, professional: list[Interval], user: list[Interval]) -> tuple[Interval, timedelta]:
        """The user's time, and how much of it the professional kept.

        It runs from the start until the user left. Who leaves earlier than one has to wait does not shorten it further;
        a professional who was there when they left need not stay for the rest of that. A user who had waited alone for
        as long as one has to may be taken to have been willing until the end: that is judged where the professional's
        share of it is smaller.
        """
        least = self.begin + self.wait
        left = user[-1][1] if user else self.begin
        kept = professional
        if any(began <= left <= until for began, until in professional):
            kept = _within([*professional, (left, least)], self.begin, self.end)
        times = [(self.begin, max(left, least))]
        if _length(user) - _length(_common(professional, user)) >= self.wait:
            times.append((self.begin, self.end))
        judged = min(times, key=lambda time: _share(kept, time))
        return judged, _length(_within(kept, *judged))

    def _waited_in_vain(self, professional: list[Interval]) -> bool:
        """In time, and for half of what one has to wait: nobody came to whom more would have mattered."""
        in_time = bool(professional) and professional[0][0] - self.begin <= LATE
        return in_time and 2 * _length(professional) >= self.wait

    def _left_before_the_other_came(self, professional: list[Interval], user: list[Interval]) -> bool:
        """The professional came in time, waited as long as one has to, and was gone when the user first came."""
        came = user[0][0]
        before = _within(professional, self.begin, came)
        gone = bool(before) and not any(began <= came <= until for began, until in professional)
        return gone and before[0][0] - self.begin <= LATE and _length(before) >= self.wait


def _gaps(begin: datetime, end: datetime, observed: Iterable[Interval]) -> list[Interval]:
    """The parts of the booked time that no poll covers."""
    gaps, reached = [], begin
    for began, until in _within(observed, begin, end):
        gaps.append((reached, began))
        reached = until
    return [(began, until) for began, until in [*gaps, (reached, end)] if until > began]


def _within(intervals: Iterable[Interval], begin: datetime, end: datetime) -> list[Interval]:
    """The intervals between two instants, in order and without overlap."""
    joined: list[Interval] = []
    for began, until in sorted((max(began, begin), min(until, end)) for began, until in intervals):
        if until <= began:
            continue
        if joined and began <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], until))
        else:
            joined.append((began, until))
    return joined


def _common(ones: Iterable[Interval], others: Iterable[Interval]) -> list[Interval]:
    """When both were there; neither list overlaps within itself."""
    pairs = [(max(a[0], b[0]), min(a[1], b[1])) for a, b in product(ones, list(others))]
    return [(began, until) for began, until in pairs if until > began]


def _share(there: list[Interval], judged: Interval) -> float:
    return _length(_within(there, *judged)) / _length([judged])


def _length(intervals: Iterable[Interval]) -> timedelta:
    return sum((until - began for began, until in intervals), NONE)
