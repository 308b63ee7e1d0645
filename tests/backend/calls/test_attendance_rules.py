"""Who counts as absent: a table of cases, and what holds for every evidence."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.auth.rules import Role
from backend.bookings.rules import Absent
from backend.calls.rules.attendance import AttendanceLimits, Evidence, Stay, absent

BEGIN = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)
END = BEGIN + timedelta(minutes=45)
MINUTE = timedelta(minutes=1)
LIMITS = AttendanceLimits(
    present_from=10 * MINUTE, absent_under=MINUTE, gap=timedelta(seconds=60), after=timedelta(minutes=2)
)
WHOLE = [(BEGIN - MINUTE, END + MINUTE)]
PRO, USER = Role.PROFESSIONAL, Role.USER


def at(minutes: float) -> datetime:
    return BEGIN + timedelta(minutes=minutes)


def stay(role: Role, joined: float, left: float) -> Stay:
    return Stay(role, at(joined), at(left), at(left))


@pytest.mark.parametrize(
    ("stays", "expected"),
    [
        ([], Absent.BOTH),
        ([stay(PRO, 0, 45), stay(USER, 0, 45)], Absent.NOBODY),
        ([stay(USER, 0, 10)], Absent.PROFESSIONAL),
        ([stay(USER, 0, 9.9)], Absent.NOBODY),
        ([stay(USER, 0, 45), stay(PRO, 0, 0.9)], Absent.PROFESSIONAL),
        ([stay(USER, 0, 45), stay(PRO, 0, 1)], Absent.NOBODY),
        ([stay(USER, 0, 5), stay(USER, 20, 25)], Absent.PROFESSIONAL),
        ([stay(USER, 0, 6), stay(USER, 2, 8)], Absent.NOBODY),
        ([stay(PRO, 5, 40)], Absent.USER),
        ([stay(PRO, 0, 0.5), stay(USER, 44.5, 45)], Absent.BOTH),
        ([stay(USER, -15, -1), stay(USER, 45, 60)], Absent.BOTH),
        ([stay(USER, -15, 60), stay(PRO, -15, -1)], Absent.PROFESSIONAL),
    ],
    ids=[
        "neither came",
        "both came",
        "the user waited for ten minutes",
        "the user gave up before ten minutes",
        "the professional looked in for less than a minute",
        "the professional was there for a minute",
        "the user waited in two parts",
        "two connections at once count once",
        "the professional waited",
        "both only looked in",
        "only the booked time counts",
        "who came too early was not there",
    ],
)
def test_with_somebody_looking_all_the_time_it_is_decided(stays: list[Stay], expected: Absent) -> None:
    assert absent(BEGIN, END, Evidence(stays, WHOLE), LIMITS) is expected


def test_of_a_short_session_half_is_enough() -> None:
    short = BEGIN + 10 * MINUTE
    assert absent(BEGIN, short, Evidence([stay(USER, 0, 5)], WHOLE), LIMITS) is Absent.PROFESSIONAL


def test_nobody_looked_and_nobody_decides() -> None:
    assert absent(BEGIN, END, Evidence([], []), LIMITS) is Absent.UNCLEAR


def test_a_gap_in_which_the_other_may_have_come_leaves_it_unclear() -> None:
    watched = [(at(-1), at(20)), (at(23), at(46))]
    assert absent(BEGIN, END, Evidence([stay(USER, 0, 45)], watched), LIMITS) is Absent.UNCLEAR


def test_a_gap_too_short_to_matter_decides_nothing_away() -> None:
    watched = [(at(-1), at(20)), (at(20.5), at(46))]
    assert absent(BEGIN, END, Evidence([stay(USER, 0, 45)], watched), LIMITS) is Absent.PROFESSIONAL


def test_who_was_seen_on_both_sides_of_a_gap_by_the_same_connection_was_there() -> None:
    both = [stay(USER, 0, 45), stay(PRO, 1, 44)]
    assert absent(BEGIN, END, Evidence(both, []), LIMITS) is Absent.NOBODY


def test_whose_leaving_nobody_told_was_gone_by_the_next_look() -> None:
    looked_in = Stay(PRO, at(5), at(5.5), None)
    assert absent(BEGIN, END, Evidence([stay(USER, 0, 45), looked_in], WHOLE), LIMITS) is Absent.UNCLEAR


seconds = st.integers(-600, 3300)
stretches = st.lists(st.tuples(seconds, seconds).map(sorted), max_size=4)


def _stays(role: Role, parts: list[list[int]]) -> list[Stay]:
    moments = [(BEGIN + timedelta(seconds=a), BEGIN + timedelta(seconds=b)) for a, b in parts]
    return [Stay(role, joined, left, left) for joined, left in moments]


@given(stretches, stretches, stretches, stretches)
def test_more_looking_never_turns_one_decision_into_another(
    professional: list[list[int]], user: list[list[int]], watched: list[list[int]], more: list[list[int]]
) -> None:
    stays = [*_stays(PRO, professional), *_stays(USER, user)]
    looks = [(BEGIN + timedelta(seconds=a), BEGIN + timedelta(seconds=b)) for a, b in watched]
    further = [(BEGIN + timedelta(seconds=a), BEGIN + timedelta(seconds=b)) for a, b in more]
    before = absent(BEGIN, END, Evidence(stays, looks), LIMITS)
    after = absent(BEGIN, END, Evidence(stays, [*looks, *further]), LIMITS)
    assert before in (after, Absent.UNCLEAR)


@given(stretches, stretches)
def test_nobody_is_absent_who_was_there_for_a_minute(professional: list[list[int]], user: list[list[int]]) -> None:
    there = _stays(PRO, [*professional, [600, 660]])
    assert absent(BEGIN, END, Evidence([*there, *_stays(USER, user)], WHOLE), LIMITS) in (Absent.NOBODY, Absent.USER)
