"""Lists of intervals: merged, cut, compared and added up."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.calls.rules.intervals import Interval, contains, gaps_within, merged_within, overlaps, total

BEGIN = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)


def span(begin: int, end: int) -> Interval:
    return BEGIN + timedelta(minutes=begin), BEGIN + timedelta(minutes=end)


HOUR = span(0, 60)


@pytest.mark.parametrize(
    ("intervals", "merged"),
    [
        ([(0, 30), (10, 20)], [(0, 30)]),  # one within another
        ([(0, 20), (10, 30)], [(0, 30)]),
        ([(0, 10), (10, 20)], [(0, 20)]),
        ([(40, 50), (0, 10)], [(0, 10), (40, 50)]),
        ([(-10, 5), (55, 70), (70, 80), (20, 20)], [(0, 5), (55, 60)]),
    ],
)
def test_intervals_are_cut_ordered_and_merged(intervals: list[tuple[int, int]], merged: list[tuple[int, int]]) -> None:
    assert merged_within([span(*each) for each in intervals], HOUR) == [span(*each) for each in merged]


def test_gaps_are_what_no_interval_covers() -> None:
    assert gaps_within([span(10, 30), span(15, 20), span(50, 70)], HOUR) == [span(0, 10), span(30, 50)]
    assert gaps_within([], HOUR) == [HOUR]


def test_overlaps_lie_in_both_lists_and_add_up() -> None:
    both = overlaps([span(0, 10), span(20, 30)], [span(5, 25), span(30, 40)])
    assert (both, total(both)) == ([span(5, 10), span(20, 25)], timedelta(minutes=10))


def test_both_ends_belong_to_an_interval() -> None:
    assert [contains([span(10, 20)], span(0, minute)[1]) for minute in (9, 10, 20, 21)] == [False, True, True, False]
