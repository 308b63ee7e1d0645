"""From a professional's wall time to exact time, and what a slot may be: pure."""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from backend.kit.errors import BusinessError, InvalidPayload
from backend.kit.money import format_price, parse_price

MIN_PRICE_MINOR = 100
MAX_PRICE_MINOR = 25_000
MIN_LENGTH = timedelta(minutes=5)
MAX_LENGTH = timedelta(hours=8)
MAX_REPEAT_WEEKS = 25
FURTHEST_AHEAD = timedelta(days=730)
RESTORE_WITHIN = timedelta(minutes=10)

_DAY_MINUTES = 24 * 60
_WALL_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


class SlotStatus(StrEnum):
    """What a slot is to its professional; held: someone is paying for it just now."""

    FREE = "free"
    HELD = "held"
    BOOKED = "booked"


class SlotOverlaps(BusinessError):
    """Another slot of the same professional is in the way; `detail` names it."""

    status = 409
    detail = "You already offer a slot at this time."


@dataclass(frozen=True)
class Span:
    """An exact time from `starts_at` up to `ends_at`, aware UTC."""

    starts_at: datetime
    ends_at: datetime


class SkippedTime(ValueError):
    """A wall time that a clock change leaves out."""


def price_in_range(text: str) -> int:
    """Cents; ValueError (its text is for people) for what is no price or out of range."""
    price_minor = parse_price(text)
    if not MIN_PRICE_MINOR <= price_minor <= MAX_PRICE_MINOR:
        raise ValueError(
            f"The price must be between ${format_price(MIN_PRICE_MINOR)} and ${format_price(MAX_PRICE_MINOR)}."
        )
    return price_minor


def minutes_of_day(text: str) -> int:
    """`"09:30"` as minutes since midnight, `"24:00"` as the end of the day; ValueError (for people) otherwise."""
    if text == "24:00":
        return _DAY_MINUTES
    match = _WALL_TIME.fullmatch(text)
    if match is None:
        raise ValueError("Please enter a time such as 09:30.")
    return int(match[1]) * 60 + int(match[2])


def instant_of(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The exact time of a wall time. SkippedTime if a clock change leaves it out; one that happens twice is the first.

    Works as PEP 495 says: a wall time exists if it survives the way to UTC and back. 24:00 always does: a day ends
    also where the clocks go forward at that midnight.
    """
    if minutes == _DAY_MINUTES:
        return end_of(day, zone)
    wall = datetime.combine(day, time(minutes // 60, minutes % 60), zone)
    instant = wall.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != wall.replace(tzinfo=None):
        raise SkippedTime(f"{wall:%H:%M} does not exist on {day_words(day)}: the clocks change then.")
    return instant


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The exact time at which a day ends and the next one begins."""
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def day_words(day: date) -> str:
    """A date for a sentence: `24 November 2026`."""
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"


def span_words(span: Span, zone: ZoneInfo) -> str:
    """A time for a sentence: `14:30-15:15 on 24 November 2026`."""
    starts_at = span.starts_at.astimezone(zone)
    return f"{starts_at:%H:%M}-{wall_end(span, zone)} on {day_words(starts_at.date())}"


def wall_end(span: Span, zone: ZoneInfo) -> str:
    """The end as a wall time; `24:00` if that is the midnight which ends the day of the start."""
    ends_the_day = span.ends_at == end_of(span.starts_at.astimezone(zone).date(), zone)
    return "24:00" if ends_the_day else f"{span.ends_at.astimezone(zone):%H:%M}"


def wanted_spans(day: date, start: int, end: int, repeat_weeks: int, zone: ZoneInfo, now: datetime) -> list[Span]:
    """The exact times of a new slot and its weekly repeats; InvalidPayload names the field of what cannot be."""
    if end <= start:
        raise InvalidPayload({"end_time": "The end must be after the start. For midnight use 24:00."})
    if day > (now + FURTHEST_AHEAD).date():
        raise InvalidPayload({"date": "Please choose a date within the next two years."})
    if day < now.astimezone(zone).date():
        raise InvalidPayload({"date": "This day is over."})
    spans = list(_each_week(day, start, end, repeat_weeks, zone))
    if spans[0].starts_at <= now:
        raise InvalidPayload({"start_time": "This time is over. Please choose a later one."})
    return spans


def _each_week(day: date, start: int, end: int, repeat_weeks: int, zone: ZoneInfo) -> Iterator[Span]:
    for week in range(repeat_weeks + 1):
        this_day = day + timedelta(weeks=week)
        span = Span(_existing(this_day, start, zone, "start_time"), _existing(this_day, end, zone, "end_time"))
        length = span.ends_at - span.starts_at
        if length < MIN_LENGTH:
            raise InvalidPayload({"end_time": f"A slot lasts at least 5 minutes ({day_words(this_day)})."})
        if length > MAX_LENGTH:
            raise InvalidPayload({"end_time": f"A slot lasts at most 8 hours ({day_words(this_day)})."})
        yield span


def _existing(day: date, minutes: int, zone: ZoneInfo, field: str) -> datetime:
    try:
        return instant_of(day, minutes, zone)
    except SkippedTime as error:
        raise InvalidPayload({field: str(error)}) from error
