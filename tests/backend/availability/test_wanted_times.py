"""Which new slots may be offered, and what is said of those that are over, too far ahead, too short or too long."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from backend.availability.rules import FURTHEST_AHEAD, wanted_spans
from backend.kit.errors import InvalidPayload

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
NOW = datetime(2027, 3, 1, 23, 30, tzinfo=UTC)
"""The second of March in Berlin already, 00:30; half past six in the evening of the first in New York."""
HOUR = 60
DAY_OVER = {"date": "This day is over."}
TIME_OVER = {"start_time": "This time is over. Please choose a later one."}
TOO_FAR = {"date": "Please choose a date within the next two years."}
NO_START = {"start_time": "24:00 can only be an end. For midnight use 00:00 of the next day."}
NO_END = {"end_time": "The end must be after the start. Over midnight a slot lasts up to 8 hours."}
TOO_SHORT = {"end_time": "A slot lasts at least 5 minutes."}
TOO_LONG = {"end_time": "A slot lasts at most 8 hours."}


@pytest.mark.parametrize(
    ("zone", "day", "start", "starts_at"),
    [
        (NEW_YORK, date(2027, 3, 1), 18 * HOUR + 31, NOW + timedelta(minutes=1)),
        (BERLIN, date(2027, 3, 2), 31, NOW + timedelta(minutes=1)),
        (BERLIN, (NOW + FURTHEST_AHEAD).date(), 9 * HOUR, datetime(2029, 2, 28, 8, tzinfo=UTC)),
    ],
)
def test_a_slot_is_offered_from_now_on_and_up_to_two_years_ahead(
    zone: ZoneInfo, day: date, start: int, starts_at: datetime
) -> None:
    (span,) = wanted_spans(day, start, start + HOUR, 0, zone, NOW).spans
    assert (span.starts_at, span.ends_at) == (starts_at, starts_at + timedelta(hours=1))


@pytest.mark.parametrize(
    ("zone", "day", "fields"),
    [
        (BERLIN, date(2027, 3, 1), DAY_OVER),
        (NEW_YORK, date(2027, 2, 28), DAY_OVER),
        (BERLIN, (NOW + FURTHEST_AHEAD).date() + timedelta(days=1), TOO_FAR),
    ],
)
def test_a_day_that_is_over_or_too_far_ahead_is_refused(zone: ZoneInfo, day: date, fields: dict[str, str]) -> None:
    with pytest.raises(InvalidPayload) as refused:
        wanted_spans(day, 23 * HOUR, 24 * HOUR, 0, zone, NOW)
    assert refused.value.extra == {"fields": fields}


@pytest.mark.parametrize(
    ("start", "end", "length_min"),
    [(HOUR, HOUR + 5, 5), (9 * HOUR, 17 * HOUR, 8 * HOUR), (20 * HOUR, 4 * HOUR, 8 * HOUR)],
)
def test_a_slot_lasts_from_five_minutes_to_eight_hours(start: int, end: int, length_min: int) -> None:
    (span,) = wanted_spans(date(2027, 3, 3), start, end, 0, BERLIN, NOW).spans
    assert span.ends_at - span.starts_at == timedelta(minutes=length_min)


@pytest.mark.parametrize(
    ("start", "end", "fields"),
    [
        (30, HOUR, TIME_OVER),
        (24 * HOUR, HOUR, NO_START),
        (HOUR, HOUR, NO_END),
        (20 * HOUR, 4 * HOUR + 1, NO_END),
        (HOUR, HOUR + 4, TOO_SHORT),
        (23 * HOUR + 58, 2, TOO_SHORT),
        (9 * HOUR, 17 * HOUR + 1, TOO_LONG),
    ],
)
def test_a_time_that_is_over_and_a_length_that_cannot_be_are_refused(
    start: int, end: int, fields: dict[str, str]
) -> None:
    with pytest.raises(InvalidPayload) as refused:
        wanted_spans(date(2027, 3, 2), start, end, 0, BERLIN, NOW)
    assert refused.value.extra == {"fields": fields}
