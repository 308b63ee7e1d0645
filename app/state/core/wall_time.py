"""How times read for people: exact instants (aware UTC) and a zone go in, words come out, in the clock of whoever is
being drawn for (`region`).

Where the clocks go back and an hour comes twice, its offset is named.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.state.core.region import current_region

WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = tuple(name[:3] for name in WEEKDAY_NAMES)
MONTHS = tuple(name[:3] for name in MONTH_NAMES)
NEAR_DAYS = {-1: "Yesterday", 0: "Today", 1: "Tomorrow"}


def day_words(instant: datetime, zone: ZoneInfo, now: datetime) -> str:
    """ "Today", "Tomorrow", "Yesterday", "Tue 24 Nov", with the year when it is another one than now."""
    day, today = instant.astimezone(zone).date(), now.astimezone(zone).date()
    near = NEAR_DAYS.get((day - today).days)
    if near:
        return near
    words = f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"
    return words if day.year == today.year else f"{words} {day.year}"


def time_words(instant: datetime, zone: ZoneInfo) -> str:
    """ "14:30", or "2:30 PM" where the person's system counts twelve hours; "01:00 EST" where that hour comes twice."""
    wall = instant.astimezone(zone)
    words = f"{wall:%H:%M}" if current_region().uses_24_hours else f"{wall.hour % 12 or 12}:{wall:%M %p}"
    return f"{words} {_offset_words(wall)}" if _comes_twice(wall) else words


def until_words(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> str:
    """The end of a span as a wall time: "15:15", "01:00 (next day)"; midnight ends the day of the start."""
    words = time_words(ends_at, zone)
    day, wall = starts_at.astimezone(zone).date(), ends_at.astimezone(zone)
    return words if wall.date() == day or wall.time() == time() else f"{words} (next day)"


def times_words(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> str:
    """ "14:30–15:15", "23:00–01:00 (next day)"."""
    return f"{time_words(starts_at, zone)}–{until_words(starts_at, ends_at, zone)}"


def instants_of(day: date, minutes: int, zone: ZoneInfo) -> tuple[datetime, ...]:
    """The exact times of a wall time: none where a clock change skips it, two where the clocks go back over it.

    `minutes` since midnight, 0..1439. By PEP 495, as the backend does it.
    """
    wall = datetime.combine(day, time(minutes // 60, minutes % 60), zone)
    found = (wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    there = [at for at in found if at.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None)]
    return tuple(dict.fromkeys(there))


def _comes_twice(wall: datetime) -> bool:
    return wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()


def _offset_words(wall: datetime) -> str:
    """The letters that the zone uses; UTC+3 where it has none, or the same ones for both."""
    name, other = wall.tzname() or "", wall.replace(fold=1 - wall.fold).tzname()
    if name.isalpha() and name != other:
        return name
    minutes = int((wall.utcoffset() or timedelta()).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}{f':{rest:02d}' if rest else ''}"


def month_from(month: date, by: int) -> date:
    """The first day of the month that lies `by` months from that of `month`."""
    months = month.year * 12 + month.month - 1 + by
    return date(months // 12, months % 12 + 1, 1)


WEEKS_AHEAD = 5
"""So many weeks a calendar shows at first, this one with them: the end of a month is no dead end."""


def days_ahead(today: date, week_starts_on: int) -> tuple[date, ...]:
    """The days of this week and the weeks after it that a calendar shows at first. `week_starts_on`: Monday is 0."""
    first = today - timedelta(days=(today.weekday() - week_starts_on) % 7)
    return tuple(first + timedelta(days=each) for each in range(7 * WEEKS_AHEAD))


def months_in_view(month: date, today: date, week_starts_on: int) -> tuple[date, ...]:
    """The months (by first day) that a calendar shows on the page of `month`: its first page goes on into the next."""
    if month > today:
        return (month,)
    shown = (day.replace(day=1) for day in days_ahead(today, week_starts_on) if day >= today)
    return tuple(dict.fromkeys(shown))


def day_within(instant: datetime, zone: ZoneInfo, now: datetime) -> str:
    """The same within a sentence: "today", "Tue 24 Nov"."""
    day = day_words(instant, zone, now)
    return day.lower() if day in NEAR_DAYS.values() else day


def moment_words(instant: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Within a sentence: "today 14:30", "Tue 24 Nov 14:30"."""
    return f"{day_within(instant, zone, now)} {time_words(instant, zone)}"


def zone_words(zone: ZoneInfo | str) -> str:
    """The place of an IANA zone: "America/New_York" -> "New York"."""
    return str(zone).rsplit("/", 1)[-1].replace("_", " ")


def same_clock(instant: datetime, zone: ZoneInfo, other_zone: ZoneInfo) -> bool:
    """Whether clocks in both zones show the same at that instant: then naming the zone says nothing."""
    return instant.astimezone(zone).utcoffset() == instant.astimezone(other_zone).utcoffset()


def span_words(starts_at: datetime, ends_at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """ "Today 14:30–15:15"; `zone` is the viewer's own."""
    return f"{day_words(starts_at, zone, now)} {times_words(starts_at, ends_at, zone)}"


def duration_words(seconds: float | timedelta) -> str:
    """ "45 min", "1 h", "1 h 30 min"; whole minutes."""
    total_s = seconds.total_seconds() if isinstance(seconds, timedelta) else seconds
    hours, minutes = divmod(round(total_s / 60), 60)
    parts = [f"{hours} h"] if hours else []
    if minutes or not hours:
        parts.append(f"{minutes} min")
    return " ".join(parts)


def countdown_words(seconds: float | timedelta) -> str:
    """What is left, rounded up: "45 s", "12 min", "2 h 5 min", "3 days"; "now" when nothing is left."""
    total_s = seconds.total_seconds() if isinstance(seconds, timedelta) else seconds
    if total_s <= 0:
        return "now"
    if total_s < 60:
        return f"{max(1, round(total_s))} s"
    minutes = -(-int(total_s) // 60)
    if minutes < 24 * 60:
        return duration_words(minutes * 60)
    days = round(minutes / (24 * 60))
    return "1 day" if days == 1 else f"{days} days"


def clock_words(seconds: float | timedelta) -> str:
    """A running clock: "9:05" minutes and seconds, "1:09:05" from an hour on."""
    total_s = max(0, int(seconds.total_seconds() if isinstance(seconds, timedelta) else seconds))
    hours, rest = divmod(total_s, 3600)
    minutes, left_s = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{left_s:02d}" if hours else f"{minutes}:{left_s:02d}"


def zone_or(name: str, fallback: ZoneInfo) -> ZoneInfo:
    """The IANA zone of that name; the fallback when this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError; odd names raise the other two
        return fallback
