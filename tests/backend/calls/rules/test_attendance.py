"""Who kept the appointment: the cases of docs/attendance.md, and what holds for every evidence."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.auth.rules import Role
from backend.bookings.rules import Absent
from backend.calls.rules.attendance import AttendanceLimits, decide
from backend.calls.rules.evidence import Evidence, PresenceInterval
from backend.calls.rules.intervals import Interval

BEGIN = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LIMITS = AttendanceLimits(
    gap=MINUTE,
    after=2 * MINUTE,
    open_for=timedelta(hours=24),
    objected_for=timedelta(days=14),
)
PRO, USER = Role.PROFESSIONAL, Role.USER
DOCUMENT = Path(__file__).resolve().parents[4] / "docs" / "attendance.md"
GOES_BACK = {
    Absent.PROFESSIONAL: "all",
    Absent.UNCLEAR: "all",
    Absent.BOTH: "as if cancelled",
    Absent.USER: "nothing",
    Absent.NOBODY: "nothing",
}


def at(clock: str) -> datetime:
    """ "58:59" after the start; a bare number is minutes."""
    minutes, _, seconds = clock.partition(":")
    return BEGIN + timedelta(minutes=int(minutes), seconds=int(seconds or 0))


def intervals(words: str) -> list[Interval]:
    """ "0-20, 22-60"; "-" is none."""
    if words == "-":
        return []
    parts = (re.fullmatch(r"(-?[\d:]+)-(-?[\d:]+)", part.strip()) for part in words.split(","))
    return [(at(part[1]), at(part[2])) for part in parts if part]


def cases() -> Iterator[list[str]]:
    """The rows of the document's table."""
    for line in DOCUMENT.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 7 and cells[0].isdecimal():
            yield cells


def presence_intervals(role: Role, words: list[Interval]) -> list[PresenceInterval]:
    return [PresenceInterval(role, joined, left, left) for joined, left in words]


def observed(end: datetime, unseen: list[Interval]) -> list[Interval]:
    """All the time from before the start until after the end, but for what is `unseen`."""
    edges = [BEGIN - 20 * MINUTE, *(edge for gap in unseen for edge in gap), end + 20 * MINUTE]
    return list(zip(edges[::2], edges[1::2], strict=True))


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: f"{case[1]}|{case[2]}|{case[3]}" if case else "")
def test_the_document_says_what_is_decided(case: list[str]) -> None:
    booked, professional, user, unseen, decided, goes_back, _why = case
    end = BEGIN + int(booked) * MINUTE
    seen = [*presence_intervals(PRO, intervals(professional)), *presence_intervals(USER, intervals(user))]
    decision = decide((BEGIN, end), Evidence(seen, observed(end, intervals(unseen))), LIMITS)
    assert (decision.absent.value, GOES_BACK[decision.absent]) == (decided, goes_back)


def test_the_document_has_cases_of_every_decision() -> None:
    assert {case[4] for case in cases()} == {each.value for each in Absent}
    assert len(list(cases())) > 40


def test_the_figures_say_how_it_was_decided() -> None:
    end = BEGIN + 60 * MINUTE
    seen = [*presence_intervals(PRO, intervals("5-20")), *presence_intervals(USER, intervals("0-50"))]
    decision = decide((BEGIN, end), Evidence(seen, observed(end, intervals("55-57"))), LIMITS)
    assert decision.absent is Absent.PROFESSIONAL
    # From 20 on the user waited alone for more than ten minutes: the whole hour is judged.
    assert (decision.judged, decision.kept, decision.late) == (60 * MINUTE, 15 * MINUTE, 5 * MINUTE)
    assert (decision.professional_there, decision.user_there) == (15 * MINUTE, 50 * MINUTE)
    assert decision.unobserved == 2 * MINUTE


def test_of_somebody_who_never_came_there_is_no_lateness() -> None:
    end = BEGIN + 60 * MINUTE
    decision = decide((BEGIN, end), Evidence([], observed(end, [])), LIMITS)
    assert (decision.late, decision.kept, decision.judged) == (None, timedelta(), 10 * MINUTE)


def test_whose_leaving_is_not_known_was_gone_by_the_next_look() -> None:
    end = BEGIN + 60 * MINUTE
    user = presence_intervals(USER, intervals("0-60"))
    until = {minute: PresenceInterval(PRO, BEGIN, at(minute), None) for minute in ("29", "28:59")}
    found = [decide((BEGIN, end), Evidence([*user, one], observed(end, [])), LIMITS).absent for one in until.values()]
    assert found == [Absent.UNCLEAR, Absent.PROFESSIONAL]


def test_a_user_whose_leaving_is_not_known_may_have_stayed_until_the_next_poll() -> None:
    """The professional left at 20; a user who waited alone for ten minutes after that gets everything back."""
    end = BEGIN + 60 * MINUTE
    professional = presence_intervals(PRO, intervals("0-20"))
    until = {minute: PresenceInterval(USER, BEGIN, at(minute), None) for minute in ("29", "28:59")}
    found = [
        decide((BEGIN, end), Evidence([*professional, one], observed(end, [])), LIMITS).absent for one in until.values()
    ]
    assert found == [Absent.UNCLEAR, Absent.NOBODY]


SECONDS = st.integers(-300, 3900)
LONG = st.lists(st.tuples(SECONDS, st.integers(0, 3600)), max_size=3)
"""A few long stretches, as (begin, length) in seconds: what sessions are made of."""


def _long(parts: list[tuple[int, int]]) -> list[Interval]:
    return [(BEGIN + timedelta(seconds=a), BEGIN + timedelta(seconds=a + length)) for a, length in parts]


def _seen(professional: list[tuple[int, int]], user: list[tuple[int, int]]) -> list[PresenceInterval]:
    return [*presence_intervals(PRO, _long(professional)), *presence_intervals(USER, _long(user))]


HOUR = BEGIN + 60 * MINUTE
MANY = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


def test_less_seen_never_costs_the_user_money() -> None:
    rank = {"nothing": 0, "as if cancelled": 1, "all": 2}
    met: Counter[str] = Counter()

    @MANY
    @given(LONG, LONG, st.lists(st.tuples(st.integers(0, 3600), st.integers(1, 900)), max_size=2))
    def check(professional: list[tuple[int, int]], user: list[tuple[int, int]], gaps: list[tuple[int, int]]) -> None:
        evidence = _seen(professional, user)
        all_seen = decide((BEGIN, HOUR), Evidence(evidence, observed(HOUR, [])), LIMITS).absent
        hidden = _long(gaps)
        looks = [(BEGIN - MINUTE, HOUR + MINUTE)]
        for began, until in hidden:
            looks = [part for a, b in looks for part in ((a, min(b, began)), (max(a, until), b)) if part[1] > part[0]]
        partly = decide((BEGIN, HOUR), Evidence(evidence, looks), LIMITS).absent
        met[all_seen.value] += 1
        met["unclear"] += partly is Absent.UNCLEAR
        assert rank[GOES_BACK[partly]] >= rank[GOES_BACK[all_seen]]

    check()
    assert min(met[each.value] for each in Absent) >= 5, met


def test_who_was_there_for_all_of_it_is_never_refused_their_money() -> None:
    met: Counter[str] = Counter()

    @MANY
    @given(LONG)
    def check(user: list[tuple[int, int]]) -> None:
        evidence = _seen([(0, 3600)], user)
        decided = decide((BEGIN, HOUR), Evidence(evidence, observed(HOUR, [])), LIMITS).absent
        met[decided.value] += 1
        assert decided in (Absent.NOBODY, Absent.USER)

    check()
    assert min(met["nobody"], met["user"]) >= 5, met
