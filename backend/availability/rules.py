"""From a professional's wall time to exact time, and what a slot may be: pure."""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from backend.kit.errors import BusinessError, InvalidPayload
from backend.kit.money import MAX_PRICE_MINOR, MIN_PRICE_MINOR, format_price, parse_price
from backend.kit.text import plain_digits

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


class Which(StrEnum):
    """Which of two equal wall times is meant, on the night on which the clocks go back."""

    FIRST = "first"
    SECOND = "second"


class SlotOverlaps(BusinessError):
    """Another slot of the same professional is in the way; `detail` names it."""

    status = 409
    detail = "You already offer a slot at this time."


@dataclass(frozen=True)
class Span:
    """An exact time from `starts_at` up to `ends_at`, aware UTC."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class SkippedDate:
    """A date of a series that has no such start; `reason` is for people."""

    day: date
    reason: str


class SkippedTime(ValueError):
    """A wall time that a clock change leaves out."""


def price_in_range(text: str, minimum_minor: int = MIN_PRICE_MINOR) -> int:
    """Cents; ValueError (its text is for people) for what is no price or out of range."""
    price_minor = parse_price(text)
    if not minimum_minor <= price_minor <= MAX_PRICE_MINOR:
        raise ValueError(
            f"The price must be between ${format_price(minimum_minor)} and ${format_price(MAX_PRICE_MINOR)}."
        )
    return price_minor


def minutes_of_day(text: str) -> int:
    """`"09:30"` as minutes since midnight, `"24:00"` as the end of the day; ValueError (for people) otherwise.

    The digits and the colon of any keyboard do.
    """
    text = plain_digits(text)
    if text == "24:00":
        return _DAY_MINUTES
    match = _WALL_TIME.fullmatch(text)
    if match is None:
        raise ValueError("Please enter a time such as 09:30.")
    return int(match[1]) * 60 + int(match[2])


def instant_of(day: date, minutes: int, zone: ZoneInfo, which: Which = Which.FIRST) -> datetime:
    """The exact time of a wall time. SkippedTime if a clock change leaves it out; `which` counts where it comes twice.

    Works as PEP 495 says: a wall time exists if it survives the way to UTC and back. 24:00 always does: a day ends
    also where the clocks go forward at that midnight.
    """
    if minutes == _DAY_MINUTES:
        return end_of(day, zone)
    fold = int(which is Which.SECOND)
    wall = datetime.combine(day, time(minutes // 60, minutes % 60, fold=fold), zone)
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


def time_words(instant: datetime, zone: ZoneInfo) -> str:
    """`14:30`; with its offset's name where that hour comes twice: `01:00 EST`, `02:30 UTC+3`."""
    wall = instant.astimezone(zone)
    return f"{wall:%H:%M} {_offset_words(wall)}" if _comes_twice(wall) else f"{wall:%H:%M}"


def _comes_twice(wall: datetime) -> bool:
    return wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()


def _offset_words(wall: datetime) -> str:
    """The letters that the zone uses; UTC+3 where it has none, or the same ones for both."""
    name, other = wall.tzname() or "", wall.replace(fold=1 - wall.fold).tzname()
    if name.isalpha() and name != other:
        return name
    minutes = (wall.utcoffset() or timedelta()) // timedelta(minutes=1)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}{f':{rest:02d}' if rest else ''}"


def span_words(span: Span, zone: ZoneInfo) -> str:
    """A time for a sentence: `14:30-15:15 on 24 November 2026`, `23:00-01:00 (next day) on 24 November 2026`."""
    day = span.starts_at.astimezone(zone).date()
    end = wall_end(span, zone)
    if end != "24:00":
        end = time_words(span.ends_at, zone)
        if span.ends_at.astimezone(zone).date() != day:
            end = f"{end} (next day)"
    return f"{time_words(span.starts_at, zone)}-{end} on {day_words(day)}"


def wall_end(span: Span, zone: ZoneInfo) -> str:
    """The end as a wall time; `24:00` if that is the midnight which ends the day of the start."""
    ends_the_day = span.ends_at == end_of(span.starts_at.astimezone(zone).date(), zone)
    return "24:00" if ends_the_day else f"{span.ends_at.astimezone(zone):%H:%M}"


@dataclass(frozen=True)
class Wanted:
    """The exact times of a new slot and its weekly repeats, and the dates that have no such time."""

    spans: list[Span]
    left_out: list[SkippedDate]


def wall_length(start: int, end: int) -> timedelta:
    """From one wall time to the next, as it is typed; an end that is not after the start is on the next day."""
    return timedelta(minutes=end - start if end > start else end - start + _DAY_MINUTES)


def wanted_spans(
    day: date, start: int, end: int, repeat_weeks: int, zone: ZoneInfo, now: datetime, which: Which = Which.FIRST
) -> Wanted:
    """The exact times of a new slot and its weekly repeats; InvalidPayload names the field of what cannot be.

    Each lasts as long as was typed, whatever the clocks do meanwhile: that length is what its price buys. A repeat
    whose start a clock change skips is left out; only if none is left it is refused.
    """
    length = _checked_length(start, end)
    if day > (now + FURTHEST_AHEAD).date():
        raise InvalidPayload({"date": "Please choose a date within the next two years."})
    if day < now.astimezone(zone).date():
        raise InvalidPayload({"date": "This day is over."})
    wanted = Wanted([], [])
    for week in range(repeat_weeks + 1):
        this_day = day + timedelta(weeks=week)
        try:
            starts_at = instant_of(this_day, start, zone, which)
        except SkippedTime as skipped:
            wanted.left_out.append(SkippedDate(this_day, str(skipped)))
        else:
            wanted.spans.append(Span(starts_at, starts_at + length))
    if not wanted.spans:
        raise InvalidPayload({"start_time": wanted.left_out[0].reason})
    if wanted.spans[0].starts_at <= now:
        raise InvalidPayload({"start_time": "This time is over. Please choose a later one."})
    return wanted


def _checked_length(start: int, end: int) -> timedelta:
    if start == _DAY_MINUTES:
        raise InvalidPayload({"start_time": "24:00 can only be an end. For midnight use 00:00 of the next day."})
    length = wall_length(start, end)
    if end <= start and length > MAX_LENGTH:
        raise InvalidPayload({"end_time": "The end must be after the start. Over midnight a slot lasts up to 8 hours."})
    if length < MIN_LENGTH:
        raise InvalidPayload({"end_time": "A slot lasts at least 5 minutes."})
    if length > MAX_LENGTH:
        raise InvalidPayload({"end_time": "A slot lasts at most 8 hours."})
    return length
