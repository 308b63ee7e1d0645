"""Wall time and exact time on the days on which clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend.availability.rules import (
    SkippedTime,
    Span,
    end_of,
    instant_of,
    minutes_of_day,
    wall_end,
    wanted_spans,
)
from backend.kit.errors import InvalidPayload
from tests.backend.availability.clock_changes import CHANGES, WITHOUT, ZONES, Change

each_change = pytest.mark.parametrize("change", CHANGES, ids=str)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


@each_change
def test_the_table_says_what_the_database_of_zones_says(change: Change) -> None:
    zone, at = ZoneInfo(change.zone), utc(change.at_utc)
    before, after = (at - timedelta(seconds=1)).astimezone(zone), at.astimezone(zone)
    assert before.utcoffset() != after.utcoffset()


@each_change
def test_skipped_wall_times_are_refused_by_name(change: Change) -> None:
    for text in change.skipped:
        with pytest.raises(SkippedTime, match=f"{text} does not exist on {change.day.day} "):
            instant_of(change.day, minutes_of_day(text), ZoneInfo(change.zone))


@each_change
def test_of_a_wall_time_that_happens_twice_it_is_the_first(change: Change) -> None:
    zone = ZoneInfo(change.zone)
    if change.twice is None:
        assert change.skipped
        return
    text, first = change.twice
    instant = instant_of(change.day, minutes_of_day(text), zone)
    assert instant == utc(first)
    assert instant < utc(change.at_utc) <= instant + timedelta(hours=1)


@each_change
def test_a_day_is_as_long_as_its_clocks_say(change: Change) -> None:
    zone = ZoneInfo(change.zone)
    begins = end_of(change.day - timedelta(days=1), zone)
    assert end_of(change.day, zone) - begins == timedelta(hours=change.hours)


@pytest.mark.parametrize(("name", "day"), WITHOUT)
def test_where_nothing_changes_every_wall_time_exists_and_a_day_has_24_hours(name: str, day: date) -> None:
    zone = ZoneInfo(name)
    instants = [instant_of(day, minutes, zone) for minutes in range(24 * 60 + 1)]
    assert {later - earlier for earlier, later in pairwise(instants)} == {timedelta(minutes=1)}
    assert end_of(day, zone) == instants[-1]


@pytest.mark.parametrize(
    ("name", "eve"), [("Africa/Cairo", date(2027, 4, 29)), ("America/Sao_Paulo", date(2018, 11, 3))]
)
def test_a_slot_may_end_the_day_also_where_the_clocks_go_forward_at_midnight(name: str, eve: date) -> None:
    zone = ZoneInfo(name)
    (span,) = wanted_spans(eve, 23 * 60, 24 * 60, 0, zone, noon(eve - timedelta(days=7)))
    assert span.ends_at - span.starts_at == timedelta(hours=1)
    assert wall_end(span, zone) == "24:00"


@each_change
def test_weekly_repeats_keep_their_wall_time_over_the_change(change: Change) -> None:
    zone = ZoneInfo(change.zone)
    first = change.day - timedelta(weeks=1)
    spans = wanted_spans(first, 12 * 60, 13 * 60, 2, zone, noon(first - timedelta(days=7)))
    assert [span.starts_at.astimezone(zone).replace(tzinfo=None) for span in spans] == [
        datetime.combine(first + timedelta(weeks=week), time(12)) for week in range(3)
    ]
    lengths = {later.starts_at - earlier.starts_at for earlier, later in pairwise(spans)}
    whole_week = timedelta(weeks=1)
    assert lengths == {whole_week, whole_week + timedelta(hours=change.hours - 24)}


@pytest.mark.parametrize("change", [change for change in CHANGES if change.skipped], ids=str)
def test_repeats_into_a_skipped_time_are_refused_as_a_whole(change: Change) -> None:
    first, start = change.day - timedelta(weeks=2), minutes_of_day(change.skipped[-1])
    with pytest.raises(InvalidPayload) as refused:
        wanted_spans(first, start, start + 5, 3, ZoneInfo(change.zone), noon(first - timedelta(days=7)))
    assert "the clocks change then" in refused.value.extra["fields"]["start_time"]


WALLS = st.builds(
    lambda name, day, minutes: (name, day, minutes),
    st.sampled_from(ZONES),
    st.one_of(
        st.dates(date(2016, 1, 1), date(2030, 1, 1)),
        st.sampled_from(CHANGES).map(lambda change: change.day),
        st.sampled_from(CHANGES).map(lambda change: change.day + timedelta(days=1)),
    ),
    st.integers(0, 24 * 60),
)


@given(wall=WALLS)
@example(wall=("Africa/Cairo", date(2027, 4, 29), 24 * 60))
@example(wall=("Australia/Lord_Howe", date(2027, 4, 4), 105))
def test_wall_to_instant_to_wall_is_the_way_back(wall: tuple[str, date, int]) -> None:
    name, day, minutes = wall
    zone = ZoneInfo(name)
    try:
        instant = instant_of(day, minutes, zone)
    except SkippedTime:
        naive = datetime.combine(day, time(minutes // 60, minutes % 60))
        around = [datetime.combine(day, time(), UTC) + timedelta(minutes=15 * step) for step in range(-96, 192)]
        offsets = {at.astimezone(zone).utcoffset() for at in around}
        assert all(
            (naive - (offset or timedelta())).replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) != naive
            for offset in offsets
        ), "it does exist"
        return
    back = instant.astimezone(zone)
    assert back.fold == 0
    if minutes == 24 * 60:
        assert wall_end(Span(instant - timedelta(minutes=1), instant), zone) == "24:00"
        assert (instant - timedelta(seconds=1)).astimezone(zone).date() <= day < back.date()
    else:
        assert (back.date(), back.hour * 60 + back.minute) == (day, minutes)


@given(wall=WALLS, later=st.integers(1, 8 * 60))
def test_a_later_wall_time_of_the_same_day_is_a_later_instant(wall: tuple[str, date, int], later: int) -> None:
    name, day, minutes = wall
    try:
        first, second = (instant_of(day, min(each, 24 * 60), ZoneInfo(name)) for each in (minutes, minutes + later))
    except SkippedTime:
        return
    assert first < second or minutes == 24 * 60
