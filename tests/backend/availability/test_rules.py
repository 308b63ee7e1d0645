"""Wall time to exact time, and what a slot may be."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.availability.rules import (
    SkippedTime,
    Span,
    instant_of,
    minutes_of_day,
    price_in_range,
    span_words,
    wall_end,
    wall_length,
)

BERLIN = ZoneInfo("Europe/Berlin")


def test_a_wall_time_is_read_in_the_zone() -> None:
    assert instant_of(date(2027, 7, 1), 9 * 60, BERLIN) == datetime(2027, 7, 1, 7, tzinfo=UTC)


def test_a_wall_time_that_the_spring_change_skips_is_refused_by_name() -> None:
    with pytest.raises(SkippedTime, match="02:30 does not exist on 28 March 2027"):
        instant_of(date(2027, 3, 28), 2 * 60 + 30, BERLIN)


def test_a_wall_time_that_happens_twice_is_the_first() -> None:
    assert instant_of(date(2027, 10, 31), 2 * 60 + 30, BERLIN) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_twenty_four_hundred_is_the_midnight_after() -> None:
    assert instant_of(date(2027, 12, 31), minutes_of_day("24:00"), BERLIN) == datetime(2027, 12, 31, 23, tzinfo=UTC)


@pytest.mark.parametrize("minutes", [9 * 60, 24 * 60])
def test_an_exact_time_is_in_utc(minutes: int) -> None:
    assert instant_of(date(2027, 7, 1), minutes, BERLIN).tzinfo is UTC


def test_the_midnight_that_ends_the_day_reads_as_twenty_four_hundred() -> None:
    end = datetime(2027, 1, 5, 23, tzinfo=UTC)
    assert wall_end(Span(end - timedelta(hours=1), end), BERLIN) == "24:00"


@pytest.mark.parametrize(
    ("zone", "starts_at", "words"),
    [
        ("America/New_York", datetime(2027, 3, 2, 4, tzinfo=UTC), "23:00-24:00 on 1 March 2027"),
        ("America/New_York", datetime(2027, 3, 2, 1, tzinfo=UTC), "20:00-21:00 on 1 March 2027"),
        ("America/New_York", datetime(2027, 3, 1, 23, 30, tzinfo=UTC), "18:30-19:30 on 1 March 2027"),
        ("America/New_York", datetime(2027, 3, 2, 4, 30, tzinfo=UTC), "23:30-00:30 (next day) on 1 March 2027"),
        ("Asia/Tokyo", datetime(2027, 3, 1, 14, tzinfo=UTC), "23:00-24:00 on 1 March 2027"),
        ("Asia/Tokyo", datetime(2027, 3, 1, 16, tzinfo=UTC), "01:00-02:00 on 2 March 2027"),
    ],
)
def test_a_span_is_written_in_the_days_of_its_own_zone(zone: str, starts_at: datetime, words: str) -> None:
    assert span_words(Span(starts_at, starts_at + timedelta(hours=1)), ZoneInfo(zone)) == words


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [(9 * 60, 10 * 60, 1), (23 * 60, 24 * 60, 1), (23 * 60, 60, 2), (10 * 60, 10 * 60, 24)],
)
def test_an_end_that_is_not_after_the_start_is_on_the_next_day(start: int, end: int, hours: int) -> None:
    assert wall_length(start, end) == timedelta(hours=hours)


def test_an_end_is_written_in_its_own_zone() -> None:
    end = datetime(2027, 3, 1, 20, tzinfo=UTC)
    span = Span(end - timedelta(hours=1), end)
    assert [wall_end(span, ZoneInfo(zone)) for zone in ("America/New_York", "Asia/Tokyo")] == ["15:00", "05:00"]


def test_a_day_whose_midnight_is_skipped_refuses_midnight() -> None:
    cairo = ZoneInfo("Africa/Cairo")  # its clocks go forward at 00:00 on the last Friday of April
    with pytest.raises(SkippedTime):
        instant_of(date(2027, 4, 30), 0, cairo)


@given(
    day=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    minutes=st.integers(0, 1439),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]),
)
def test_every_wall_time_that_is_accepted_reads_the_same_again(day: date, minutes: int, zone: str) -> None:
    try:
        instant = instant_of(day, minutes, ZoneInfo(zone))
    except SkippedTime:
        return
    wall = instant.astimezone(ZoneInfo(zone))
    assert (wall.date(), wall.hour * 60 + wall.minute) == (day, minutes)


@pytest.mark.parametrize("text", ["9:30", "24:01", "25:00", "09:60", "0930", "", "ab:cd", "٠٩٣٠", "09-30"])
def test_what_is_no_hh_mm_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^Please enter a time such as 09:30\.$"):
        minutes_of_day(text)


@pytest.mark.parametrize("text", ["14:30", "１４：３０", "١٤:٣٠", "१४:३०", "14∶30", "১৪：৩০"])
def test_the_digits_and_the_colon_of_any_keyboard_do(text: str) -> None:
    assert minutes_of_day(text) == 14 * 60 + 30


@pytest.mark.parametrize("text", ["0", "0.00", "0.99", "250.01", "1e9", "1000000000", "abc", "-5", "", "1.234", "NaN"])
def test_what_is_no_price_or_out_of_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="price"):
        price_in_range(text)


@pytest.mark.parametrize(("text", "cents"), [("1.00", 100), ("250.00", 25_000), ("45.5", 4_550), ("45", 4_500)])
def test_prices_from_one_to_250_dollars_are_exact_cents(text: str, cents: int) -> None:
    assert price_in_range(text) == cents
