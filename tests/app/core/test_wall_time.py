"""How times read for people."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.state.core.wall_time import (
    clock_words,
    countdown_words,
    day_words,
    duration_words,
    instants_of,
    same_clock,
    span_words,
    time_words,
    zone_or,
    zone_words,
)

BERLIN, NEW_YORK, PARIS = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("later", "words"),
    [
        (timedelta(), "Today"),
        (timedelta(days=1), "Tomorrow"),
        (timedelta(days=-1), "Yesterday"),
        (timedelta(days=2), "Thu 26 Nov"),
        (timedelta(days=60), "Sat 23 Jan 2027"),
    ],
)
def test_a_day_reads_by_how_near_it_is(later: timedelta, words: str) -> None:
    assert day_words(NOW + later, BERLIN, NOW) == words


def test_the_day_is_the_viewers_not_utcs() -> None:
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert day_words(late, BERLIN, NOW) == "Tomorrow"
    assert day_words(late, NEW_YORK, NOW) == "Today"


def test_a_span_in_the_viewers_own_zone_names_no_zone() -> None:
    starts = datetime(2026, 11, 24, 13, 30, tzinfo=UTC)
    assert span_words(starts, starts + timedelta(minutes=45), BERLIN, NOW) == "Today 14:30–15:15"


def test_zones_whose_clocks_show_the_same_need_no_name() -> None:
    starts = datetime(2026, 11, 24, 13, 30, tzinfo=UTC)
    assert same_clock(starts, PARIS, BERLIN)
    assert not same_clock(starts, NEW_YORK, BERLIN)


@pytest.mark.parametrize(
    ("at", "zone", "words"),
    [
        ("2027-11-07 05:00", "America/New_York", "01:00 EDT"),
        ("2027-11-07 06:00", "America/New_York", "01:00 EST"),
        ("2027-11-07 07:00", "America/New_York", "02:00"),
        ("2027-04-03 15:15", "Australia/Lord_Howe", "01:45 UTC+10:30"),
        ("2027-10-31 00:30", "America/Nuuk", "23:30 UTC-1"),
        ("2027-02-07 01:30", "Africa/Casablanca", "02:30 UTC+1"),
        ("2027-10-31 01:30", "Europe/Dublin", "01:30 GMT"),
    ],
)
def test_an_hour_that_comes_twice_is_named_by_its_offset(at: str, zone: str, words: str) -> None:
    assert time_words(datetime.fromisoformat(at).replace(tzinfo=UTC), ZoneInfo(zone)) == words


def test_a_span_names_the_offset_and_the_next_day() -> None:
    late = datetime(2026, 11, 24, 22, tzinfo=UTC)
    assert span_words(late, late + timedelta(hours=2), BERLIN, NOW) == "Today 23:00–01:00 (next day)"
    assert span_words(late, late + timedelta(hours=1), BERLIN, NOW) == "Today 23:00–00:00"
    twice = datetime(2027, 11, 7, 5, tzinfo=UTC)
    assert span_words(twice, twice + timedelta(hours=1), NEW_YORK, NOW) == "Sun 7 Nov 2027 01:00 EDT–01:00 EST"


@given(
    st.dates(date(2015, 1, 1), date(2035, 1, 1)),
    st.integers(0, 1439),
    st.sampled_from(sorted(available_timezones() - {"localtime", "posixrules", "Factory"})),
)
def test_a_wall_time_means_none_one_or_two_instants_that_all_read_so(day: date, minutes: int, name: str) -> None:
    zone = ZoneInfo(name)
    instants = instants_of(day, minutes, zone)
    assert list(instants) == sorted(instants)
    for at in instants:
        wall = at.astimezone(zone)
        assert (wall.date(), wall.hour * 60 + wall.minute) == (day, minutes)
        assert (len(time_words(at, zone)) > 5) == (len(instants) == 2)


def test_a_zone_is_called_by_its_place() -> None:
    assert zone_words(NEW_YORK) == "New York"


@pytest.mark.parametrize(("minutes", "words"), [(45, "45 min"), (60, "1 h"), (90, "1 h 30 min"), (0, "0 min")])
def test_a_duration_reads_in_hours_and_minutes(minutes: int, words: str) -> None:
    assert duration_words(timedelta(minutes=minutes)) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "now"),
        (0, "now"),
        (0.4, "1 s"),
        (45, "45 s"),
        (61, "2 min"),
        (720, "12 min"),
        (7500, "2 h 5 min"),
        (86400, "1 day"),
        (3 * 86400, "3 days"),
    ],
)
def test_a_countdown_never_promises_less_than_is_left(seconds: float, words: str) -> None:
    assert countdown_words(seconds) == words


@pytest.mark.parametrize(("seconds", "words"), [(0, "0:00"), (545, "9:05"), (4145, "1:09:05")])
def test_a_running_clock_shows_minutes_and_seconds(seconds: int, words: str) -> None:
    assert clock_words(seconds) == words


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "a\x00b"])
def test_an_unknown_zone_falls_back(name: str) -> None:
    assert zone_or(name, BERLIN) == BERLIN
