"""How the clock and the week are written where this person lives: as their system has it, not as we like it.

Weeks by the Unicode CLDR (Babel). The clock is the system's own setting, which people change.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from babel import Locale, UnknownLocaleError, default_locale

MONDAY = 0


@dataclass(frozen=True)
class Region:
    """`week_starts_on` counts from Monday, 0, to Sunday, 6. `language` is its tag (BCP 47), such as "en-GB"."""

    uses_24_hours: bool = True
    week_starts_on: int = MONDAY
    language: str = field(default="", compare=False)


def region_of(written: str, uses_24_hours: bool | None = None) -> Region:
    """The region of a locale such as "en-US" or "de_DE.UTF-8"; what it does not tell is as in `Region`.

    `uses_24_hours` is the system's own setting, None where it tells none.
    """
    try:
        locale = Locale.parse(written.split(".")[0].split("@")[0].replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError):
        return Region(uses_24_hours is not False)
    if locale.territory is None or locale.variant:  # "en" alone, or the C locale, which Babel has as en_US_POSIX
        return Region(uses_24_hours is not False)
    if uses_24_hours is None:
        pattern = re.sub(r"'[^']*'", "", str(locale.time_formats["short"]))  # without what stands there as it is
        uses_24_hours = not {"h", "K"} & set(pattern)
    return Region(uses_24_hours, locale.first_week_day, str(locale).replace("_", "-"))


def machine_region(uses_24_hours: bool) -> Region:
    """This machine's, whose clock Flutter tells (`Page.media`)."""
    return region_of(default_locale("LC_TIME") or "", uses_24_hours)


def _usual() -> Region:
    return Region()


_find: Callable[[], Region] = _usual


def find_region_by(find: Callable[[], Region]) -> None:
    """`find` answers for whoever is being drawn for now: one process draws for many (`app.wiring`)."""
    global _find
    _find = find


def current_region() -> Region:
    """The region of the person for whom something is being drawn now."""
    return _find()
