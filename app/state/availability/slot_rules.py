"""What a professional types to offer an hour, read and judged: pure rules, the same that the backend enforces.

Wall times are minutes since midnight in the professional's own zone (0..1440; 1440, "24:00", only ends a slot). A slot
lasts from its start as long as was typed, by the wall, whatever the clocks do meanwhile; an end that is not after the
start is on the next day. Prices are minor units (cents). Nothing here does I/O.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.state.core.wall_time import MONTHS, WEEKDAYS, instants_of, time_words, times_words

END_OF_DAY = 24 * 60
SHORTEST_MIN = 5
LONGEST_MIN = 8 * 60
CHEAPEST_MINOR = 100
DEAREST_MINOR = 25_000
MOST_REPEATS = 25

TIME_HINT = "Enter a time such as 9:30 or 14:00."
PRICE_HINT = "Enter a price such as 45 or 45.50."
THE_END = "The end must be after the start. A slot that goes past midnight lasts up to 8 hours."

_UTC, _LONG_AGO = ZoneInfo("UTC"), datetime.min.replace(tzinfo=UTC)
_CLOCK = re.compile(r"([0-9]{1,2})(?:[:.h ]?([0-9]{2}))?(?:\s*([ap])\.?m?\.?)?", re.IGNORECASE)
_MONEY = re.compile(r"\$?\s*([0-9]{1,6})(?:[.,]([0-9]{0,2}))?")


_SEPARATORS = str.maketrans({"٫": ".", "،": ",", "∶": ":", "꞉": ":", "։": ":", "。": ".", "\u2009": " "})


def plain_digits(text: str) -> str:
    """Digits and separators of any keyboard as ASCII writes them: `１４：３０` and `١٤:٣٠` are `14:30`."""
    digits = (str(unicodedata.decimal(letter, letter)) for letter in text.translate(_SEPARATORS))
    return unicodedata.normalize("NFKC", "".join(digits))


def parse_time(text: str, *, ends: bool = False) -> int | None:
    """Minutes since midnight for `9`, `930`, `0930`, `9:30`, `09.30`, `2pm`; None when it is no time.

    `ends=True` also takes `24:00`, the midnight that closes a day.
    """
    found = _CLOCK.fullmatch(plain_digits(text).strip())
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
    """Minor units for `45`, `45.5`, `45,50`, `$45.00`; None when it is no price. `price_error` judges the range."""
    found = _MONEY.fullmatch(plain_digits(text).strip())
    if not found:
        return None
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def price_words(minor: int) -> str:
    """`4550` -> `45.50`, the form that the field shows."""
    return f"{minor // 100}.{minor % 100:02d}"


def price_error(text: str, cheapest_minor: int = CHEAPEST_MINOR, dearest_minor: int = DEAREST_MINOR) -> str:
    """What is wrong with a typed price, in words; empty when nothing is. The bounds are the backend's."""
    minor = parse_price(text)
    if minor is None:
        return PRICE_HINT
    if cheapest_minor <= minor <= dearest_minor:
        return ""
    return f"The price must be between ${price_words(cheapest_minor)} and ${price_words(dearest_minor)}."


@dataclass(frozen=True)
class TakenSpan:
    """A slot that there is already, in exact time."""

    starts_at: datetime
    ends_at: datetime

    def words(self, zone: ZoneInfo) -> str:
        return times_words(self.starts_at, self.ends_at, zone)


@dataclass(frozen=True)
class SlotDraft:
    """The form as typed, for `day` in `zone`. `second` of two where the clocks go back and the start comes twice."""

    day: date
    start: str = ""
    end: str = ""
    price: str = ""
    taken: tuple[TakenSpan, ...] = ()
    zone: ZoneInfo = _UTC
    now: datetime = _LONG_AGO
    second: bool = False
    repeats: bool = False
    cheapest_minor: int = CHEAPEST_MINOR
    dearest_minor: int = DEAREST_MINOR

    @property
    def starts(self) -> int | None:
        return parse_time(self.start)

    @property
    def ends(self) -> int | None:
        return parse_time(self.end, ends=True)

    @property
    def length_min(self) -> int | None:
        """What is sold: from the start to the end by the wall; None while either is no time."""
        starts, ends = self.starts, self.ends
        return None if starts is None or ends is None else wall_length(starts, ends)

    @property
    def choices(self) -> tuple[datetime, ...]:
        """The exact times that the start can mean: two on the night on which the clocks go back over it."""
        return () if self.starts is None else instants_of(self.day, self.starts, self.zone)

    @property
    def starts_at(self) -> datetime | None:
        """None for no time, and for one that a clock change skips."""
        return self.choices[-1 if self.second else 0] if self.choices else None

    def overlap(self) -> dict[str, str]:
        """The field that runs into one of the slots -> which one. Judged while typing; a start may suffice."""
        starts_at, length = self.starts_at, self.length_min
        if starts_at is None:
            return {}
        whole = length is not None and length <= LONGEST_MIN
        until = starts_at + timedelta(minutes=length if whole and length else 1)
        over = next((span for span in self.taken if span.starts_at < until and starts_at < span.ends_at), None)
        if over is None:
            return {}
        field = "start_time" if over.starts_at <= starts_at else "end_time"
        return {field: f"Overlaps your {over.words(self.zone)} slot."}

    def field_errors(self) -> dict[str, str]:
        """Field -> what is wrong with it; empty when the slot may be sent. Fields: start_time, end_time, price."""
        found = self.overlap()
        starts, length = self.starts, self.length_min
        if starts is None:
            found["start_time"] = TIME_HINT
        elif self.starts_at is None and not self.repeats:  # of a series only that date is left out
            found["start_time"] = f"{wall_words(starts)} does not exist on this day, because the clocks change."
        elif self.starts_at is not None and self.starts_at <= self.now:
            found["start_time"] = "This time has already passed."
        if self.ends is None:
            found["end_time"] = TIME_HINT
        elif length is not None and (error := _length_error(length, over_midnight=self.ends <= (starts or 0))):
            found["end_time"] = error
        if error := price_error(self.price, self.cheapest_minor, self.dearest_minor):
            found["price"] = error
        return found


def wall_length(starts: int, ends: int) -> int:
    """Minutes from one wall time to the next; an end that is not after the start is on the next day."""
    return ends - starts if ends > starts else ends - starts + END_OF_DAY


def choice_words(choices: tuple[datetime, ...], zone: ZoneInfo) -> list[tuple[str, str]]:
    """Which of two equal times, for a choice: ("first", "02:30 CEST (first)"), ("second", "02:30 CET (second)")."""
    return [
        (which, f"{time_words(at, zone)} ({which})") for which, at in zip(("first", "second"), choices, strict=True)
    ]


def date_words(day: date) -> str:
    """ "Tue 24 Nov"."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"


def repeat_words(day: date, weeks: int) -> str:
    """What repeating for so many weeks means: "Only Tue 24 Nov", "1 more week, until 1 Dec"."""
    last = day + timedelta(weeks=weeks)
    if not weeks:
        return f"Only {date_words(day)}"
    return f"{weeks} more week{'' if weeks == 1 else 's'}, until {last.day} {MONTHS[last.month - 1]}"


def _length_error(minutes: int, *, over_midnight: bool) -> str:
    if minutes > LONGEST_MIN:
        return THE_END if over_midnight else f"A slot lasts at most {LONGEST_MIN // 60} hours."
    return f"A slot lasts at least {SHORTEST_MIN} minutes." if minutes < SHORTEST_MIN else ""


@dataclass(frozen=True)
class Proposal:
    """Where the next slot goes: minutes of the day, and whether it is the second of two equal times."""

    start: int
    end: int
    second: bool


def next_proposal(
    starts_at: datetime, length_min: int, taken: Iterable[TakenSpan], day: date, zone: ZoneInfo
) -> Proposal | None:
    """The next slot of that length: after the one at `starts_at`, past what is taken; None when the day is full."""
    length = timedelta(minutes=length_min)
    at = starts_at + length
    for span in sorted(taken, key=lambda span: span.starts_at):
        if span.starts_at < at + length and at < span.ends_at:
            at = span.ends_at
    wall = at.astimezone(zone)
    start = wall.hour * 60 + wall.minute
    if wall.date() != day or start + length_min > END_OF_DAY:
        return None
    return Proposal(start, start + length_min, bool(wall.fold))
