"""Lists of time intervals, each a (begin, end) of instants: merged, cut, compared and added up. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import product

Interval = tuple[datetime, datetime]


def merged_within(intervals: Iterable[Interval], window: Interval) -> list[Interval]:
    """What of the intervals lies in the window, in order; those that touch or overlap become one."""
    merged: list[Interval] = []
    for begin, end in sorted((max(begin, window[0]), min(end, window[1])) for begin, end in intervals):
        if end <= begin:
            continue
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return merged


def gaps_within(intervals: Iterable[Interval], window: Interval) -> list[Interval]:
    """What of the window no interval covers, in order."""
    gaps, covered_until = [], window[0]
    for begin, end in merged_within(intervals, window):
        gaps.append((covered_until, begin))
        covered_until = end
    return [(begin, end) for begin, end in [*gaps, (covered_until, window[1])] if end > begin]


def overlaps(ones: Sequence[Interval], others: Sequence[Interval]) -> list[Interval]:
    """What lies in both lists, each of which is merged."""
    pairs = [(max(one[0], other[0]), min(one[1], other[1])) for one, other in product(ones, others)]
    return [(begin, end) for begin, end in pairs if end > begin]


def contains(intervals: Iterable[Interval], instant: datetime) -> bool:
    """Whether the instant lies in one of them; both ends belong to an interval."""
    return any(begin <= instant <= end for begin, end in intervals)


def total(intervals: Iterable[Interval]) -> timedelta:
    """The lengths of merged intervals, added up."""
    return sum((end - begin for begin, end in intervals), timedelta())
