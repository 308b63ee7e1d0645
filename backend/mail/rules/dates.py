"""Instants as a mail's reader writes them: in their zone, day and month in the order of their region (CLDR)."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton, format_time


def english_of(language: str) -> Locale:
    """English as it is written where this tag's region is: "de-DE" gives en_DE, what is unknown gives plain English."""
    try:
        territory = Locale.parse(language.replace("-", "_")).territory
        return Locale.parse(f"en_{territory}") if territory else Locale("en")
    except (UnknownLocaleError, ValueError, TypeError):
        return Locale("en")


def day_words(instant: datetime, zone: ZoneInfo, language: str) -> str:
    """ "Tuesday, 2 March 2027", or "Tue, March 2, 2027" in the United States."""
    return format_skeleton("yMMMMEEEEd", instant.astimezone(zone), locale=english_of(language))


def time_words(instant: datetime, zone: ZoneInfo, language: str) -> str:
    """ "18:00" or "6:00 PM"; "01:00 EST" where the clocks go back and that hour comes twice."""
    wall = instant.astimezone(zone)
    words = format_time(wall.time(), "short", locale=english_of(language)).replace("\u202f", " ")
    twice = wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()
    return f"{words} {wall.tzname()}" if twice else words


def span_words(starts_at: datetime, ends_at: datetime, zone: ZoneInfo, language: str) -> str:
    """ "10:00 to 10:45", "23:00 to 01:00 (next day)"."""
    begin, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    next_day = " (next day)" if end.date() != begin.date() and end.time() != time() else ""
    return f"{time_words(starts_at, zone, language)} to {time_words(ends_at, zone, language)}{next_day}"


def place_words(zone: str) -> str:
    """The place of an IANA zone: "America/New_York" -> "New York"."""
    return zone.rpartition("/")[2].replace("_", " ")
