"""What a professional types to offer an hour, read and judged: pure rules, the same that the backend enforces.

Wall times are minutes since midnight in the professional's own zone (0..1440; 1440, "24:00", only ends a slot).
Prices are minor units (cents). Nothing here does I/O.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from app.state.wall_time import MONTHS, WEEKDAYS

END_OF_DAY = 24 * 60
SHORTEST_MIN = 5
LONGEST_MIN = 8 * 60
CHEAPEST_MINOR = 100
DEAREST_MINOR = 25_000
MOST_REPEATS = 25

TIME_HINT = "Give a time such as 9:30 or 14:00."
PRICE_HINT = "Give a price such as 45 or 45.50."
PRICE_RANGE = "The price has to be between $1.00 and $250.00."

_CLOCK = re.compile(r"([0-9]{1,2})(?:[:.h ]?([0-9]{2}))?(?:\s*([ap])\.?m?\.?)?", re.IGNORECASE)
_MONEY = re.compile(r"\$?\s*([0-9]{1,6})(?:[.,]([0-9]{0,2}))?")


def parse_time(text: str, *, ends: bool = False) -> int | None:
    """Minutes since midnight for `9`, `930`, `0930`, `9:30`, `09.30`, `2pm`; None when it is no time.

    `ends=True` also takes `24:00`, the midnight that closes a day.
    """
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    at = hour * 60 + minute
    if minute > 59 or at > END_OF_DAY or (at == END_OF_DAY and not ends):
        return None
    return at


def wall_words(at: int) -> str:
    """`570` -> `09:30`, the form that the fields show and the wire carries."""
    return f"{at // 60:02d}:{at % 60:02d}"


def parse_price(text: str) -> int | None:
    """Minor units for `45`, `45.5`, `45,50`, `$45.00`; None when it is no price. `price_fault` judges the range."""
    found = _MONEY.fullmatch(text.strip())
    if not found:
        return None
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def price_words(minor: int) -> str:
    """`4550` -> `45.50`, the form that the field shows."""
    return f"{minor // 100}.{minor % 100:02d}"


def price_fault(text: str) -> str:
    """What is wrong with a typed price, in words; empty when nothing is."""
    minor = parse_price(text)
    if minor is None:
        return PRICE_HINT
    return "" if CHEAPEST_MINOR <= minor <= DEAREST_MINOR else PRICE_RANGE


@dataclass(frozen=True)
class TakenSpan:
    """A slot that the day already has, in minutes of that day; it may begin before (negative) or end after it."""

    start: int
    end: int

    def words(self) -> str:
        return f"{wall_words(max(self.start, 0))}–{wall_words(min(self.end, END_OF_DAY))}"


@dataclass(frozen=True)
class SlotDraft:
    """The form as typed. `now` is the minute the day has reached: 0 for a day to come, END_OF_DAY for a past one."""

    start: str = ""
    end: str = ""
    price: str = ""
    taken: tuple[TakenSpan, ...] = ()
    now: int = 0

    @property
    def starts(self) -> int | None:
        return parse_time(self.start)

    @property
    def ends(self) -> int | None:
        return parse_time(self.end, ends=True)

    def overlap(self) -> dict[str, str]:
        """The field that runs into one of the day's slots -> which one. Judged while typing; a start may suffice."""
        starts, ends = self.starts, self.ends
        if starts is None:
            return {}
        until = ends if ends is not None and ends > starts else starts + 1
        over = next((span for span in self.taken if span.start < until and starts < span.end), None)
        if over is None:
            return {}
        return {"start_time" if over.start <= starts else "end_time": f"Overlaps your {over.words()} slot."}

    def faults(self) -> dict[str, str]:
        """Field -> what is wrong with it; empty when the slot may be sent. Fields: start_time, end_time, price."""
        found = self.overlap()
        starts, ends = self.starts, self.ends
        if starts is None:
            found["start_time"] = TIME_HINT
        elif starts < self.now:
            found["start_time"] = "This time has already passed."
        if ends is None:
            found["end_time"] = TIME_HINT
        elif starts is not None and (fault := _length_fault(ends - starts)):
            found["end_time"] = fault
        if fault := price_fault(self.price):
            found["price"] = fault
        return found


def date_words(day: date) -> str:
    """ "Tue 24 Nov"."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"


def repeat_words(day: date, weeks: int) -> str:
    """What repeating for so many weeks means: "Only Tue 24 Nov", "1 more week, until 1 Dec"."""
    last = day + timedelta(weeks=weeks)
    if not weeks:
        return f"Only {date_words(day)}"
    return f"{weeks} more week{'' if weeks == 1 else 's'}, until {last.day} {MONTHS[last.month - 1]}"


def _length_fault(minutes: int) -> str:
    if minutes <= 0:
        return "The end has to be after the start."
    if minutes < SHORTEST_MIN:
        return f"A slot lasts at least {SHORTEST_MIN} minutes."
    if minutes > LONGEST_MIN:
        return f"A slot lasts at most {LONGEST_MIN // 60} hours."
    return ""


def next_proposal(last_start: int, last_end: int, taken: Iterable[TakenSpan]) -> tuple[int, int] | None:
    """Where the next slot of that length goes: after the last one, past what is taken; None when the day is full."""
    length, starts = last_end - last_start, last_end
    for span in sorted(taken, key=lambda span: span.start):
        if span.start < starts + length and starts < span.end:
            starts = span.end
    return (starts, starts + length) if starts + length <= END_OF_DAY else None
