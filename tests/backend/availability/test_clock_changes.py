"""Wall time and exact time on the days on which clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from backend.availability.rules import (
    SkippedTime,
    Span,
    Which,
    end_of,
    instant_of,
    minutes_of_day,
    span_words,
    time_words,
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
    (span,) = wanted_spans(eve, 23 * 60, 24 * 60, 0, zone, noon(eve - timedelta(days=7))).spans
    assert span.ends_at - span.starts_at == timedelta(hours=1)
    assert wall_end(span, zone) == "24:00"


@each_change
def test_weekly_repeats_keep_their_wall_time_over_the_change(change: Change) -> None:
    zone = ZoneInfo(change.zone)
    first = change.day - timedelta(weeks=1)
    spans = wanted_spans(first, 12 * 60, 13 * 60, 2, zone, noon(first - timedelta(days=7))).spans
    assert [span.starts_at.astimezone(zone).replace(tzinfo=None) for span in spans] == [
        datetime.combine(first + timedelta(weeks=week), time(12)) for week in range(3)
    ]
    lengths = {later.starts_at - earlier.starts_at for earlier, later in pairwise(spans)}
    whole_week = timedelta(weeks=1)
    assert lengths == {whole_week, whole_week + timedelta(hours=change.hours - 24)}


@pytest.mark.parametrize("change", [change for change in CHANGES if change.skipped], ids=str)
def test_a_repeat_into_a_skipped_time_is_left_out_and_named(change: Change) -> None:
    first, start = change.day - timedelta(weeks=2), minutes_of_day(change.skipped[-1])
    wanted = wanted_spans(first, start, start + 5, 3, ZoneInfo(change.zone), noon(first - timedelta(days=7)))
    assert [skipped.day for skipped in wanted.left_out] == [change.day]
    assert "the clocks change then" in wanted.left_out[0].reason
    assert len(wanted.spans) == 3


@pytest.mark.parametrize("change", [change for change in CHANGES if change.skipped], ids=str)
def test_a_skipped_time_alone_is_refused(change: Change) -> None:
    start = minutes_of_day(change.skipped[-1])
    with pytest.raises(InvalidPayload) as refused:
        wanted_spans(change.day, start, start + 5, 0, ZoneInfo(change.zone), noon(change.day - timedelta(days=7)))
    assert "the clocks change then" in refused.value.extra["fields"]["start_time"]


@pytest.mark.parametrize("change", [change for change in CHANGES if change.twice], ids=str)
def test_each_of_two_equal_times_can_be_offered_and_lasts_what_was_typed(change: Change) -> None:
    assert change.twice is not None
    zone, start, before = ZoneInfo(change.zone), minutes_of_day(change.twice[0]), noon(change.day - timedelta(days=7))
    (first,), (second,) = (wanted_spans(change.day, start, start + 30, 0, zone, before, which).spans for which in Which)
    assert first.starts_at == utc(change.twice[1])
    assert second.starts_at - first.starts_at == timedelta(hours=change.hours - 24)
    assert {span.ends_at - span.starts_at for span in (first, second)} == {timedelta(minutes=30)}
    names = [time_words(span.starts_at, zone) for span in (first, second)]
    assert len(set(names)) == 2
    assert all(name.startswith(f"{change.twice[0]} ") for name in names)


@pytest.mark.parametrize(
    ("name", "at_utc", "words"),
    [
        ("America/New_York", "2027-11-07 05:00", "01:00 EDT"),
        ("America/New_York", "2027-11-07 06:00", "01:00 EST"),
        ("America/New_York", "2027-11-07 07:00", "02:00"),
        ("Europe/Berlin", "2027-10-31 01:30", "02:30 CET"),
        ("Australia/Lord_Howe", "2027-04-03 15:15", "01:45 UTC+10:30"),
        ("Africa/Casablanca", "2027-02-07 01:30", "02:30 UTC+1"),
        ("America/Nuuk", "2027-10-31 00:30", "23:30 UTC-1"),
        ("Antarctica/Troll", "2027-10-31 02:00", "02:00 UTC+0"),
        ("Asia/Kolkata", "2027-10-31 01:30", "07:00"),
    ],
)
def test_an_hour_that_comes_twice_is_named_by_its_offset(name: str, at_utc: str, words: str) -> None:
    assert time_words(utc(at_utc), ZoneInfo(name)) == words


def test_a_span_names_the_offset_of_what_comes_twice_and_the_next_day() -> None:
    berlin, half_past = ZoneInfo("Europe/Berlin"), utc("2027-10-31 00:30")
    assert span_words(Span(half_past, half_past + timedelta(minutes=30)), berlin) == (
        "02:30 CEST-02:00 CET on 31 October 2027"
    )
    late = utc("2027-03-02 22:00")
    assert span_words(Span(late, late + timedelta(hours=2)), berlin) == "23:00-01:00 (next day) on 2 March 2027"


EVERY_ZONE = sorted(available_timezones() - {"localtime", "posixrules", "Factory"})
_STRANGE = [
    "Australia/Lord_Howe",
    "Antarctica/Troll",
    "Pacific/Apia",
    "America/Havana",
    "Asia/Tehran",
    "Europe/Dublin",
    "Africa/Casablanca",
    "Africa/Cairo",
    "America/Nuuk",
    "America/Santiago",
    "Asia/Beirut",
    "America/Sao_Paulo",
    "Europe/Berlin",
]


def changes_between(zone: ZoneInfo, first: date, last: date) -> list[date]:
    """The days on which a zone's clocks change."""
    days = [first + timedelta(days=number) for number in range((last - first).days)]
    return [day for day, after in pairwise(days) if offset_at_noon(day, zone) != offset_at_noon(after, zone)]


def offset_at_noon(day: date, zone: ZoneInfo) -> timedelta | None:
    return datetime.combine(day, time(12), zone).utcoffset()


@cache
def _nights(name: str) -> list[date]:
    found = changes_between(ZoneInfo(name), date(2011, 6, 1), date(2031, 1, 1)) or [date(2027, 1, 1)]
    return [day + timedelta(days=off) for day in found for off in (-1, 0, 1)]


@st.composite
def _typed(draw: st.DrawFn) -> tuple[str, date, int, int, int, Which]:
    """A zone, a day (mostly near a change of its clocks), start, length in minutes, repeats, which of two."""
    name = draw(st.one_of(st.sampled_from(_STRANGE), st.sampled_from(EVERY_ZONE)))
    day = draw(st.one_of(st.sampled_from(_nights(name)), st.dates(date(2011, 6, 1), date(2031, 1, 1))))
    start = draw(st.one_of(st.integers(0, 3 * 60), st.integers(0, 24 * 60 - 1)))
    return name, day, start, draw(st.integers(5, 480)), draw(st.integers(0, 4)), draw(st.sampled_from(Which))


@settings(max_examples=400, deadline=None)
@given(typed=_typed())
@example(typed=("Europe/Berlin", date(2027, 10, 31), 150, 30, 0, Which.FIRST))
@example(typed=("Antarctica/Troll", date(2027, 10, 31), 60, 120, 0, Which.SECOND))
@example(typed=("Pacific/Apia", date(2011, 12, 30), 600, 60, 1, Which.FIRST))
@example(typed=("America/Havana", date(2027, 11, 7), 0, 60, 0, Which.SECOND))
def test_a_price_buys_the_length_that_was_typed_on_every_night_in_every_zone(
    typed: tuple[str, date, int, int, int, Which],
) -> None:
    name, day, start, length, weeks, which = typed
    zone, end = ZoneInfo(name), (start + length) % (24 * 60)
    try:
        wanted = wanted_spans(day, start, end, weeks, zone, noon(day - timedelta(days=3)), which)
    except InvalidPayload:
        with pytest.raises(SkippedTime):
            instant_of(day, start, zone, which)
        return
    assert {span.ends_at - span.starts_at for span in wanted.spans} == {timedelta(minutes=length)}
    assert len(wanted.spans) + len(wanted.left_out) == weeks + 1
    for span in wanted.spans:
        wall = span.starts_at.astimezone(zone)
        assert (wall.hour * 60 + wall.minute, (wall.date() - day).days % 7) == (start, 0)
        other = wall.replace(fold=1 - wall.fold)
        twice = other.utcoffset() != wall.utcoffset()
        assert wall.fold == (int(which is Which.SECOND) if twice else 0)
        assert (len(time_words(span.starts_at, zone)) > len("00:00")) == twice


def test_the_nights_above_are_nights_on_which_clocks_change() -> None:
    assert all(len(_nights(name)) >= 3 for name in _STRANGE)
    assert sum(len(_nights(name)) for name in _STRANGE) > 600


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
