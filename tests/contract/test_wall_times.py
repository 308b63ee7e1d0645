"""The app's form judges by the same wall times as the backend, on every night in every zone."""

import contextlib
from datetime import date, datetime
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import example, given
from hypothesis import strategies as st

from app.state.availability import slot_rules
from app.state.core import wall_time
from backend.availability import rules
from backend.kit import text
from tests.backend.availability.clock_changes import CHANGES

ZONES = sorted(available_timezones() - {"localtime", "posixrules", "Factory"})


def backends_instants(day: date, minutes: int, zone: ZoneInfo) -> tuple[datetime, ...]:
    found = []
    for which in rules.Which:
        with contextlib.suppress(rules.SkippedTime):
            found.append(rules.instant_of(day, minutes, zone, which))
    return tuple(dict.fromkeys(found))


@given(st.sampled_from(ZONES), st.dates(date(2016, 1, 1), date(2032, 1, 1)), st.integers(0, 1439))
@example("Europe/Berlin", date(2027, 10, 31), 150)
@example("Australia/Lord_Howe", date(2027, 4, 4), 105)
@example("Pacific/Apia", date(2011, 12, 30), 600)
def test_a_wall_time_means_the_same_instants_and_reads_the_same(name: str, day: date, minutes: int) -> None:
    zone = ZoneInfo(name)
    instants = wall_time.instants_of(day, minutes, zone)
    assert instants == backends_instants(day, minutes, zone)
    for instant in instants:
        assert wall_time.time_words(instant, zone) == rules.time_words(instant, zone)


def test_so_it_is_for_every_minute_of_the_days_on_which_clocks_change() -> None:
    twice = 0
    for change in CHANGES:
        zone = ZoneInfo(change.zone)
        for minutes in range(0, 24 * 60, 15):
            instants = wall_time.instants_of(change.day, minutes, zone)
            assert instants == backends_instants(change.day, minutes, zone)
            twice += len(instants) == 2
    assert twice > 10


@given(st.integers(0, 1439), st.integers(0, 1440))
def test_a_length_is_the_same(start: int, end: int) -> None:
    assert slot_rules.wall_length(start, end) * 60 == rules.wall_length(start, end).total_seconds()


@given(st.text(alphabet="0123456789０１２３٠١٢٣०१२:：٫.,，", max_size=8))
def test_digits_of_any_keyboard_are_the_same(typed: str) -> None:
    assert slot_rules.plain_digits(typed) == text.plain_digits(typed)
